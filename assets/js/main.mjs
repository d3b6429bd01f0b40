// Starts the page: settings, fonts and borders once; then either the live connection or one frozen moment.

import { ServerClock } from "./clock.mjs";
import { createFormat } from "./format.mjs";
import { createMeasure } from "./measure.mjs";
import { waitUntilReady } from "./ready.mjs";
import { decideFrame, reduce } from "./reduce.mjs";
import { armSnapshot } from "./snapshot.mjs";
import { readTokens } from "./tokens.mjs";
import { createWall } from "./wall.mjs";

const BEAT_LIMIT_MS = 3000; // without a beat for so long the connection is called lost
const TICK_MS = 200;
const RETRY_MS = 3000;
const FONTS = ['500 42px "Golos Text"', '700 42px "Golos Text"'];
const monotonicMs = () => performance.now();

const fetchJson = async (path) => {
  const answer = await fetch(path);
  if (answer.status === 403) location.reload(); // the page itself then says why, and how to get in again
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};

/** Dash mounts the page some time after its scripts ran. */
const mounted = (id) =>
  new Promise((resolve) => {
    const look = () => {
      if (document.getElementById(id) && window.dash_clientside?.set_props) resolve();
      else requestAnimationFrame(look);
    };
    look();
  });

/** Whether this browser can draw the areas; the context is given back at once, browsers have few of them. */
function hasWebgl() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

const loadFonts = () =>
  Promise.race([
    Promise.all(FONTS.map((font) => document.fonts.load(font, "Ая09Az"))),
    new Promise((resolve) => setTimeout(resolve, 10_000)),
  ]);

/** A wall switched on before its server waits for it; a picture does not wait. */
async function persistently(work, isFrozen) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (isFrozen) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Settings, version or right may have changed while the server was away: then the whole page begins again. */
async function reloadIfChanged(pageName, config) {
  const now = await fetchJson(`/page/${pageName}/config.json`).catch(() => config);
  if (JSON.stringify(now) !== JSON.stringify(config)) location.reload();
}

async function run() {
  const frozen = new URLSearchParams(location.search).get("frozen");
  const isFrozen = frozen !== null;
  const pageName = "wall";
  const fetchConfig = () => fetchJson(`/page/${pageName}/config.json`);
  const [config] = await Promise.all([persistently(fetchConfig, isFrozen), mounted("scene"), loadFonts()]);
  const geojson = await persistently(() => fetchJson(config.map.url), isFrozen);
  const { withIds } = await import("./map.mjs");
  const format = createFormat(config);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const wall = createWall({
    dash: window.dash_clientside,
    config,
    format,
    measure: createMeasure(document.createElement("canvas").getContext("2d")),
    tokens: readTokens(document.documentElement),
    geojson: withIds(geojson, config.areas),
    isFrozen,
    still,
    canDrawAreas: hasWebgl(),
  });
  const clock = new ServerClock(monotonicMs);
  let state = null;
  let connection = { state: "connecting" };
  let lastBeat = monotonicMs();
  let isDirty = false;
  let isDrawing = false;

  const render = () => wall.render({ state, now: clock.now(), connection });
  const draw = () => {
    isDrawing = wall.drawMap(clock.now());
    if (isDrawing) requestAnimationFrame(draw);
  };
  const invalidate = () => {
    if (isDirty) return;
    isDirty = true;
    requestAnimationFrame(() => {
      isDirty = false;
      render();
      if (!isDrawing) draw();
    });
  };
  let silence = null;
  const say = (text, forMs = 0) => {
    clearTimeout(silence);
    window.dash_clientside.set_props("toast", { children: text });
    if (forMs) silence = setTimeout(() => window.dash_clientside.set_props("toast", { children: "" }), forMs);
  };
  new ResizeObserver(invalidate).observe(document.getElementById("scene"));
  for (const panel of wall.panels) new ResizeObserver(invalidate).observe(panel.body);

  if (isFrozen) {
    state = await fetchJson(`/frozen/${encodeURIComponent(frozen)}.json`);
    clock.set(state.at, 0);
    invalidate();
    await waitUntilReady({ wall, t: format.t, render: () => { render(); draw(); } });
    return;
  }

  const { connect } = await import("./socket.mjs");
  const setConnection = (name) => {
    if (connection.state === name) return;
    connection = { state: name };
    invalidate();
  };
  connect({
    page: pageName,
    monotonicMs,
    position: () => ({ epoch: state?.epoch ?? null, seq: state?.seq ?? null }),
    onSnapshot: (snapshot) => {
      state = snapshot;
      clock.set(snapshot.at, snapshot.rate);
      invalidate();
    },
    onFrame: (frame) => {
      const decision = decideFrame(state, frame);
      if (decision === "apply") {
        state = reduce(state, frame);
        invalidate();
      }
      return decision !== "gap";
    },
    onBeat: (beat) => {
      lastBeat = monotonicMs();
      clock.set(beat.at, beat.rate);
    },
    onState: (name) => {
      if (name === "live" && !state) return;
      if (name === "syncing" && connection.state === "lost") reloadIfChanged(pageName, config);
      if (name === "live" || name !== connection.state) lastBeat = monotonicMs();
      setConnection(name);
    },
    onRefused: () => reloadIfChanged(pageName, config),
  });
  let second = null;
  setInterval(() => {
    // Also while a question is open: a server that accepts browsers and answers nothing is no connection.
    if (["live", "syncing"].includes(connection.state) && monotonicMs() - lastBeat > BEAT_LIMIT_MS) setConnection("lost");
    const now = clock.now();
    if (now === null || Math.floor(now / 1000) === second) return;
    second = Math.floor(now / 1000);
    invalidate();
  }, TICK_MS);
  armSnapshot({ format, say, now: () => clock.now() });
}

export async function start() {
  try {
    await run();
  } catch (error) {
    console.error(error);
    const toast = document.getElementById("toast");
    if (toast) toast.textContent = error.message;
    document.documentElement.dataset.ready = "true"; // a picture of the page says why and does not wait
  }
}
