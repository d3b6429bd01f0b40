// Starts the page: settings, fonts and borders once; then either the live connection or one frozen moment.

import { ServerClock } from "./clock.mjs";
import { createFormat } from "./format.mjs";
import { withIds } from "./map.mjs";
import { createMeasure } from "./measure.mjs";
import { momentOf, playing } from "./moments.mjs";
import { waitUntilReady } from "./ready.mjs";
import { createScenes, findScene } from "./scene.mjs";
import { createScreen } from "./screen.mjs";
import { armSnapshot } from "./snapshot.mjs";
import { readTokens } from "./tokens.mjs";
import { createWall } from "./wall.mjs";

const RETRY_MS = 3000;
const PLAY_MS = 1000; // between two pictures of an archive
const FONTS = ['500 42px "Golos Text"', '700 42px "Golos Text"'];
const monotonicMs = () => performance.now();

const fetchJson = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
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

/** Show one picture of an archive after the other, up to the first that there is not (the present, for one). */
async function play(next, show) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PLAY_MS));
    try {
      show(await fetchJson(next()));
    } catch (error) {
      if (error.status !== 503) return console.info(`the archive ends: ${error.message}`);
    }
  }
}

/** An archive that is asked for the first time may still be built: the server says so with 503. */
async function fetchMoment(address, tries = 15) {
  try {
    return await fetchJson(address);
  } catch (error) {
    if (error.status !== 503 || tries === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return fetchMoment(address, tries - 1);
  }
}

async function run() {
  const asked = new URLSearchParams(location.search);
  const fixed = asked.get("scene");
  const moment = momentOf(asked, fixed);
  const isFrozen = moment !== null;
  const pageName = "wall";
  const fetchConfig = () => fetchJson(`/page/${pageName}/config.json`);
  // Everything that has to come from the server is asked for at once, while Dash still mounts the page.
  const fonts = loadFonts();
  const live = isFrozen ? null : import("./live.mjs");
  const frozen = isFrozen ? fetchMoment(moment) : null;
  const config = await persistently(fetchConfig, isFrozen);
  const borders = persistently(() => fetchJson(config.map.url), isFrozen);
  const canDrawAreas = hasWebgl();
  const { style } = document.documentElement;
  for (const side of ["width", "height"]) if (config.room) style.setProperty(`--room-${side}`, String(config.room[side] / 10));
  const format = createFormat(config);
  const clock = new ServerClock(monotonicMs);
  const scene = { ...findScene(config.scenes, fixed), stage: {}, moment: null, state: null, connection: { state: "connecting" }, banner: null, missed: null, onPainted: () => {} };
  let scenes = null;
  let wall = null; // until the page is mounted; what comes before waits in the scene
  const screen = createScreen({
    monotonicMs,
    draw: () => wall?.drawMap(scene.moment?.now ?? clock.now()) ?? false,
    paint: (waited_s) => {
      if (!wall) return;
      wall.render({ ...scene, now: clock.now(), ...scene.moment });
      scene.onPainted(waited_s);
    },
  });
  if (live) {
    const { goLive } = await live;
    goLive({ pageName, config, fetchConfig, fetchJson, fixed, wall: { report: (found) => wall?.report(found), holds: (one) => scenes?.holds(one) ?? true }, scene, screen, clock, format, monotonicMs });
  } else {
    scene.state = await frozen;
    Object.assign(scene, findScene(config.scenes, scene.state.scene));
    clock.set(scene.state.at, 0);
  }
  await mounted("scene");
  scenes = createScenes({ document, kinds: config.kinds, words: config.words });
  scenes.place(scene.scene, scene.ref); // «загрузка…» stands in its place from the start
  const [geojson] = await Promise.all([borders, fonts]);
  wall = createWall({
    scenes,
    dash: window.dash_clientside,
    config,
    format,
    measure: createMeasure(document.createElement("canvas").getContext("2d")),
    tokens: readTokens(document.documentElement),
    geojson: withIds(geojson, config.areas),
    isFrozen,
    asked,
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
    canDrawAreas,
  });
  const { invalidate } = screen;
  let silence = null;
  const say = (text, forMs = 0) => {
    clearTimeout(silence);
    window.dash_clientside.set_props("toast", { children: text });
    if (forMs) silence = setTimeout(() => window.dash_clientside.set_props("toast", { children: "" }), forMs);
  };
  const resized = new ResizeObserver(() => invalidate());
  for (const watched of [document.getElementById("scene"), ...scenes.slots.map(({ measured }) => measured)]) resized.observe(watched);
  screen.paint(); // before Plotly's script takes the thread
  if (isFrozen) {
    await waitUntilReady({ wall, t: format.t, render: screen.paint });
    const next = playing(asked, fixed, monotonicMs);
    if (next) play(next, (snapshot) => {
      scene.state = snapshot;
      clock.set(snapshot.at, 0);
      invalidate();
    });
  } else armSnapshot({ format, say, now: () => clock.now(), place: () => ({ ref: scene.ref, origin: scene.moment ? scene.stage.origin : null }) });
  if (!asked.has("briefing") || fixed) return;
  const { follow } = await import("./follow.mjs");
  const onPage = (snapshot) => {
    Object.assign(scene, findScene(config.scenes, snapshot.scene), { state: snapshot });
    invalidate();
  };
  const onEnd = () => {
    document.getElementById("stage").hidden = true;
    say(format.t("follow.ended"));
  };
  follow({ id: asked.get("briefing"), fetchJson, say, onPage, onEnd, t: format.t });
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
