// Projection, labels, marks and shades of the map.
import assert from "node:assert/strict";
import test from "node:test";

import { findHome, placeLabels } from "../../assets/js/labels.mjs";
import { colourScale, layGround, paintedAreas, shadeOf, withIds } from "../../assets/js/map.mjs";
import { recentAppeals, spreadMarks } from "../../assets/js/marks.mjs";
import { createMapPanel } from "../../assets/js/panels/map.mjs";
import { fitView } from "../../assets/js/projection.mjs";

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
  const scale = colourScale({ none: "n", steps: ["a", "b", "c", "d", "e", "f"] }, 3);
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
  const painted = paintedAreas(value, ground, { shades: { none: "none", steps: ["s1", "s2"] } });
  assert.deepEqual(painted.map((area) => [area.rings.length, area.colour]), [[1, "s2"], [2, "none"]]);
});

test("a map that lost its context before its areas stood asks nothing meanwhile, and ends loading when it is back", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const map = { idle: false, loaded: () => map.idle, isStyleLoaded: () => true, isMoving: () => false, getLayersOrder: () => [1, 2] };
  globalThis.document = { querySelector: () => ({ _fullLayout: { map: { _subplot: { map } } } }) };
  t.after(() => delete globalThis.document);
  const heard = {};
  const box = { dataset: {}, addEventListener: (event, handler) => (heard[event] = handler) };
  const figures = { asked: [], forgotten: 0, show: (id, build) => (figures.asked.push(id), build()), forget: () => (figures.forgotten += 1) };
  const config = { map: { bounds: [84, 52, 89, 57] }, areas: {}, levels: [] };
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
  show();
  assert.equal(figures.asked.length, 2);
});
