// Clock, numbers, times and the words of panels.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { ServerClock } from "../../assets/js/clock.mjs";
import { createFormat } from "../../assets/js/format.mjs";
import { countFitting } from "../../assets/js/panels/flow.mjs";
import { kpiPanels } from "../../assets/js/panels/kpi.mjs";
import { renderFeed, renderIncidents, renderSources, sortIncidents } from "../../assets/js/panels/lists.mjs";
import { renderHeader } from "../../assets/js/panels/header.mjs";
import { noteOf } from "../../assets/js/wall.mjs";

const words = JSON.parse(readFileSync(new URL("../../locales/ru.json", import.meta.url), "utf8"));
const format = createFormat({ language: "ru", words, zones: { local: "Asia/Novokuznetsk", federal: "Europe/Moscow" } });
const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");
const find = (node, wanted, found = []) => {
  if (Array.isArray(node)) node.forEach((child) => find(child, wanted, found));
  else if (node?.props) {
    if (wanted in node.props) found.push(node.props);
    find(node.props.children, wanted, found);
  }
  return found;
};
/** The gauge of a tile: its class, how far its bar goes and where its target stands; null without one. */
const gaugeOf = ({ children }) => {
  const [gauge] = find(children, "className").filter((props) => props.className.startsWith("gauge "));
  const styleOf = (name) => find(gauge.children, "className").find((props) => props.className === name)?.style;
  return gauge ? { className: gauge.className, width: styleOf("gauge-bar")?.width, left: styleOf("gauge-target").left } : null;
};
const textOf = (node) => (Array.isArray(node) ? node.map(textOf).join("") : typeof node === "string" ? node : node?.props ? textOf(node.props.children) : "");
const kpi = (more) => ({ kpi: "in_time", value: 0.914, unit: "share", n: 10, previous: 0.935, target: { value: 0.95, better: "higher", example: true }, ...more });
const basis = { from_record_n: 1, norms: { short: 5, long: 2 }, without_term_n: 3 };
const names = { norms: { short: { name: "24 часа", example: true } }, topics: {}, channels: {}, kinds: {} };
const measure = { width: (text, px) => text.length * px * 0.55, lines: () => 1 };
const context = { config: { names, areas: {}, levels: [{ id: "high", rank: 1, shape: "triangle", tone: "critical", name: "" }, { id: "low", rank: 2, shape: "circle", tone: "info", name: "" }] }, format, measure, now: Date.parse("2026-03-02T05:00:00Z") };

test("the clock runs on between beats and forgives a late one", () => {
  let counter = 1000;
  const clock = new ServerClock(() => counter);
  assert.equal(clock.now(), null);
  clock.set("2026-03-02T05:00:00Z", 1);
  counter += 1500;
  assert.equal(clock.now(), Date.parse("2026-03-02T05:00:01.500Z"));
  clock.set("2026-03-02T05:00:01.300Z", 1); // arrived 200 ms late: time does not jump back
  assert.ok(clock.now() >= Date.parse("2026-03-02T05:00:01.490Z"));
  clock.set("2026-03-02T06:00:00Z", 1); // another clock
  assert.equal(clock.now(), Date.parse("2026-03-02T06:00:00Z"));
});

test("an accelerated clock runs at its rate and a standing one stands", () => {
  let counter = 0;
  const clock = new ServerClock(() => counter);
  clock.set("2026-03-02T05:00:00Z", 60);
  counter = 1000;
  assert.equal(clock.now(), Date.parse("2026-03-02T05:01:00Z"));
  clock.set("2026-03-02T05:00:30Z", 0);
  counter = 9000;
  assert.equal(clock.now(), Date.parse("2026-03-02T05:00:30Z"));
});

test("times are the region's and spans have two units at most", () => {
  const at = Date.parse("2026-11-18T07:32:07Z");
  assert.equal(format.clock(at), "14:32:07");
  assert.equal(format.federal(at), "10:32");
  assert.equal(plain(format.span(45)), "45 с");
  assert.equal(plain(format.span(14 * 60 + 5)), "14 мин");
  assert.equal(plain(format.span(3600 * 4 + 600)), "4 ч 10 мин");
  assert.equal(plain(format.span(86400 * 2 + 3600 * 3)), "2 сут 3 ч");
  assert.equal(plain(format.number(1284)), "1 284");
});

test("a missed target is said in words and a shape, and an example is called one", () => {
  const tile = kpiPanels["kpi-in-time"]({ in_time: kpi({}), basis }, context);
  const said = plain(textOf(tile.children));
  assert.match(said, /91,4%/);
  assert.match(said, /▼ ниже цели 95 %пример/);
  assert.match(said, /24 часа и ещё 1 пример без срока: 3/); // one text, so that no badge stands alone in a line
  assert.equal(find(tile.children, "data-value")[0]["data-value"], "0.914");
  assert.deepEqual(gaugeOf(tile), { className: "gauge is-missed", width: "91.4%", left: "95.0%" });
});

test("a KPI without data says so, has an empty value and is never 0", () => {
  const tile = kpiPanels["kpi-in-time"]({ in_time: kpi({ value: null, previous: null, n: 0 }), basis: { from_record_n: 0, norms: {}, without_term_n: 0 } }, context);
  assert.equal(tile.empty, true);
  assert.equal(find(tile.children, "data-value")[0]["data-value"], "");
  assert.match(textOf(tile.children), /нет данных/);
  assert.doesNotMatch(textOf(tile.children), /(^|\D)0/);
});

test("a gauge ends at its range, and without a target there is none", () => {
  const rated = (value, target) => kpiPanels["kpi-satisfaction"]({ satisfaction: { ...kpi({}), unit: "rating", value, target: target && { ...kpi({}).target, value: target } } }, context);
  assert.deepEqual(gaugeOf(rated(3, 4)), { className: "gauge is-missed", width: "50.0%", left: "75.0%" });
  assert.deepEqual(gaugeOf(rated(7, 4)), { className: "gauge ", width: "100.0%", left: "75.0%" });
  assert.deepEqual(gaugeOf(rated(null, 4)), { className: "gauge ", width: undefined, left: "75.0%" });
  assert.equal(gaugeOf(rated(3, null)), null);
});

const incident = (id, level, started) => ({ id, kind: "k", level, status: "new", area: null, started_at: started, affected_n: null });

test("incidents stand gravest first, then newest", () => {
  const rows = [incident(1, "low", "2026-03-02T04:00:00Z"), incident(2, "high", "2026-03-02T01:00:00Z"), incident(3, "high", "2026-03-02T02:00:00Z")];
  assert.deepEqual(sortIncidents(rows, context.config.levels).map((row) => row.id), [3, 2, 1]);
});

test("an overfull list names what it leaves out", () => {
  const rows = Array.from({ length: 20 }, (_, i) => incident(i, "low", "2026-03-02T04:00:00Z"));
  const room = { height: 250, width: 600 };
  const shown = renderIncidents({ levels: [], open: 20 }, { ...context, room }, { incidents: rows });
  const count = find(shown.children, "data-incident-id").length;
  assert.ok(count > 0 && count < 20);
  assert.match(textOf(shown.children), new RegExp(`ещё ${20 - count}`));
  const cut = renderIncidents({ levels: [], open: 720 }, { ...context, room }, { incidents: rows });
  assert.match(textOf(cut.children), new RegExp(`ещё ${720 - count}`)); // the page holds only the gravest of very many
});

test("a time of another day says its day", () => {
  const now = Date.parse("2026-11-18T08:00:00Z"); // 15:00 there
  assert.equal(format.clockOrDay(Date.parse("2026-11-18T01:00:00Z"), now), "08:00:00");
  assert.equal(plain(format.clockOrDay(Date.parse("2026-11-17T01:00:00Z"), now)), "17.11, 08:00");
  assert.equal(format.timeOrDay(Date.parse("2026-11-17T17:01:00Z"), now), "00:01");
  assert.equal(format.timeOrDay(Date.parse("2026-11-17T16:59:00Z"), now), "17.11");
});

test("the feed shows as many whole rows as fit, newest first", () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ id: 50 - i, feed_at: "2026-03-02T04:59:00Z", known_at: "2026-03-02T04:59:59Z", topic: "t", area: null, channel: "c" }));
  const shown = renderFeed({ received_last_hour: 50 }, { ...context, tokens: { rows: { feed: 55 } }, room: { height: 230 } }, { appeals: rows });
  assert.deepEqual(find(shown.children, "data-appeal-id").map((row) => row["data-appeal-id"]), ["50", "49", "48", "47"]);
});

test("channels fill their two lines and no more", () => {
  assert.equal(countFitting([100, 100, 100, 100], 200, 50), 4);
  assert.equal(countFitting([100, 100, 100, 100, 100], 200, 50), 3);
});

test("a panel says whose silence it suffers from and for how long", () => {
  const source = { id: "a", name: "СЭД", age_s: 840 };
  const note = (more, isCut) => plain(noteOf({ sources: [source], blind: [], oldest_s: 10, ...more }, format, isCut));
  assert.equal(note({ state: "fresh" }), "");
  assert.equal(note({ state: "partial", blind: [source] }), "без СЭД, 14 мин");
  assert.equal(note({ state: "stale", blind: [source] }), "нет новых данных 14 мин");
  assert.equal(note({ state: "dead", blind: [{ ...source, age_s: null }] }), "источник ещё не отвечал");
  assert.equal(note({ state: "dead", blind: [source] }), "нет связи с источником 14 мин");
  assert.equal(note({ state: "dead", blind: [source] }, true), "нет новых данных 14 мин");
});

test("the connection is read aloud by its word alone, and the second clock has the profile's name", () => {
  const at = Date.parse("2026-03-02T05:00:00Z");
  const head = (now) => renderHeader({ format, now, connection: { state: "live" }, asOf: new Date(now).toISOString(), isFrozen: false, federalName: "Столица" });
  assert.equal(head(at)["head-said"], "на связи");
  assert.equal(head(at)["head-said"], head(at + 60_000)["head-said"]);
  assert.match(textOf(head(at)["head-federal"]), /^Столица/);
});

test("a source that an operator has paused says so, however old or young it is", () => {
  const source = (id, state, age_s) => ({ id, name: id, state, age_s, limits: { ageing_s: 15 } });
  const sources = [source("a", "dead", 900), source("b", "dead", null)];
  const views = sources.map(({ id }) => ({ source: id, paused: true, failing: true }));
  const shown = renderSources({ sources: views }, { ...context, config: { ...context.config, sources }, room: { width: 1000 }, freshness: { sources } }).children;
  assert.deepEqual(shown.slice(0, 2).map((chip) => plain(textOf(chip))), ["aприостановлен 15 мин", "bприостановлен"]);
});

test("the worst sources are named first, and a screen that is cut off accuses none of them", () => {
  const source = (id, state, age_s) => ({ id, name: id, state, age_s, limits: { ageing_s: 15 } });
  const sources = [source("late", "ageing", 20), source("well", "fresh", 1), source("dead", "dead", 900), source("never", "dead", null)];
  const shown = (more) => renderSources({ sources: [] }, { ...context, config: { ...context.config, sources }, room: { width: 1000 }, freshness: { sources }, ...more }).children;
  const ids = shown({}).flatMap((chip) => chip?.props["data-source-id"] ?? []);
  assert.deepEqual(ids.filter((id) => id !== "late"), ["dead", "never"]);
  assert.match(plain(textOf(shown({}))), /нет данных 15 мин/);
  assert.match(plain(textOf(shown({ isCut: true }))), /неизвестно 15 мин/);
});
