// What makes the wall quick: only what differs is laid out, drawn and merged, and figures wait for their turn.
import assert from "node:assert/strict";
import test from "node:test";

import { isSame } from "../../assets/js/elements.mjs";
import { createFigures } from "../../assets/js/figures.mjs";
import { markAppeals } from "../../assets/js/map.mjs";
import { createMeasure } from "../../assets/js/measure.mjs";
import { flowFigure } from "../../assets/js/panels/flow.mjs";
import { compareInstants, reduce } from "../../assets/js/reduce.mjs";
import { remembered } from "../../assets/js/remember.mjs";

function sequence(seed) {
  let state = seed;
  return (n) => Math.floor(((state = (state * 1103515245 + 12345) % 2147483648) / 2147483648) * n);
}

test("merging changed rows gives what sorting all of them would give, over 300 random frames", () => {
  const random = sequence(3);
  const instant = () => `2026-03-02T0${random(3)}:${10 + random(50)}:00${["", ".5", ".25", ".123456"][random(4)]}Z`;
  const slow = (a, b) => compareInstants(b.feed_at, a.feed_at) || b.id - a.id;
  let state = { seq: 0, limits: { appeals: 40 }, tables: { appeals: [] }, values: {} };
  for (let round = 0; round < 300; round += 1) {
    const rows = Array.from({ length: random(9) }, () => {
      const [id, op] = [random(60), random(5) ? "put" : "del"];
      return { table: "appeals", op, key: String(id), row: op === "put" ? { id, feed_at: instant(), round } : null };
    });
    const all = new Map(state.tables.appeals.map((row) => [String(row.id), row]));
    for (const { op, key, row } of rows) op === "put" ? all.set(key, row) : all.delete(key);
    state = reduce(state, { to: round, at: "", rows, values: {} });
    assert.deepEqual(state.tables.appeals, [...all.values()].sort(slow).slice(0, 40));
  }
});

test("instants of one form are compared as text and of two forms as instants", () => {
  assert.equal(compareInstants("2026-03-02T05:00:00Z", "2026-03-02T05:00:00.5Z"), -1);
  assert.equal(compareInstants("2026-03-02T05:00:00.500Z", "2026-03-02T05:00:00.5Z"), 0);
  assert.equal(compareInstants("2026-03-02T05:00:00.7Z", "2026-03-02T05:00:00.6Z"), 1);
});

test("work is done again only when one of its parts is another object", () => {
  const make = remembered();
  const [a, b] = [{}, {}];
  let made = 0;
  for (const parts of [[a, 1], [a, 1], [b, 1], [b, 2], [b, 2]]) make(parts, () => (made += 1));
  assert.equal(made, 3);
});

test("components are the same when they show the same", () => {
  const row = (n) => ({ type: "B", props: { className: "a", style: { width: "5%" }, children: ["x", { type: "I", props: { children: [n] } }] } });
  assert.ok(isSame(row(1), row(1)));
  assert.ok(!isSame(row(1), row(2)));
  assert.ok(!isSame(row(1), undefined));
  assert.ok(!isSame({ a: 1 }, { b: 1 }));
});

/** Figures on a clock of the test: tasks run when it gets there. */
function paced() {
  const tasks = [];
  const drawn = [];
  let now = 0;
  const wait = (task, ms) => tasks.push({ at: now + ms, task });
  class Patch {
    assign() {
      return this;
    }
    build() {
      return "patch";
    }
  }
  const dash = { Patch, set_props: (id, { figure }) => drawn.push([now, id, figure === "patch" ? "patch" : "whole"]) };
  const errors = [];
  const figures = createFigures(dash, { monotonicMs: () => now, later: (task) => task(), wait, onDrawn: (id, error) => error && errors.push(id) });
  const pass = (ms) => {
    const end = now + ms;
    for (;;) {
      tasks.sort((a, b) => a.at - b.at);
      if (!tasks.length || tasks[0].at > end) break;
      const { at, task } = tasks.shift();
      now = at;
      task();
    }
    now = end;
  };
  return { figures, drawn, errors, pass };
}
const figureOf = (n, colour = "grey") => () => ({ data: [{ y: [n], colour }] });
const PATHS = [["data", 0, "y"]];

test("a figure is drawn at once, then rarely, and its last asking is never lost", () => {
  const { figures, drawn, pass } = paced();
  for (let n = 0; n < 100; n += 1) {
    figures.show("flow-figure", figureOf(n), PATHS);
    pass(100);
  }
  assert.equal(drawn[0][2], "whole");
  assert.ok(drawn.length >= 4 && drawn.length <= 6, `${drawn.length} drawings in 10 s`);
  pass(3000);
  assert.ok(figures.isSettled());
  const times = drawn.map(([at]) => at);
  assert.ok(times.slice(1).every((at, i) => at - times[i] >= 2000));
  assert.ok(drawn.at(-1)[0] <= 9900 + 2200, "the last value is drawn within its pause");
});

test("a figure that is forgotten waits for no pause, and what was asked before is never drawn", () => {
  const { figures, drawn, pass } = paced();
  figures.show("flow-figure", figureOf(1), PATHS);
  pass(100);
  figures.show("flow-figure", figureOf(2), PATHS);
  figures.forget("flow-figure");
  pass(100);
  assert.equal(drawn.length, 1);
  figures.show("flow-figure", figureOf(3), PATHS);
  pass(100);
  assert.equal(drawn.length, 2, "the first pause of two seconds would not be over");
});

test("two figures are never drawn in one task, and one that looks the same takes no turn", () => {
  const { figures, drawn, pass } = paced();
  for (const id of ["a", "b", "c"]) figures.show(id, figureOf(1), PATHS);
  pass(1000);
  assert.deepEqual(drawn.map(([, id]) => id), ["a", "b", "c"]);
  pass(5000);
  for (const id of ["a", "b", "c"]) figures.show(id, figureOf(id === "c" ? 2 : 1), PATHS);
  pass(150);
  assert.equal(drawn.length, 3);
  pass(100);
  assert.deepEqual(drawn.slice(3).map(([, id, how]) => [id, how]), [["c", "patch"]]);
});

test("a figure that cannot be drawn yet waits without holding up the others, and a broken one says so", () => {
  const { figures, drawn, errors, pass } = paced();
  let isReady = false;
  figures.show("map-figure", figureOf(1), PATHS, () => isReady);
  figures.show("broken", () => { throw new Error("no"); }, PATHS);
  figures.show("gauge", figureOf(1), PATHS);
  pass(1000);
  assert.deepEqual(drawn.map(([, id]) => id), ["gauge"]);
  assert.deepEqual(errors, ["broken"]);
  isReady = true;
  pass(1000);
  assert.deepEqual(drawn.map(([, id]) => id), ["gauge", "map-figure"]);
});

test("a figure that failed once is drawn at the next asking, though it is the same", () => {
  const drawn = [];
  const said = [];
  let isBroken = true;
  const dash = { Patch: class {}, set_props: (id) => { if (isBroken) throw new Error("no"); drawn.push(id); } };
  const figures = createFigures(dash, { pauseMs: 0, onDrawn: (id, error) => said.push([id, Boolean(error)]) });
  figures.show("gauge", figureOf(1), PATHS);
  figures.show("gauge", figureOf(1), PATHS);
  assert.deepEqual([drawn, said], [[], [["gauge", true], ["gauge", true]]]);
  isBroken = false;
  figures.show("gauge", figureOf(1), PATHS);
  assert.deepEqual([drawn, said.at(-1)], [["gauge"], ["gauge", false]]);
});

function flowUntil(hour, n) {
  const hours = Array.from({ length: 24 }, (_, i) => `2026-03-02T${String(i).padStart(2, "0")}:00:00Z`);
  const received = hours.map((_, i) => (i < hour ? 1500 : i === hour ? n : null));
  const value = { hours, received, answered: received, week_ago_received: hours.map(() => 1000) };
  return flowFigure(value, { format: { t: (key) => key, hour: () => "00" }, tokens: {}, unit: 1 });
}

test("the flow differs only when a pixel would", () => {
  const flow = (n) => JSON.stringify(flowUntil(8, n));
  assert.equal(flow(700), flow(701));
  assert.notEqual(flow(700), flow(740));
});

test("no line leads to the hour that is not over", () => {
  const [, , line, ring] = flowUntil(8, 700).data;
  assert.deepEqual(line.y.filter((count) => count !== null), Array(8).fill(1500));
  assert.deepEqual(ring.y.flatMap((count, i) => (count === null ? [] : [[i, count]])), [[8, 700]]);
});

test("the only hour that is over is a point, as a line of one hour is not drawn", () => {
  assert.deepEqual([0, 1, 2].map((hour) => flowUntil(hour, 700).data[2].mode), ["lines", "markers", "lines"]);
});

test("a mark is found once for a row and a view", () => {
  let asked = 0;
  const view = { toPixels: (lon, lat) => ((asked += 1), [lon, lat]) };
  const row = (id) => ({ id, lat: 54, lon: 86, feed_at: "2026-03-02T05:00:00Z", known_at: "2026-03-02T05:00:01Z" });
  const [now, rows] = [Date.parse("2026-03-02T05:10:00Z"), [row(2), row(1)]];
  const [first] = markAppeals(rows, view, now);
  assert.equal(markAppeals([row(3), ...rows], view, now)[1], first);
  assert.equal(asked, 3);
  assert.equal(markAppeals(rows, { ...view }, now).length, 2);
  assert.equal(asked, 5);
});

test("a counting number is measured once", () => {
  let asked = 0;
  const measure = createMeasure({ measureText: (text) => ((asked += 1), { width: text.length }) });
  for (let n = 1000; n < 1100; n += 1) measure.width(String(n), 22);
  assert.equal(asked, 1);
});
