// Projection, labels, marks and shades of the map.
import assert from "node:assert/strict";
import test from "node:test";

import { findHome, placeLabels } from "../../assets/js/labels.mjs";
import { mergeCells } from "../../assets/js/clusters.mjs";
import { bezelBoxes, colourScale, layGround, layOver, markAppeals, paintedAreas, shadeOf, shadingOf, withIds } from "../../assets/js/map.mjs";
import { recentAppeals, spreadMarks } from "../../assets/js/marks.mjs";
import { createMapPanel } from "../../assets/js/panels/map.mjs";
import { fitView, moveOf, passView } from "../../assets/js/projection.mjs";

/** The same numbers on every run. */
function sequence(seed) {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
}
const meet = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

test("the view shows the whole region, centred, with its padding", () => {
  const view = fitView([84, 52, 90, 57], 540, 700, 18);
  const [left, top] = view.toPixels(84, 57);
  const [right, bottom] = view.toPixels(90, 52);
  assert.ok(left >= 17.9 && top >= 17.9 && right <= 522.1 && bottom <= 682.1);
  assert.ok(Math.abs(left - 18) < 0.1 || Math.abs(top - 18) < 0.1);
  const [x, y] = view.toPixels(view.center.lon, view.center.lat);
  assert.ok(Math.abs(x - 270) < 1e-6 && Math.abs(y - 350) < 1e-6);
});

test("a degree of longitude is as wide as MapLibre draws it", () => {
  const view = fitView([0, -10, 20, 10], 1000, 1000, 0);
  const world = 512 * 2 ** view.zoom;
  assert.ok(Math.abs(view.toPixels(11, 0)[0] - view.toPixels(10, 0)[0] - world / 360) < 1e-9);
});

test("no two labels meet, none covers a mark, none leaves the map, over 200 random maps", () => {
  const random = sequence(7);
  for (let round = 0; round < 200; round += 1) {
    const items = Array.from({ length: 34 }, (_, id) => ({ id, x: random() * 540, y: random() * 700, w: 60 + random() * 150, h: 28, reach: random() < 0.2 ? 18 : 0 }));
    const obstacles = items.filter((item) => item.reach).map(({ x, y }) => ({ x: x - 18, y: y - 18, w: 36, h: 36 }));
    const placed = placeLabels({ items, obstacles, width: 540, height: 700, gap: 4, limit: 14 });
    assert.ok(placed.length > 3 && placed.length <= 14);
    placed.forEach((label, i) => {
      assert.ok(label.x >= 0 && label.y >= 0 && label.x + label.w <= 540 && label.y + label.h <= 700);
      assert.ok(!obstacles.some((box) => meet(label, box)));
      assert.ok(!placed.slice(i + 1).some((other) => meet(label, other)));
    });
  }
});

test("the more important label is placed and the other left out where only one fits", () => {
  const item = (id) => ({ id, x: 50, y: 15, w: 96, h: 28, reach: 0 });
  const placed = placeLabels({ items: [item("first"), item("second")], obstacles: [], width: 100, height: 30, gap: 4, limit: 9 });
  assert.deepEqual(placed.map((label) => label.id), ["first"]);
});

test("marks at one place stand side by side", () => {
  const placed = spreadMarks(Array.from({ length: 12 }, () => ({ x: 100, y: 100 })), 15);
  placed.forEach((a, i) => placed.slice(i + 1).forEach((b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 30)));
});

test("a rate reaches its step and an unknown population has no shade", () => {
  assert.deepEqual([null, 0, 1.9, 2, 99].map((rate) => shadeOf(rate, [0, 2, 5])), [-1, 0, 0, 1, 2]);
  const { colours } = shadingOf({ steps: [0, 1, 2], areas: [] }, { shades: { steps: ["a", "b", "c", "d", "e", "f"] } });
  const scale = colourScale("n", colours);
  assert.deepEqual(scale.at(0), [0, "n"]);
  assert.deepEqual(scale.at(-1), [1, "f"]);
});

test("only appeals of the last hour with a point are marks", () => {
  const now = Date.parse("2026-03-02T05:00:00Z");
  const row = (feed_at, lat) => ({ feed_at, lat, lon: lat });
  const kept = recentAppeals([row("2026-03-02T04:30:00Z", 54), row("2026-03-02T03:30:00Z", 54), row("2026-03-02T04:40:00Z", null)], now);
  assert.equal(kept.length, 1);
});

test("areas are known by the id that the profile gives them", () => {
  const feature = (more) => ({ type: "Feature", properties: {}, ...more });
  const known = withIds({ features: [feature({ id: "a" }), feature({ properties: { area: "b" } }), feature({ id: 7 })] }, { a: {}, b: {} });
  assert.deepEqual(known.features.map((one) => one.id), ["a", "b"]);
});

test("no leader runs through the words of another label", () => {
  const random = sequence(11);
  for (let round = 0; round < 100; round += 1) {
    const items = Array.from({ length: 34 }, (_, id) => ({ id, x: random() * 540, y: random() * 700, w: 60 + random() * 150, h: 28, reach: 0 }));
    const placed = placeLabels({ items, obstacles: [], width: 540, height: 700, gap: 4, limit: 20 });
    for (const { id, leader } of placed.filter((label) => label.leader)) {
      for (const other of placed.filter((label) => label.id !== id)) {
        const [mx, my] = [(leader[0] + leader[2]) / 2, (leader[1] + leader[3]) / 2];
        assert.ok(!(mx > other.x && mx < other.x + other.w && my > other.y && my < other.y + other.h));
      }
    }
  }
});

const square = (x, y, side) => [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]];

test("beyond the limit a label stands on its own area, large areas first, or not at all", () => {
  const item = (id, x, y, side) => {
    const box = { x: x + side / 2, y: y + side / 2, w: 80, h: 28 };
    return { id, reach: 0, ...box, home: findHome(square(x, y, side), box) };
  };
  const items = [item("first", 0, 0, 200), item("small", 300, 300, 40), item("medium", 400, 0, 120), item("large", 0, 400, 300)];
  const placed = placeLabels({ items, obstacles: [], width: 800, height: 800, gap: 4, limit: 1 });
  assert.deepEqual(placed.map((label) => label.id), ["first", "large", "medium"]);
  const large = placed[1];
  assert.ok(large.x >= -16 && large.x + large.w <= 316 && large.y >= 400 && large.y + large.h <= 700);
  assert.equal(large.leader, null);
});

test("a label goes round a hole and an obstacle of its own area", () => {
  const rings = [...square(0, 0, 300), ...square(100, 100, 100)];
  const home = findHome(rings, { x: 150, y: 150, w: 80, h: 28 });
  assert.ok(home.length > 0);
  assert.ok(home.every((place) => !meet({ x: place.x + 16, y: place.y + 3, w: 48, h: 22 }, { x: 101, y: 101, w: 98, h: 98 })));
  const obstacles = [{ ...home[0], w: 80, h: 28 }];
  const [label] = placeLabels({ items: [{ id: "a", x: 150, y: 150, w: 80, h: 28, reach: 0, home }], obstacles, width: 300, height: 300, gap: 4, limit: 0 });
  assert.ok(label && !meet(label, obstacles[0]));
});

test("without WebGL the canvas has every area in the colour of its shade", () => {
  const geojson = { features: [{ id: "a", geometry: { type: "Polygon", coordinates: square(0, 0, 10) } }, { id: "b", geometry: { type: "MultiPolygon", coordinates: [square(20, 0, 10), square(40, 0, 5)] } }] };
  const config = { areas: { a: { name: "A", lon: 5, lat: 5 }, b: { name: "B", lon: 25, lat: 5 } } };
  const view = { toPixels: (lon, lat) => [lon, lat] };
  const ground = layGround(geojson, view, { config, measure: { width: () => 1 }, unit: 1 });
  const value = { steps: [0, 5], areas: [{ area: "a", per_10k: 6 }, { area: "b", per_10k: null }] };
  const tokens = { shades: { none: "none", steps: ["s1", "s2"] } };
  const painted = paintedAreas(shadingOf(value, tokens), ground, tokens);
  assert.deepEqual(painted.map((area) => [area.rings.length, area.colour]), [[1, "s2"], [2, "none"]]);
});

test("a map that lost its context before its areas stood asks nothing meanwhile, and ends loading when it is back", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const map = { idle: false, loaded: () => map.idle, isStyleLoaded: () => true, isMoving: () => false, getLayersOrder: () => [1, 2], at: { center: { lon: 0 }, zoom: 0 }, on: () => {}, getCenter: () => ({ lng: map.at.center.lon, lat: map.at.center.lat ?? 0 }), getZoom: () => map.at.zoom, jumpTo: (at) => (map.at = at) };
  globalThis.document = { querySelector: () => ({ _fullLayout: { map: { _subplot: { map } } } }) };
  t.after(() => delete globalThis.document);
  const heard = {};
  const box = { dataset: {}, addEventListener: (event, handler) => (heard[event] = handler) };
  const figures = { asked: [], forgotten: 0, show: (id, build) => (figures.asked.push(id), build()), forget: () => (figures.forgotten += 1) };
  const config = { map: { bounds: [84, 52, 89, 57], area_bounds: {}, places: [] }, areas: {}, levels: [] };
  let drawn = 0;
  const panel = createMapPanel({
    box, canvas: {}, config, geojson: { features: [] }, figures, tokens: { shades: { none: "n", steps: ["s"] } },
    put: () => {}, canDrawAreas: true, isStill: true, onAreas: () => (drawn += 1),
  });
  const value = { steps: [0], areas: [] };
  const room = { width: 400, height: 400 };
  const show = (told = value) => panel.show(told, {}, { unit: 1, now: 0, room, seq: 1, config, measure: { width: () => 1 } });
  show();
  t.mock.timers.tick(50);
  assert.deepEqual([panel.areAreasDrawn(), figures.asked.length], [false, 1]);
  heard.webglcontextlost();
  t.mock.timers.tick(500);
  show({ ...value });
  assert.deepEqual([panel.areAreasDrawn(), figures.asked.length, figures.forgotten], [true, 1, 1], "the canvas stands in");
  heard.webglcontextrestored();
  map.idle = true;
  t.mock.timers.tick(100);
  assert.equal(panel.areAreasDrawn(), true);
  assert.equal(drawn, 2);
  assert.deepEqual(map.at, (({ center, zoom }) => ({ center, zoom }))(fitView([84, 52, 89, 57], 400, 400, 18)), "it looks where we do");
  show();
  assert.equal(figures.asked.length, 2);
  panel.repaint();
  show();
  assert.equal(figures.asked.length, 3, "other colours are another figure");
});

const EDGES = { width: 600, height: 800 };
const REGION = [84, 52, 89, 57];
const TOWN = [86, 55, 86.3, 55.2];

test("on the way from one view to another nothing jumps, and what is laid out is moved as the map moves", () => {
  const [from, to] = [fitView(REGION, 600, 800, 18), fitView(TOWN, 600, 800, 18)];
  const seen = [0, 0.25, 0.5, 0.75, 1].map((part) => passView(from, to, part, 600, 800));
  assert.ok(Math.abs(seen[0].zoom - from.zoom) < 1e-9 && Math.abs(seen[4].zoom - to.zoom) < 1e-9);
  seen.slice(1).forEach((view, i) => assert.ok(view.zoom > seen[i].zoom));
  for (const view of seen) {
    const { k, dx, dy } = moveOf(to, view, 600, 800);
    for (const [lon, lat] of [[84, 57], [86.1, 55.1], [89, 52]]) {
      const [[x, y], [wantedX, wantedY]] = [to.toPixels(lon, lat), view.toPixels(lon, lat)];
      assert.ok(Math.hypot(k * x + dx - wantedX, k * y + dy - wantedY) < 1e-6 * Math.abs(view.world));
    }
    // The town that is zoomed to never leaves the picture on the way.
    const [x, y] = view.toPixels(86.15, 55.1);
    assert.ok(x >= 0 && x <= 600 && y >= 0 && y <= 800);
  }
  const [back] = [passView(to, { ...to, cx: to.cx + 0.001 }, 0.5, 600, 800)];
  assert.ok(Math.abs(back.cx - to.cx - 0.0005) < 1e-12);
});

const KPI = { kpi: "in_time", unit: "share", better: "higher", min_n: 20, target: { value: 0.95, better: "higher", example: false } };
const SHADES = { none: "none", steps: ["s1", "s2", "s3", "s4", "s5", "s6"], missed: ["m1", "m2", "m3"] };
const ratingRow = (area, value, n = 100) => ({ area, value, n, previous: null, rank: null });

test("a KPI with a target is grey where it is kept, and the worse the louder where it is missed", () => {
  const by = { ...KPI, rows: [ratingRow("a", 0.97), ratingRow("b", 0.9), ratingRow("c", 0.5), ratingRow("few", 0, 3)] };
  const value = { steps: [0, 0.75, 0.85, 0.95], areas: [], by };
  const shading = shadingOf(value, { shades: SHADES });
  const colourOf = (area) => shading.colours[shadeOf(shading.numbers.get(area), shading.steps)];
  assert.deepEqual(["a", "b", "c"].map(colourOf), ["s2", "m1", "m3"]);
  assert.equal(shading.numbers.get("few"), null, "few cases are no number");
  const slower = { ...KPI, kpi: "response", better: "lower", target: { value: 60, better: "lower", example: false }, rows: [ratingRow("a", 59), ratingRow("b", 500)] };
  const late = shadingOf({ steps: [0, 60, 120, 240], areas: [], by: slower }, { shades: SHADES });
  assert.deepEqual(late.colours, ["s2", "m1", "m2", "m3"]);
  const grey = shadingOf({ steps: [0, 1], areas: [], by: { ...KPI, better: "lower", target: null, rows: [] } }, { shades: SHADES });
  assert.ok(grey.colours.every((colour) => SHADES.steps.includes(colour)), "without a target nothing is abnormal");
  assert.deepEqual(shadingOf(value, { shades: SHADES }, false).steps, []);
});

const measure = { width: (text, px) => (text.length * px) / 2 };
const number = (n) => String(n);

test("clusters add up to the appeals in sight, stand apart, and part when the map comes nearer", () => {
  const random = sequence(5);
  const step = 1 / 128;
  const cells = Array.from({ length: 400 }, () => [Math.floor((90 + 52 + random() * 5) / step), Math.floor((180 + 84 + random() * 5) / (2 * step)), 1 + Math.floor(random() ** 4 * 900)]);
  const options = { ...EDGES, unit: 1, measure, format: { number } };
  const whole = mergeCells({ cells, step }, fitView(REGION, 600, 800, 0), options);
  const inside = cells.reduce((sum, cell) => sum + cell[2], 0);
  assert.equal(whole.reduce((sum, circle) => sum + circle.n, 0), inside);
  whole.forEach((a, i) => whole.slice(i + 1).forEach((b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= a.r + b.r)));
  assert.ok(whole.length < 100);
  const [south, west] = [cells[0][0] * step - 90, cells[0][1] * 2 * step - 180];
  const near = mergeCells({ cells, step }, fitView([west - 0.02, south - 0.02, west + 0.04, south + 0.03], 600, 800, 0), options);
  assert.ok(near.length >= 1 && near.reduce((sum, circle) => sum + circle.n, 0) < inside);
});

const NO_SHADING = { by: null, numbers: new Map(), steps: [] };
const PLACES = [{ name: "Town", area: "a", lon: 86.1, lat: 55.1 }, { name: "Village", area: "b", lon: 86.1, lat: 55.15 }];
const AREAS = { a: { name: "Town", lon: 86.1, lat: 55.1, population: 5, label_point: [86.1, 55.1] }, b: { name: "Land", lon: 86.2, lat: 55.16, population: 9, label_point: [86.2, 55.16] } };
const layTown = (more) =>
  layOver({ rows: [], view: fitView(TOWN, 600, 800, 18), ground: new Map(), ...EDGES, shading: NO_SHADING, config: { levels: [], areas: AREAS, map: { places: PLACES } }, format: { number, t: (key) => key, upTo: number }, measure, unit: 1, ...more });

test("near an area its settlements have names, its own name stands once, and neighbours keep theirs", () => {
  const { labels, places } = layTown({ focus: "a" });
  assert.deepEqual(places.map((place) => place.name), ["Town"]);
  assert.deepEqual(labels.map((label) => label.text).sort(), ["Land", "Town"]);
  assert.deepEqual(layTown({}).places, []);
});

test("an area that misses its target says by how much, with a sign", () => {
  const by = { ...KPI, rows: [] };
  const { labels } = layTown({ shading: { by, numbers: new Map([["a", 0.71], ["b", 0.99]]), steps: [] } });
  assert.deepEqual(labels.map((label) => label.text), ["Town ▼\u00a071\u00a0unit.percent", "Land"]);
});

test("no label meets a circle or lies across two screens", () => {
  const clusters = { step: 1 / 128, cells: [[Math.floor((90 + 55.1) * 128), Math.floor((180 + 86.1) * 64), 3000]] };
  const bezels = bezelBoxes({ x: [960], y: [], px: 20 }, { left: 700, top: 0, ...EDGES, unit: 1 });
  assert.deepEqual(bezels, [{ x: 250, y: 0, w: 20, h: 800 }]);
  const { labels, circles } = layTown({ clusters, bezels });
  assert.equal(circles.length, 1);
  assert.ok(labels.length > 0);
  const [{ x, y, r }] = circles;
  for (const label of labels) assert.ok(!meet(label, { x: x - r, y: y - r, w: 2 * r, h: 2 * r }) && !meet(label, bezels[0]));
});

test("an incident stands beside a circle, not on its number", () => {
  const [circle] = [{ x: 100, y: 100, r: 40 }];
  for (const { x, y } of spreadMarks([{ x: 100, y: 100 }, { x: 105, y: 100 }], 15, [circle])) assert.ok(Math.hypot(x - 100, y - 100) > 40 + 15);
});

test("among clusters only the newest appeals are marks of their own, and none where the scene wants none", () => {
  const now = Date.parse("2026-03-02T05:00:00Z");
  const rows = ["04:55", "04:30"].map((time) => ({ feed_at: `2026-03-02T${time}:00Z`, known_at: `2026-03-02T${time}:00Z`, lat: 54, lon: 86 }));
  const view = fitView(REGION, 600, 800, 0);
  assert.deepEqual(["fresh", "clusters", "heat", "none"].map((marks) => markAppeals(rows, view, now, marks).length), [2, 1, 1, 0]);
});
