// The reducer and the watch on freshness, against the same vectors as the Python tests.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { decidePanelState, decideSourceState, oldestAge, readFreshness } from "../../assets/js/freshness.mjs";
import { compareInstants, decideFrame, reduce } from "../../assets/js/reduce.mjs";

const golden = (name) => JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"));

test("every golden frame is applied, dropped or called a gap as Python does, and ends in the same page", () => {
  const { steps, expected } = golden("frames");
  let state = golden("snapshot");
  const words = { apply: "applied", drop: "dropped", gap: "gap" };
  for (const step of steps) {
    const decision = decideFrame(state, step.frame);
    assert.equal(words[decision], step.outcome, JSON.stringify(step.frame).slice(0, 80));
    if (decision === "apply") state = reduce(state, step.frame);
  }
  assert.equal(state.epoch, expected.epoch);
  assert.equal(state.seq, expected.seq);
  assert.equal(state.at, expected.at);
  assert.deepEqual(state.tables.appeals, expected.appeals);
  assert.deepEqual(Object.fromEntries(state.tables.incidents.map((row) => [row.id, row])), expected.incidents);
  assert.deepEqual(state.values, expected.values);
});

test("a frame leaves the state it was given untouched", () => {
  const before = golden("snapshot");
  const step = golden("frames").steps.find((found) => found.outcome === "applied");
  const copy = structuredClone(before);
  reduce(before, step.frame);
  assert.deepEqual(before, copy);
});

test("a page without a state answers every frame with a question", () => {
  assert.equal(decideFrame(null, golden("frames").steps[0].frame), "gap");
});

test("instants sort by time and not by text", () => {
  assert.equal(compareInstants("2026-03-02T05:00:00Z", "2026-03-02T05:00:00.5Z"), -1);
  assert.equal(compareInstants("2026-03-02T05:00:00.000001Z", "2026-03-02T05:00:00Z"), 1);
  assert.equal(compareInstants("2026-03-02T05:00:00.100Z", "2026-03-02T05:00:00.1Z"), 0);
});

test("sources and panels grow old exactly as in Python", () => {
  const { source_cases: sources, panel_cases: panels } = golden("freshness");
  assert.ok(sources.length + panels.length >= 30);
  for (const one of sources) assert.equal(decideSourceState(one.age_s, one.limits), one.expected, one.name);
  for (const one of panels) assert.equal(decidePanelState(one.sources, one.partial_min_cover), one.expected, one.name);
});

const LIMITS = { ageing_s: 30, stale_s: 60, dead_s: 600 };
const NOW = Date.parse("2026-03-02T05:00:00Z");
const views = (ages) => new Map(ages.map((age, i) => [`s${i}`, { last_complete_at: age === null ? null : new Date(NOW - age * 1000).toISOString() }]));
const sources = (count) => Array.from({ length: count }, (_, i) => ({ id: `s${i}`, name: `S${i}`, cover: 1, limits: LIMITS }));

test("what a panel shows is as old as the slowest source that still speaks", () => {
  const read = readFreshness(sources(3), views([5, 20, 100]), NOW, 0.6);
  assert.equal(read.state, "partial");
  assert.equal(read.as_of, new Date(NOW - 20_000).toISOString());
  assert.deepEqual(read.blind.map((source) => source.id), ["s2"]);
});

test("a blind panel is as old as the last word of those whose silence made it blind", () => {
  const read = readFreshness(sources(3), views([5, 100, 200]), NOW, 0.6);
  assert.equal(read.state, "stale");
  assert.equal(read.as_of, new Date(NOW - 100_000).toISOString());
});

test("sources that never answered give no moment at all", () => {
  const read = readFreshness(sources(2), views([null, null]), NOW, 0.6);
  assert.equal(read.state, "dead");
  assert.equal(read.as_of, "");
});

test("a poll in the future is not fresh for hours: a clock was set back", () => {
  assert.equal(readFreshness(sources(1), views([-0.5]), NOW, 0.6).state, "fresh");
  assert.equal(readFreshness(sources(1), views([-3600]), NOW, 0.6).state, "dead");
});

test("a source that never answered is no young one", () => {
  assert.equal(oldestAge([{ age_s: 3 }, { age_s: 8 }]), 8);
  assert.equal(oldestAge([{ age_s: 3 }, { age_s: null }]), Infinity);
  assert.equal(oldestAge([]), null);
});
