// The live page: what the server says goes into the scene, the page watches itself and its server, and says what it finds.

import { decideBanner, LIMITS, Vitals } from "./ages.mjs";
import { ClockWatch } from "./clock.mjs";
import { createMemory } from "./memory.mjs";
import { decideFrame, reduce } from "./reduce.mjs";
import { createRenewal } from "./renewal.mjs";
import { createSeen } from "./seen.mjs";
import { findScene } from "./scene.mjs";
import { connect } from "./socket.mjs";
import { isOtherScene, isUnplaced, placeOf } from "./stage.mjs";
import { startTicks } from "./watch.mjs";

const CHECK_S = 600; // how often the page asks whether it is still the page that the server would give
const HANG_S = 5; // a thread that had no turn for so long showed nobody what came
const NOTHING_TOLD = {};
const FIRST_CHECK_S = 20; // over which walls that come back together spread that question

const storage = () => {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
};

export function goLive({ pageName, config, fetchConfig, fetchJson, fixed, wall, scene, screen, clock, format, monotonicMs }) {
  const place = { ...placeOf(location.pathname), scene: fixed };
  const vitals = new Vitals(monotonicMs);
  const clockWatch = new ClockWatch();
  const memory = createMemory(storage(), `svodka.${pageName}.${place.wall}.${place.screen}`);
  const seen = createSeen(memory);
  const openedMs = monotonicMs();
  let lastIncident = openedMs;
  let nextCheck = Infinity;
  let second = null;
  let lastTick = monotonicMs();
  let aliveMs = lastTick; // when this thread last had a turn
  let moments = null;
  scene.missed = memory.missed;

  const isSeen = () => document.visibilityState === "visible";
  const setConnection = (name) => {
    if (scene.connection.state === name) return;
    if (name === "live" && nextCheck === Infinity) nextCheck = monotonicMs() + 1000 * (1 + FIRST_CHECK_S * Math.random());
    if (name === "lost") nextCheck = Infinity; // settings, version or right may change while the server is away
    scene.connection = { state: name };
    screen.invalidate();
  };
  const renewal = createRenewal({
    config,
    fetchConfig,
    monotonicMs,
    reload: () => location.reload(),
    fetchPage: async () => (await fetch(location.href, { cache: "no-store" })).ok,
    situation: () => ({
      is_live: scene.connection.state === "live",
      banner: scene.banner,
      since_incident_s: (monotonicMs() - lastIncident) / 1000,
      hour: Number(format.hour(clock.now() ?? 0)),
    }),
  });
  /** Show what the newest state is of, as its scene is written now. */
  const adopt = () => {
    Object.assign(scene, findScene(config.scenes, scene.state.scene));
    if (!wall.holds(scene.scene)) renewal.outgrown(); // a panel for which the page has no element: the page begins again
  };
  /** Do what the wall is told: look, moment, and which scene. A page with a scene of its own follows nobody. */
  const follow = () => {
    const told = fixed ? null : (scene.state.values[`stage@wall=${place.wall}`] ?? null);
    scene.stage = told ?? NOTHING_TOLD;
    const untold_ms = vitals.ages().pipeline_s < LIMITS.pipeline_s ? monotonicMs() - openedMs : 0; // it is a poller that tells walls
    if (told && isUnplaced(told, place.screen, untold_ms)) scene.stage = { ...told, message: format.t("follow.unplaced", place) };
    const wanted = fixed ?? told?.screens[place.screen] ?? null;
    const isOther = isOtherScene(wanted, place.scene, scene.state.scene);
    place.scene = wanted;
    if (isOther) line.hello();
    followMoment();
  };
  /** A wall may show another moment than the present one; its line goes on, and nothing of what comes touches that moment. */
  const followMoment = async () => {
    const { origin } = scene.stage;
    if (!moments && (!origin || origin.kind === "live")) return;
    moments ??= import("./moments.mjs").then(({ createMoments }) => createMoments({ fetchJson, now: () => clock.now(), monotonicMs, onMoment: showMoment }));
    (await moments)(scene.stage.origin, place.scene ?? scene.ref);
  };
  const showMoment = (snapshot) => {
    if (snapshot) seen.leave(); // people do not see what happens meanwhile
    else if (scene.moment) line.hello();
    scene.moment = snapshot && { ...findScene(config.scenes, snapshot.scene), state: snapshot, now: Date.parse(snapshot.at), missed: null, of: JSON.stringify(scene.stage.origin) };
    screen.invalidate();
  };
  const take = (state) => {
    const known = new Set((scene.state?.tables.incidents ?? []).map((row) => row.id));
    if (scene.state?.view === state.view && state.tables.incidents?.some((row) => !known.has(row.id))) lastIncident = monotonicMs();
    scene.state = state;
    seen.take(state.at);
    vitals.hear();
    follow();
    screen.invalidate();
  };
  let isFetching = false;
  /** Scene files were saved: what the page shows is written anew, or needs other values. */
  const renewScenes = async (version) => {
    if (isFetching || version === config.scenes.version) return;
    isFetching = true;
    try {
      config.scenes = (await fetchConfig()).scenes;
      line.hello();
    } catch (error) {
      console.warn("scenes", error); // the next beat asks again
    } finally {
      isFetching = false;
    }
  };
  const line = connect({
    page: pageName,
    place: () => place,
    monotonicMs,
    walls: () => vitals.walls,
    position: () => ({ view: scene.state?.view ?? null, epoch: scene.state?.epoch ?? null, seq: scene.state?.seq ?? null, at: memory.at }),
    onSnapshot: (snapshot) => {
      clock.set(snapshot.at, snapshot.rate);
      take(snapshot);
      adopt();
    },
    onFrame: (frame) => {
      const decision = decideFrame(scene.state, frame);
      if (decision === "apply") take(reduce(scene.state, frame));
      return decision !== "gap";
    },
    onMissed: (missed) => {
      memory.hearMissed(missed);
      scene.missed = memory.missed;
      screen.invalidate();
    },
    onBeat: (beat, isTip) => {
      vitals.hearBeat(beat);
      clock.set(beat.at, beat.rate);
      if (config.real_time) clockWatch.compare(clock.now());
      if (isTip) seen.hearBeat(beat);
      renewScenes(beat.scenes);
    },
    onAnswered: () => {
      adopt();
      if (isSeen() && !scene.moment && screen.silent_s < LIMITS.frames_s) seen.answered();
    },
    onState: (name) => {
      if (name !== "live") seen.leave();
      else if (scene.state) vitals.hear();
      else return;
      setConnection(name);
    },
    onRefused: () => renewal.check(true),
    onOutgrown: () => renewal.outgrown(),
  });
  /** Of what a hidden or hanging page took in people are told again: until the answer they have seen no more than before. */
  const returnFrom = (gap_s) => {
    console.info(`nobody could see this page for ${Math.round(gap_s)} s`);
    seen.leave();
    line.hello();
  };
  /** Looked at by every tick and paint, whichever comes first: what waited for a thread that hung is taken in by then. */
  const noteHang = (now = monotonicMs()) => {
    const hung_s = (now - aliveMs) / 1000;
    aliveMs = now;
    if (hung_s >= HANG_S && isSeen()) returnFrom(hung_s);
  };
  scene.onPainted = (waited_s) => {
    vitals.paint();
    noteHang();
    if (!isSeen()) return;
    if (waited_s >= LIMITS.frames_s) returnFrom(waited_s);
    seen.paint();
  };

  /** Say at once, without waiting for a frame, how old everything is and what is wrong. */
  const report = () => {
    const ages = vitals.ages();
    const is_lost = ["lost", "connecting"].includes(scene.connection.state);
    scene.banner = decideBanner({ ...ages, is_lost, is_visible: isSeen(), frames_s: screen.silent_s });
    wall.report({ ...scene, ages, broker: vitals.broker, wrong_s: clockWatch.wrong_s, now: clock.now() });
  };
  const tick = () => {
    const now = monotonicMs();
    noteHang();
    // Also while a question is open: a server that accepts browsers and answers nothing is no connection.
    if (["live", "syncing"].includes(scene.connection.state) && vitals.ages().silence_s > LIMITS.silence_s) setConnection("lost");
    line.renew();
    if (moments) followMoment();
    if (!isSeen()) screen.excuse();
    const time = Math.floor((clock.now() ?? now) / 1000);
    if (time === second && now - lastTick < 1000) return;
    second = time;
    memory.pass((now - lastTick) / 1000);
    lastTick = now;
    scene.missed = memory.missed;
    memory.save();
    report();
    screen.invalidate();
    if (now < nextCheck) return;
    nextCheck = now + 1000 * CHECK_S * (0.5 + Math.random());
    renewal.check();
  };
  document.addEventListener("visibilitychange", () => {
    screen.excuse();
    if (isSeen()) line.hello();
    else seen.leave();
  });
  startTicks(tick);
}
