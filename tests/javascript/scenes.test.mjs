// Scenes in the slots of the pool, what a wall is told, and moments that are not the present one.
import assert from "node:assert/strict";
import test from "node:test";

import { addressOf, createMoments, momentOf, playing } from "../../assets/js/moments.mjs";
import { findScene, keyText, layScene, paramsOf, parseRef } from "../../assets/js/scene.mjs";
import { isOtherScene, isUnplaced, layoutOf, placeOf } from "../../assets/js/stage.mjs";

const KINDS = {
  flow: { stem: "flow", takes: ["area", "sector", "period"], narrows: ["area", "sector", "period"], defaults: {} },
  rating: { stem: "rating", takes: ["kpi"], narrows: ["kpi"], defaults: { kpi: "in_time" } },
};
const flow = (at, more) => ({ kind: "flow", at, span: [1, 1], wide_at: null, wide_span: [1, 1], params: {}, title: "", ...more });
const SCENE = { takes: "sector", grid: { columns: ["10rem", "20rem", "30rem"], rows: ["a", "b"] }, wide: { columns: ["x"], rows: ["y"] }, panels: [flow([1, 1], { span: [2, 1], wide_at: [1, 1] }), flow([3, 2], { params: { period: "week" } })] };

test("a key names what a value is narrowed to, and nothing that is as usual", () => {
  assert.equal(keyText("flow", ["area", "period"], { period: "day" }), "flow");
  assert.equal(keyText("flow", ["sector", "period", "area"], { sector: "housing", period: "week", shade: "none" }), "flow@period=week,sector=housing");
});

test("a panel shows its own parameter, else the scene's argument where it takes it, else the kind's default", () => {
  const scene = { takes: "sector", argument: "housing" };
  assert.deepEqual(paramsOf(flow([1, 1], { params: { sector: "roads" } }), KINDS.flow, scene), { sector: "roads" });
  assert.deepEqual(paramsOf(flow([1, 1]), KINDS.flow, scene), { sector: "housing" });
  assert.deepEqual(paramsOf({ params: {} }, KINDS.rating, scene), { kpi: "in_time" });
  assert.deepEqual(parseRef("sector:housing"), { id: "sector", argument: "housing" });
});

test("panels of one kind stand in slots of their own, from left to right or from right to left", () => {
  const laid = layScene(SCENE, "housing", KINDS, { isWide: false, isMirrored: false });
  assert.deepEqual(laid.placed.map(({ slot, key, area }) => [slot, key, area]), [
    ["flow", "flow@sector=housing", "1 / 1 / span 1 / span 2"],
    ["flow-2", "flow@period=week,sector=housing", "2 / 3 / span 1 / span 1"],
  ]);
  const mirrored = layScene(SCENE, "housing", KINDS, { isWide: false, isMirrored: true });
  assert.deepEqual(mirrored.columns, ["30rem", "20rem", "10rem"]);
  assert.deepEqual(mirrored.placed.map(({ area }) => area), ["1 / 2 / span 1 / span 2", "2 / 1 / span 1 / span 1"]);
});

test("on a wide screen only those stand that have a place there", () => {
  const { placed, columns } = layScene(SCENE, null, KINDS, { isWide: true });
  assert.deepEqual([placed.map(({ slot, key }) => [slot, key]), columns], [[["flow", "flow"]], ["x"]]);
  assert.equal(layScene({ ...SCENE, wide: null }, null, KINDS, { isWide: true }).placed.length, 2);
});

test("a reference that nobody knows is the first scene", () => {
  const told = { first: "overview", scenes: { overview: SCENE, sector: {} } };
  assert.deepEqual(findScene(told, "nowhere"), { scene: SCENE, ref: "overview" });
  assert.equal(findScene(told, null).ref, "overview");
  assert.equal(findScene(told, "sector:housing").ref, "sector:housing");
});

test("a page knows its wall and screen by its address", () => {
  assert.deepEqual(placeOf("/wall"), { wall: "main", screen: "1" });
  assert.deepEqual(placeOf("/wall/hall/2"), { wall: "hall", screen: "2" });
  assert.equal(layoutOf({ mirrored: true }), layoutOf({ mirrored: true })); // the same object: nothing is placed anew
});

const NOON = "2026-03-02T12:00:00.000Z";
const PLAYED = { kind: "archive", at: "2026-03-01T00:00:00.000Z", basis: "is", speed: 60, since: NOON };

test("a wall that goes back before its screen has what it was told before is asked for again", () => {
  assert.ok(isOtherScene("sources", "overview", "overview"));
  assert.ok(isOtherScene("overview", "sources", "overview"), "the answer with the sources is on its way, and would stay");
  assert.ok(!isOtherScene("sources", "sources", "overview"), "asked for already");
  assert.ok(!isOtherScene("gone", "gone", "overview"), "an unknown scene is answered with another, once");
  assert.ok(!isOtherScene("overview", null, "overview"), "given unasked");
});

test("a moment has an address, and an archive that plays another one every second, never beyond the present", () => {
  const at = (now) => new URL(addressOf(PLAYED, "overview", Date.parse(now)), "http://x").searchParams.get("at");
  assert.equal(at(NOON), "2026-03-01T00:00:00.000Z");
  assert.equal(at("2026-03-02T12:00:10.000Z"), "2026-03-01T00:10:00.000Z");
  assert.equal(at("2026-03-04T12:00:00.000Z"), "2026-03-04T12:00:00.000Z");
  assert.equal(addressOf({ kind: "briefing", id: "a/b", page: 3 }, "sector:x", 0), "/briefing/a%2Fb.json?scene=sector%3Ax");
  assert.match(addressOf({ ...PLAYED, is_exercise: true }, "overview", 0), /basis=is&exercise=1$/);
  assert.equal(momentOf(new URLSearchParams("scene=x"), "x"), null);
  assert.equal(momentOf(new URLSearchParams("frozen=t"), null), "/frozen/t.json");
  assert.equal(momentOf(new URLSearchParams("frozen=t&scene=sector:x"), "sector:x"), "/frozen/t.json?scene=sector%3Ax");
  assert.match(momentOf(new URLSearchParams(`at=${PLAYED.at}`), "overview"), /^\/archive.json\?scene=overview&at=2026-03-01T00%3A00%3A00.000Z&basis=seen$/);
});

test("an archive is asked for once a second while it plays, once where it stands, and again after a failure", async (t) => {
  t.mock.method(console, "warn", () => {});
  let [ms, fails] = [0, false];
  const [asked, heard] = [[], []];
  const fetchJson = async (address) => {
    asked.push(address);
    if (fails) throw new Error("503");
    return { address };
  };
  const follow = createMoments({ fetchJson, now: () => Date.parse(NOON) + ms, monotonicMs: () => ms, onMoment: (moment) => heard.push(moment) });
  const step = async (afterMs, origin, ref = "overview") => {
    ms += afterMs;
    follow(origin, ref);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await step(0, PLAYED);
  await step(500, { ...PLAYED });
  assert.equal(asked.length, 1);
  await step(600, { ...PLAYED });
  assert.equal(asked.length, 2);
  const standing = { ...PLAYED, speed: 0 };
  await step(100, standing);
  await step(5000, standing);
  assert.equal(asked.length, 3);
  fails = true;
  await step(100, standing, "sources");
  await step(1000, standing, "sources");
  assert.equal(asked.length, 4);
  fails = false;
  await step(3000, standing, "sources");
  assert.equal(asked.length, 5);
  assert.equal(heard.length, 4);
  await step(100, { kind: "live" }, "sources");
  await step(100, null, "sources");
  assert.deepEqual(heard.slice(4), [null, null]);
});

test("an answer that comes when the wall is told something else already is thrown away", async () => {
  const [waiting, heard] = [[], []];
  const follow = createMoments({ fetchJson: () => new Promise((resolve) => waiting.push(resolve)), now: () => 0, monotonicMs: () => 0, onMoment: (moment) => heard.push(moment) });
  follow(PLAYED, "overview");
  follow({ kind: "live" }, "overview");
  waiting[0]({ late: true });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, [null]);
});

test("a page that was opened on an archive that plays asks for the next instant by its own time; one that stands asks for none", () => {
  let ms = 0;
  const asked = new URLSearchParams("at=2026-03-01T00:00:00Z&basis=is&speed=60&exercise=1");
  const next = playing(asked, "overview", () => ms);
  ms += 2000;
  assert.equal(next(), "/archive.json?scene=overview&at=2026-03-01T00%3A02%3A00.000Z&basis=is&exercise=1");
  assert.equal(playing(new URLSearchParams("at=2026-03-01T00:00:00Z"), "overview", () => ms), null);
});

test("a screen for which nothing is meant is known at once where its wall has others, and after a while where it has none", () => {
  assert.equal(isUnplaced({ screens: { 1: "overview" } }, "1", 60_000), false);
  assert.equal(isUnplaced({ screens: { 1: "overview" } }, "2", 0), true);
  assert.equal(isUnplaced({ screens: {} }, "1", 5_000), false);
  assert.equal(isUnplaced({ screens: {} }, "1", 60_000), true);
});
