// Ratings, topics, weeks, tables of sources and lists of incidents: what stands where there is little room, or little to say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { createFormat } from "../../assets/js/format.mjs";
import { readFreshness } from "../../assets/js/freshness.mjs";
import { renderAreaFacts } from "../../assets/js/panels/area-facts.mjs";
import { nameLine } from "../../assets/js/panels/fit.mjs";
import { renderIncidentList, renderLevels } from "../../assets/js/panels/incident-list.mjs";
import { renderRating } from "../../assets/js/panels/rating.mjs";
import { renderSourceTable } from "../../assets/js/panels/source-table.mjs";
import { renderTopics } from "../../assets/js/panels/topics.mjs";
import { renderWeek, weekFigure } from "../../assets/js/panels/week.mjs";

const words = JSON.parse(readFileSync(new URL("../../locales/ru.json", import.meta.url), "utf8"));
const golden = JSON.parse(readFileSync(new URL("../golden/snapshot.json", import.meta.url), "utf8")).values;
const format = createFormat({ language: "ru", words, zones: { local: "Asia/Novokuznetsk", federal: "Europe/Moscow" } });
const measure = { width: (text, px) => text.length * px * 0.55, lines: () => 1 };
const NOW = Date.parse("2026-03-02T05:30:00Z");
const limits = { ageing_s: 30, stale_s: 60, dead_s: 600 };
const levels = [{ id: "high", name: "", rank: 1, shape: "triangle", tone: "critical" }, { id: "low", name: "", rank: 2, shape: "circle", tone: "info" }];
const config = { names: { topics: {}, kinds: {} }, areas: {}, levels, sources: [], kinds: {} };
const context = (room, more = {}) => ({ config, format, measure, params: {}, now: NOW, views: new Map(), unit: 1, tokens: {}, missed: null, room, ...more });

const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");
const nodes = (node) => (Array.isArray(node) ? node.flatMap(nodes) : node?.props ? [node, ...nodes(node.props.children)] : []);
const textOf = (node) => plain(Array.isArray(node) ? node.map(textOf).join("|") : node?.props ? textOf(node.props.children) : String(node ?? ""));
const shown = (rendered, name) => nodes(rendered.children).filter(({ props }) => (props.className ?? "").split(" ").includes(name)).map(textOf);

const rated = (n, more = {}) => ({
  ...golden.rating,
  rows: Array.from({ length: n }, (_, i) => ({ area: `a${i + 1}`, value: 1 - i / 100, n: 50, previous: null, rank: i + 1 })),
  unknown_area: 0,
  ...more,
});

test("a rating shows both ends and names how many stand between them", () => {
  const small = renderRating(rated(34), context({ width: 600, height: 600 }));
  assert.deepEqual(shown(small, "rating-name"), ["a1", "a2", "a3", "a32", "a33", "a34"]);
  assert.deepEqual(shown(small, "rating-gap"), ["ещё 28 между ними"]);
  assert.equal(nodes(small.table).filter(({ props }) => props["data-kpi"]?.startsWith("rating_in_time:")).length, 34);
  const whole = renderRating(rated(6), context({ width: 600, height: 600 }));
  assert.deepEqual([shown(whole, "rating-name").length, shown(whole, "rating-gap")], [6, []]);
  const wide = renderRating(rated(34), context({ width: 1800, height: 600 }));
  assert.deepEqual(shown(wide, "rating-name"), ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a26", "a27", "a28", "a29", "a30", "a31", "a32", "a33", "a34"]);
});

test("a rating misses its target in a shape and a word, and few cases have no place", () => {
  const few = { area: "tiny", value: 1, n: 3, previous: null, rank: null };
  const value = rated(12, { rows: [...rated(12).rows, few] });
  const told = renderRating(value, context({ width: 600, height: 1200 }));
  assert.equal(nodes(told.children).filter(({ props }) => props.className?.includes("is-missed")).length, 1); // 0.89 of 0.9
  assert.ok(textOf(told.children).includes("Цель 90 %: ниже цели 1"));
  assert.ok(textOf(told.children).includes("Мало данных, меньше 20: tiny"));
  const none = renderRating(rated(0, { rows: [few] }), context({ width: 600, height: 600 }));
  assert.ok(textOf(none.children).includes("Мало данных: нигде нет 20 случаев"));
  assert.ok(!textOf(none.children).includes("Цель"));
  assert.equal(renderRating(rated(0), context({ width: 600, height: 600 })).empty, true);
  const rates = rated(0, { kpi: "per_10k", unit: "rate", better: "lower", target: null, rows: [{ area: "north", value: null, n: 9, previous: null, rank: null }] });
  assert.ok(textOf(renderRating(rates, context({ width: 600, height: 600 })).children).includes("Население неизвестно: north"));
});

test("«прочие» keep their row, and hidden news is named", () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ topic: `t${i + 1}`, received: 100 - i, change: 0, trend: "steady" }));
  rows[15] = { topic: "smell", received: 85, change: 60, trend: "rising" };
  const value = { topics: [...rows, { topic: "other", received: 3, change: null, trend: null }], has_other: true, received: 999, change: 1 };
  const told = renderTopics(value, context({ width: 500, height: 470 }));
  assert.deepEqual(shown(told, "topic-name"), ["t1", "t2", "t3", "t4", "other"].slice(-shown(told, "topic-name").length));
  assert.equal(shown(told, "topic-name").at(-1), "other");
  assert.match(textOf(told.children), /ещё 1\d, обращений/);
  assert.ok(textOf(told.children).includes("Новое или растёт: smell"));
  const all = renderTopics(golden.topics, context({ width: 500, height: 900 }));
  assert.deepEqual(shown(all, "topic-trend"), ["|растёт +30", "|новое", "−2"]);
  assert.equal(nodes(all.children).filter(({ props }) => props.className?.includes("tone--notice")).length, 2);
});

test("a week says what it lacks, and today is not compared", () => {
  const value = { ...golden.week };
  const told = renderWeek(value, context({ width: 600, height: 300 }));
  assert.ok(textOf(told.children).includes("неделей раньше"));
  assert.ok(!textOf(told.children).includes("±")); // the seven days before are not all known
  assert.ok(textOf(renderWeek({ ...value, before_7_days: 1700 }, context({ width: 600, height: 300 })).children).includes("+77"));
  const { data, layout } = weekFigure(value, { ...context({ width: 600, height: 300 }), tokens: { bar: "b", barUnfinished: "u" } });
  assert.deepEqual(data[0].marker.color, ["b", "b", "b", "b", "b", "b", "b", "u"]);
  assert.equal(data[1].y[0], null);
  assert.deepEqual(layout.annotations.map(({ text }) => plain(text)).slice(7, 9), ["236", "пн 23"]);
});

const sources = (ages) => ages.map((age, i) => ({ id: `s${i}`, name: `S${i}`, records: "appeals", cover: 1, limits, age }));
const tableOf = (ages, room, more = {}) => {
  const list = sources(ages);
  const views = new Map(list.map(({ id, age }) => [id, { source: id, last_complete_at: age === null ? null : new Date(NOW - age * 1000).toISOString(), lag_s: 0, ...more[id] }]));
  const value = { sources: list.map(({ id }) => ({ source: id, today: 5, last_hour: 1, quarantined: id === "s1" ? 4 : 0, failures: 0, next_poll_at: null })) };
  return renderSourceTable(value, { ...context(room, { views, config: { ...config, sources: list } }), freshness: readFreshness(list, views, NOW, 0.6) });
};

test("the worst source stands first, columns without anything to say are not there, and the rest is counted", () => {
  const told = tableOf([5, 5, 100, 5, null], { width: 1800, height: 800 }, { s3: { failing: true } });
  assert.deepEqual(shown(told, "source-line-name").map((text) => text.replace(/\W/g, "")), ["S4", "S2", "S3", "S0", "S1"]);
  assert.deepEqual(shown(told, "cell--words"), ["не отвечал", "нет новых данных", "ошибка опроса", "в порядке", "в порядке"]);
  assert.deepEqual(shown(told, "cell--quarantined"), ["", "", "", "", "4"]);
  assert.deepEqual([shown(told, "cell--next"), shown(told, "cell--failures")], [[], []]);
  assert.equal(shown(tableOf(Array(20).fill(5), { width: 1800, height: 780 }), "source-line-name").length, 20);
  const many = tableOf([...Array(30).fill(5), 700], { width: 1800, height: 400 });
  assert.equal(shown(many, "source-line--dead").length, 1);
  assert.match(textOf(many.children), /ещё 2\d: в порядке/);
});

const incidents = (n) => Array.from({ length: n }, (_, i) => ({ id: i, kind: "k", level: i < 3 ? "high" : "low", status: "in_work", area: null, started_at: "2026-03-02T05:00:00Z", affected_n: null }));
const listOf = (n, room, more = {}) => {
  const rows = incidents(n);
  const counts = levels.map(({ id }) => ({ level: id, open: rows.filter(({ level }) => level === id).length }));
  return renderIncidentList({ levels: counts, open: n, last_ended_at: "2026-03-02T01:20:00Z", ...more.value }, context(room, more), { incidents: rows });
};

test("incidents that find no room are counted by level, and calm is told with its age", () => {
  assert.deepEqual([shown(listOf(5, { width: 600, height: 600 }), "incident").length, shown(listOf(5, { width: 600, height: 600 }), "incidents-more")], [5, []]);
  const full = listOf(12, { width: 600, height: 300 });
  assert.equal(shown(full, "incident").length, 3);
  assert.equal(shown(full, "incidents-more")[0].replace(/\|+/g, " ").trim(), "ещё 9 9");
  assert.equal(shown(listOf(12, { width: 1400, height: 300 }), "incident").length, 6);
  const calm = listOf(0, { width: 600, height: 300 });
  assert.match(textOf(calm.children), /Открытых инцидентов нет\|последний закончился 4 ч 10 мин назад/);
  assert.ok(!textOf(listOf(0, { width: 600, height: 300 }, { value: { last_ended_at: null } }).children).includes("закончился"));
});

test("two open incidents stay beside what was missed", () => {
  const over = incidents(6).map((row) => ({ ...row, id: row.id + 100, ended_at: "2026-03-02T05:10:00Z" }));
  const missed = { since: "2026-03-02T04:50:00Z", until: "2026-03-02T05:20:00Z", n: 6, incidents: over };
  for (const height of [250, 300, 400]) {
    const told = listOf(8, { width: 600, height }, { missed });
    assert.ok(shown(told, "incident").length >= 2, height);
    assert.equal(shown(told, "missed-title").length, 1);
  }
});

test("levels without incidents are quiet, and an area of unknown population has no rate", () => {
  const told = renderLevels({ levels: [{ level: "high", open: 0 }, { level: "low", open: 12 }], open: 12 }, context({ width: 500, height: 150 }));
  assert.deepEqual(nodes(told.children).filter(({ props }) => props["data-kpi"]).map(({ props }) => [props["data-kpi"], props["data-value"], props.className.includes("is-none")]), [["incidents_level:high", "0", true], ["incidents_level:low", "12", false]]);
  const areas = { north: { name: "North", kind: "urban", centre: "N", population: null, population_on: "" } };
  const facts = renderAreaFacts({ area: "north", received: 7, per_10k: null, region_per_10k: 2.34 }, context({ width: 600, height: 300 }, { config: { ...config, areas } }));
  assert.deepEqual(shown(facts, "fact-value"), ["неизвестно", "7", "нет данных", "2,3"]);
});

test("names that do not fit a line become a number", () => {
  const tools = { measure, format };
  assert.equal(nameLine("Мало:", ["A", "B", "C"], 20, 400, tools), "Мало: A, B, C");
  assert.equal(nameLine("Мало:", ["Aaaaaaaaaa", "Bbbbbbbbbb", "Cccccccccc"], 20, 330, tools), "Мало: Aaaaaaaaaa и ещё 2");
  assert.equal(nameLine("Мало:", ["Aaaaaaaaaa", "Bbbbbbbbbb"], 20, 60, tools), "Мало: 2");
  assert.equal(nameLine("Мало:", [], 20, 60, tools), "");
});
