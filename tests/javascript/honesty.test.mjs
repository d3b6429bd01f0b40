// Ages, banner, memory, renewal and painting: what the page knows of itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { decideBanner, Vitals } from "../../assets/js/ages.mjs";
import { ClockWatch } from "../../assets/js/clock.mjs";
import { createFormat } from "../../assets/js/format.mjs";
import { createMemory } from "../../assets/js/memory.mjs";
import { renderBanner, renderRemark } from "../../assets/js/panels/banner.mjs";
import { renderIncidents } from "../../assets/js/panels/lists.mjs";
import { createRenewal, findReason, mayRenew } from "../../assets/js/renewal.mjs";
import { createScreen } from "../../assets/js/screen.mjs";
import { createSeen } from "../../assets/js/seen.mjs";

const words = JSON.parse(readFileSync(new URL("../../locales/ru.json", import.meta.url), "utf8"));
const format = createFormat({ language: "ru", words, zones: { local: "Asia/Novokuznetsk", federal: "Europe/Moscow" } });
const measure = { width: (text, px) => text.length * px * 0.5, lines: (text, px, _weight, room) => Math.ceil((text.length * px * 0.5) / room) };
const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");
const textOf = (node) => (Array.isArray(node) ? node.map(textOf).join(" ") : typeof node === "string" ? node : node?.props ? textOf(node.props.children) : "");
const find = (node, wanted, found = []) => {
  if (Array.isArray(node)) node.forEach((child) => find(child, wanted, found));
  else if (node?.props) {
    if (wanted in node.props) found.push(node.props[wanted]);
    find(node.props.children, wanted, found);
  }
  return found;
};
const WELL = { is_visible: true, frames_s: 0.1, is_lost: false, silence_s: 0.4, read_s: 0.5, pipeline_s: 9 };

test("nothing is wrong while all ages are young, and nothing unknown is called wrong", () => {
  assert.equal(decideBanner(WELL), null);
  assert.equal(decideBanner({ ...WELL, read_s: null, pipeline_s: null }), null);
  assert.equal(decideBanner({ ...WELL, is_visible: false, frames_s: 900 }), null);
  assert.equal(decideBanner({ ...WELL, is_lost: true, silence_s: 2.9 }), null);
});

test("the nearest break is told: behind it nobody can see", () => {
  const all = { ...WELL, frames_s: 3, is_lost: true, silence_s: 8, read_s: 12, pipeline_s: 40 };
  assert.deepEqual(decideBanner(all), { kind: "rendering", age_s: 3 });
  assert.deepEqual(decideBanner({ ...all, frames_s: 0 }), { kind: "connection", age_s: 8 });
  assert.deepEqual(decideBanner({ ...all, frames_s: 0, is_lost: false }), { kind: "database", age_s: 12 });
  assert.deepEqual(decideBanner({ ...all, frames_s: 0, is_lost: false, read_s: 1 }), { kind: "pipeline", age_s: 40 });
});

test("ages go on after the last beat, and the screen's own counts what was painted", () => {
  let now = 0;
  const vitals = new Vitals(() => now);
  assert.equal(vitals.ages().pipeline_s, null);
  assert.equal(vitals.broker, "");
  now = 1000;
  vitals.hearBeat({ pipeline_s: 4, read_s: -1, broker: null });
  now = 6000;
  assert.deepEqual(vitals.ages(), { silence_s: 5, screen_s: 6, read_s: 5, pipeline_s: 9 });
  vitals.paint();
  assert.equal(vitals.ages().screen_s, 5);
  assert.equal(vitals.broker, "none");
  vitals.hearBeat({ broker: false, watchers: 70 });
  assert.deepEqual([vitals.broker, vitals.walls], ["away", 70]);
});

test("the banner names the cause and its age, with as many words as fit", () => {
  const said = (room) => plain(textOf(renderBanner({ kind: "connection", age_s: 8.7 }, { format, measure, room, dataAt: "14:02:33" })).trim());
  assert.equal(said(2000), "Экран без связи с сервером 8 с · данные на 14:02:33");
  assert.equal(said(800), "Экран без связи с сервером 8 с");
  assert.equal(said(300), "Нет связи с сервером");
  assert.deepEqual(renderBanner(null, { format, measure, room: 1, dataAt: "" }), []);
  for (const kind of ["rendering", "connection", "database", "pipeline"]) assert.ok(`banner.${kind}` in words && `banner.${kind}_short` in words);
});

test("a wrong clock is told after three beats, and which way it is wrong", () => {
  let machine = 1_000_000;
  const watch = new ClockWatch(() => machine);
  for (const late of [181_000, 1000, 181_000, 181_000]) watch.compare(machine + late);
  assert.equal(watch.wrong_s, null);
  watch.compare(machine + 181_000);
  assert.equal(watch.wrong_s, -181);
  const remark = (more, room = 300) => plain(textOf(renderRemark({ broker: "on", wrong_s: null, ...more }, { format, measure, readRoom: () => room })).trim());
  assert.equal(remark({ broker: "away", wrong_s: watch.wrong_s }), "часы компьютера отстают на 3 мин");
  assert.equal(remark({ wrong_s: 61 }), "часы компьютера спешат на 1 мин");
  assert.equal(remark({ broker: "away" }), "без брокера: обновление раз в секунду");
  assert.equal(remark({ broker: "away" }, 60), "");
  assert.equal(remark({ broker: "none" }), "");
});

const store = () => {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
};
const row = (id, minute) => ({ id, kind: "fire", level: "high", area: null, source: "s", started_at: `2026-03-02T05:${minute}:00Z`, ended_at: `2026-03-02T05:${minute}:30Z`, affected_n: null });
const told = (n, ...rows) => ({ since: "2026-03-02T05:00:00Z", until: "2026-03-02T05:20:00Z", n, incidents: rows });

test("what happened unseen outlives a reload, is told once and is forgotten after ten minutes", () => {
  const storage = store();
  const first = createMemory(storage, "wall");
  assert.deepEqual([first.at, first.missed], [null, null]);
  first.at = "2026-03-02T05:21:00Z";
  first.hearMissed(told(2, row(2, 11), row(1, 10)));
  first.hearMissed(told(2, row(2, 11), row(1, 10)));
  first.pass(300);
  first.save();
  const second = createMemory(storage, "wall");
  assert.equal(second.at, "2026-03-02T05:21:00Z");
  assert.deepEqual([second.missed.n, second.missed.incidents.map((one) => one.id)], [2, [2, 1]]);
  second.pass(299);
  assert.ok(second.missed);
  second.pass(2);
  assert.equal(second.missed, null);
});

test("the list of the unseen is bounded and still counts all; two absences stand together", () => {
  const memory = createMemory(store(), "wall");
  memory.hearMissed(told(31, ...Array.from({ length: 20 }, (_, i) => row(100 - i, 10))));
  memory.hearMissed({ since: "2026-03-02T05:30:00Z", until: "2026-03-02T05:40:00Z", n: 1, incidents: [row(200, 35)] });
  assert.equal(memory.missed.incidents.length, 20);
  assert.equal(memory.missed.incidents[0].id, 200);
  assert.equal(memory.missed.n, 32);
  assert.deepEqual([memory.missed.since, memory.missed.until], ["2026-03-02T05:00:00Z", "2026-03-02T05:40:00Z"]);
});

test("two absences that overlap are counted each, one that is told again once, and an incident of both once", () => {
  const memory = createMemory(store(), "wall");
  const many = (first, n) => Array.from({ length: n }, (_, i) => row(first + i, 10));
  memory.hearMissed(told(30, ...many(100, 20)));
  const second = { since: "2026-03-02T05:19:58Z", until: "2026-03-02T05:40:00Z", n: 25, incidents: many(200, 20) };
  memory.hearMissed(second);
  memory.hearMissed(second);
  assert.equal(memory.missed.n, 55);
  memory.hearMissed({ ...second, n: 27 });
  assert.equal(memory.missed.n, 57);
  memory.hearMissed({ since: "2026-03-02T05:39:00Z", until: "2026-03-02T05:50:00Z", n: 2, incidents: [row(300, 11), row(200, 10)] });
  assert.equal(memory.missed.n, 58);
});

test("a browser without a store, or with another's words in it, only forgets", () => {
  const refusing = { getItem: () => { throw new Error("no"); }, setItem: () => { throw new Error("no"); } };
  for (const storage of [null, refusing, { getItem: () => "{", setItem: () => {} }]) {
    const memory = createMemory(storage, "wall");
    memory.hearMissed(told(1, row(1, 10)));
    assert.equal(memory.missed.n, 1);
  }
});

const at = (time) => `2026-03-02T${time}.000Z`;

test("until when a screen was seen stands still from a gap to its answer", () => {
  const memory = { at: at("10:00:00") };
  const seen = createSeen(memory);
  seen.take(at("10:20:00"));
  seen.paint();
  assert.equal(memory.at, at("10:00:00"), "a page that begins has asked, and nobody has answered yet");
  seen.answered();
  seen.paint();
  assert.equal(memory.at, at("10:20:00"));
  seen.leave(); // hidden; frames go on, then the line breaks, and somebody looks before it is back
  seen.take(at("10:40:00"));
  for (let frame = 0; frame < 5; frame += 1) seen.paint();
  assert.equal(memory.at, at("10:20:00"));
  seen.answered();
  assert.equal(memory.at, at("10:20:00"), "not before it is painted");
  seen.paint();
  assert.equal(memory.at, at("10:40:00"));
});

test("a beat of a server that cannot read its database tells no later than its last look", () => {
  const memory = { at: null };
  const seen = createSeen(memory);
  seen.answered();
  const until = (beat) => (seen.hearBeat(beat), seen.paint(), memory.at);
  assert.equal(until({ at: at("10:00:00"), rate: 1, read_s: 0.5 }), "2026-03-02T09:59:59.500Z");
  assert.equal(until({ at: at("10:00:40"), rate: 1, read_s: 40 }), at("10:00:00"));
  assert.equal(until({ at: at("10:30:00"), rate: 60, read_s: 30 }), at("10:00:00"));
  assert.equal(until({ at: at("10:01:00"), rate: 1, read_s: 600 }), at("10:00:00"), "never back");
});

const LEVELS = [{ id: "high", rank: 1, shape: "triangle", tone: "critical", name: "" }];
const showIncidents = (missed, open = []) =>
  renderIncidents(
    { open: open.length, levels: [{ level: "high", open: open.length }] },
    { config: { levels: LEVELS, areas: {}, names: { kinds: { fire: { name: "Пожар", unit: "" } } } }, format, measure, room: { height: 240, width: 600 }, now: Date.parse("2026-03-02T05:30:00Z"), missed },
    { incidents: open },
  );
const openRow = (id) => ({ ...row(id, 20), status: "new", affected_n: null });

test("the unseen stand apart from the open ones and in no count, with their times", () => {
  const shown = showIncidents({ ...told(1, row(7, 10)), left_s: 600 }, [openRow(1), openRow(2)]);
  assert.deepEqual(find(shown.children, "data-missed-id"), ["7"]);
  assert.deepEqual(find(shown.children, "data-incident-id"), ["2", "1"]);
  assert.deepEqual(find(shown.aside, "data-value"), ["2"]);
  assert.match(plain(textOf(shown.children)), /Произошло во время обрыва 12:00–12:20 +▲? *.*Пожар · место не указано · 12:10/);
});

test("one that is open again is not told as over, and many leave room for two open ones and say how many more", () => {
  const many = Array.from({ length: 9 }, (_, i) => row(50 + i, 10));
  const shown = showIncidents({ ...told(30, ...many, row(1, 10)), left_s: 600 }, [openRow(1), openRow(2)]);
  const missed = find(shown.children, "data-missed-id");
  assert.ok(missed.length >= 1 && missed.length < 9);
  assert.equal(find(shown.children, "data-incident-id").length, 2);
  assert.match(plain(textOf(shown.children)), new RegExp(`ещё ${29 - missed.length}(?!\\d)`));
});

const calm = { is_live: true, banner: null, since_incident_s: 3600, open_s: 9e5, waited_s: 60, hour: 3 };

test("a page begins again at a quiet moment, at night if it only has grown old", () => {
  assert.equal(mayRenew({ ...calm, reason: null }), false);
  assert.equal(mayRenew({ ...calm, reason: "changed", hour: 14 }), true);
  assert.equal(mayRenew({ ...calm, reason: "old", hour: 14 }), false);
  assert.equal(mayRenew({ ...calm, reason: "old" }), true);
  assert.equal(mayRenew({ ...calm, reason: "heap", hour: 14, waited_s: 90_000 }), true);
  for (const unquiet of [{ is_live: false }, { banner: { kind: "pipeline" } }, { since_incident_s: 30 }]) assert.equal(mayRenew({ ...calm, reason: "changed", ...unquiet }), false);
  assert.equal(mayRenew({ ...calm, reason: "changed", since_incident_s: 300 }), false);
  assert.equal(mayRenew({ ...calm, reason: "changed", since_incident_s: 300, waited_s: 90_000 }), true);
});

test("a page that the server no longer understands does not wait, and does not reload in haste", () => {
  assert.equal(mayRenew({ ...calm, is_live: false, reason: "incompatible" }), true);
  assert.equal(mayRenew({ ...calm, reason: "incompatible", open_s: 5 }), false);
});

test("the reasons, the gravest first", () => {
  const none = { is_incompatible: false, is_changed: false, open_s: 3600, heap_bytes: 5e7 };
  assert.equal(findReason(none), null);
  assert.equal(findReason({ ...none, heap_bytes: 5e8 }), "heap");
  assert.equal(findReason({ ...none, open_s: 8 * 86_400 }), "old");
  assert.equal(findReason({ ...none, is_changed: true, is_incompatible: true }), "incompatible");
});

test("a page never lets itself go while the server cannot give it back", async () => {
  let [now, answers, reloads, config] = [0, false, 0, { version: 1 }];
  const renewal = createRenewal({
    config: { version: 1 },
    fetchConfig: async () => config,
    situation: () => calm,
    fetchPage: async () => answers,
    reload: () => (reloads += 1),
    monotonicMs: () => now,
  });
  now = 60_000;
  await renewal.check();
  config = { version: 2 };
  await renewal.check();
  assert.equal(reloads, 0);
  answers = true;
  await renewal.check();
  assert.equal(reloads, 1);
});

test("a wall whose right was taken away shows the refusal, one that is refused for another reason waits", async () => {
  let [reloads, status] = [0, undefined];
  const fetchConfig = () => Promise.reject(Object.assign(new Error("no"), { status }));
  const renewal = createRenewal({ config: {}, fetchConfig, situation: () => calm, fetchPage: async () => true, reload: () => (reloads += 1), monotonicMs: () => 60_000 });
  for (status of [undefined, 500, 404]) await renewal.check(true);
  status = 403;
  await renewal.check();
  assert.equal(reloads, 0);
  await renewal.check(true);
  assert.equal(reloads, 1);
});

/** Frames that come when the test says so. */
function framesOf() {
  const open = new Map();
  let count = 0;
  return {
    open,
    request: (callback) => (open.set((count += 1), callback), count),
    cancel: (handle) => open.delete(handle),
    come() {
      const now = [...open.values()];
      open.clear();
      for (const callback of now) callback();
    },
  };
}

test("a frame that never comes is asked for again, its wait is known, and a hidden page is excused", () => {
  let [now, painted, awaited] = [0, 0, []];
  const frames = framesOf();
  const screen = createScreen({ monotonicMs: () => now, paint: (waited) => (painted += 1, awaited.push(waited)), draw: () => false, frames });
  screen.invalidate();
  for (now = 100; now <= 4900; now += 100) {
    if (now % 1000 === 0) frames.open.clear(); // lost for ever
    screen.invalidate(); // ten words of the server a second ask for it again, whoever asks first
  }
  assert.ok(screen.silent_s >= 4);
  frames.come();
  assert.deepEqual([painted, awaited.map(Math.round), screen.silent_s], [1, [5], 0]);
  screen.paint();
  assert.deepEqual([painted, awaited[1]], [2, 0]);
  for (let hour = 0; hour < 3600; hour += 1) {
    screen.invalidate();
    now += 1000;
    screen.excuse();
  }
  assert.equal(screen.silent_s, 0);
  assert.equal(frames.open.size, 1, "questions do not heap up");
  frames.come();
  assert.equal(painted, 3);
});

test("what pulses is drawn on with every frame, goes on after lost frames, and never twice", () => {
  let [now, drawn] = [0, 0];
  const frames = framesOf();
  const screen = createScreen({ monotonicMs: () => now, paint: () => {}, draw: () => Boolean((drawn += 1)), frames });
  screen.paint();
  frames.come();
  assert.equal(drawn, 2);
  now = 5000; // no frame came for long
  screen.paint();
  assert.equal(drawn, 3);
  frames.come();
  frames.come();
  assert.equal(drawn, 5);
});
