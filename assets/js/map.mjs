// The map: areas drawn once by Plotly (afterwards only their shades are patched), marks on a canvas, labels as
// elements, all in one projection of our own that meets MapLibre's.

import { mergeCells } from "./clusters.mjs";
import { h, hiddenTable, valueOf } from "./components.mjs";
import { findHome, placeLabels } from "./labels.mjs";
import { INCIDENT_PX, PLACE_PX, recentAppeals, spreadMarks } from "./marks.mjs";
import { inWords } from "./panels/kpi.mjs";
import { sortIncidents } from "./panels/lists.mjs";

const LABEL = { px: 22, height: 28, limit: 12 };
const NO_SHADE = -1;
const OVER_STYLE = 0.6;
const FRESH_MS = 600_000; // among clusters only what came in ten minutes is a mark of its own,
const FRESH_LIMIT = 40; // and of very many only the newest: more would hide the numbers

/** The MapLibre map below Plotly's figure (Plotly gives no public way to it); null before it exists. */
export const mapBelow = () => document.querySelector("#map-figure .js-plotly-plot")?._fullLayout?.map?._subplot?.map ?? null;

/** Whether everything that the map was asked to draw is drawn, the areas above its bare ground among it. */
export function isMapIdle(map = mapBelow()) {
  return Boolean(map?.loaded() && map.isStyleLoaded() && !map.isMoving() && map.getLayersOrder().length > 1);
}

/** Which shade an area gets: the last step that its rate reaches; none where the population is unknown. */
export function shadeOf(rate, steps) {
  if (rate === null || rate === undefined) return NO_SHADE;
  return steps.reduce((shade, step, index) => (rate >= step ? index : shade), 0);
}

/** `count` colours out of those of the tokens, from calm to dense. */
const ramp = (colours, count) => Array.from({ length: count }, (_, i) => colours[Math.round((i * (colours.length - 1)) / Math.max(1, count - 1))]);

/**
 * What the areas are shaded by: appeals per 10,000 residents, or a KPI of each area (`value.by`). Grey as long as no target
 * is missed: colour means abnormal.
 * @returns {{numbers: Map, steps: number[], colours: string[], by: object|null}} a colour for each step
 */
export function shadingOf(value, { shades }, isShaded = true) {
  const by = isShaded ? (value.by ?? null) : null;
  const steps = isShaded ? value.steps : [];
  const count = Math.max(1, steps.length);
  if (!by) return { by, steps, colours: ramp(shades.steps, count), numbers: new Map(isShaded ? value.areas.map((area) => [area.area, area.per_10k]) : []) };
  const numbers = new Map(by.rows.map((row) => [row.area, row.n >= by.min_n ? row.value : null]));
  const worst = by.target ? [shades.steps[1], ...shades.missed.slice(0, count - 1)] : ramp(shades.steps, count);
  return { by, steps, numbers, colours: by.better === "higher" ? worst.reverse() : worst };
}

/** The colours, with that of areas without a number below them, as a stepped Plotly scale from NO_SHADE on. */
export function colourScale(none, colours) {
  const all = [none, ...colours];
  return all.flatMap((colour, i) => [[i / all.length, colour], [(i + 1) / all.length, colour]]);
}

const areaShades = ({ numbers, steps }, ids) => ids.map((id) => shadeOf(numbers.get(id), steps));

/** GeoJSON whose features are known by `id`, whatever property their file keeps it in. */
export function withIds(geojson, areas) {
  const idOf = (feature) =>
    [feature.id, feature.properties?.id, feature.properties?.area, feature.properties?.slug].find((id) => id in areas);
  return { ...geojson, features: geojson.features.map((feature) => ({ ...feature, id: idOf(feature) })).filter((f) => f.id) };
}

const GROUND = (tokens) => ({
  // Our own style: nothing is asked of the internet. Its source is a placeholder: Plotly drops an empty `sources`
  // when it draws again, and MapLibre then refuses the style.
  version: 8,
  sources: { none: { type: "geojson", data: { type: "Point", coordinates: [0, 0] } } },
  layers: [{ id: "ground", type: "background", paint: { "background-color": tokens.ground } }],
});

/** `style`: the operator's own map below the areas, which then let it through; null: bare ground. */
export function mapFigure(shading, geojson, view, { tokens, unit, style = null }) {
  const ids = geojson.features.map((feature) => feature.id);
  return {
    data: [
      {
        type: "choroplethmap",
        geojson,
        locations: ids,
        featureidkey: "id",
        z: areaShades(shading, ids),
        zmin: NO_SHADE - 0.5,
        zmax: shading.colours.length - 0.5,
        colorscale: colourScale(tokens.shades.none, shading.colours),
        showscale: false,
        marker: { line: { color: tokens.border, width: 1.4 * unit }, opacity: style ? OVER_STYLE : 1 },
        below: "",
        hoverinfo: "skip",
      },
    ],
    layout: {
      autosize: true,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      dragmode: false,
      map: { style: style ?? GROUND(tokens), center: view.center, zoom: view.zoom, bearing: 0, pitch: 0 },
    },
  };
}

const chip = (className, text, style) => h("Span", { className: "legend-step" }, h("Span", { className, style }), text);

/** Shades with their bounds: from a bound on, and for a KPI also what lies below the second. */
function shadeChips({ steps, colours, by }, format) {
  const bound = (step) => (by ? inWords(step, by.unit, format) : format.upTo(step, 1));
  return steps.map((step, i) => chip("legend-shade", by ? format.t(i ? "map.from" : "map.below", { value: bound(i ? step : steps[1]) }) : bound(step), { background: colours[i] }));
}

/** What the shades are of, over which time, and the target they are read against. */
function shadeWords({ by }, { period }, format) {
  const span = format.t(`map.period_${period}`);
  if (!by) return format.t("map.per_10k_in", { span });
  const name = format.t(`map.by_${by.kpi}`, { span });
  return by.target ? `${name} · ${format.t("kpi.target", { value: inWords(by.target.value, by.unit, format) })}` : name;
}

/** What the marks are, of which time. */
function markChips(marks, clusters, { period }, format, now) {
  if (marks === "none") return [];
  if (marks === "fresh") return [chip("legend-dot", format.t("map.new_marks"))];
  if (!clusters?.counted_at) return [h("Span", {}, format.t("map.not_counted"))];
  const told = { span: format.t(`map.period_${period}`), at: format.timeOrDay(Date.parse(clusters.counted_at), now) };
  return [
    chip(marks === "heat" ? "legend-haze" : "legend-circle", format.t(`map.${marks}`, told)),
    chip("legend-dot", format.t("map.newest_marks")),
  ];
}

/** Legend: the shades with their bounds, what the marks are, and whatever limits the map's truth. */
export function renderLegend(value, { config, format, shading, clusters, params, moved, now }) {
  const isShaded = shading.steps.length > 0;
  const unknown = isShaded && value.areas.some((area) => (shading.numbers.get(area.area) ?? null) === null);
  const unplaced = ["clusters", "heat"].includes(params.marks) ? clusters?.unplaced : 0;
  const attribution = [config.map.kind === "schematic" ? format.t("map.schematic") : null, ...config.map.attribution].filter(Boolean);
  return [
    isShaded ? h("Div", { className: "legend-line" }, ...shadeChips(shading, format)) : null,
    h(
      "Div",
      { className: "legend-line" },
      isShaded ? h("Span", {}, shadeWords(shading, params, format)) : null,
      unknown ? chip("legend-shade legend-shade--none", format.t(shading.by ? "map.few" : "map.no_rate", { n: shading.by?.min_n ?? "" })) : null,
      ...markChips(params.marks, clusters, params, format, now),
    ),
    h(
      "Div",
      { className: "legend-line legend-source" },
      value.unknown_area ? h("Span", valueOf("unknown_area", value.unknown_area), format.t("map.unknown_area", { n: format.number(value.unknown_area) })) : null,
      unplaced ? h("Span", valueOf("clusters_unplaced", unplaced), format.t("map.unplaced", { n: format.number(unplaced) })) : null,
      moved ? h("Span", {}, format.t("map.moved")) : null,
      ...attribution.map((line) => h("Span", {}, line)),
    ),
  ];
}

export function renderMapTable(value, { config, format, clusters, params }) {
  const rows = value.areas.map((area) => [
    config.areas[area.area]?.name ?? area.area,
    { [`area_received:${area.area}`]: area.received, [`area_per_10k:${area.area}`]: area.per_10k },
  ]);
  const rest = value.unknown_area ? [] : [[format.t("map.unknown_area", { n: 0 }), { unknown_area: value.unknown_area }]];
  const shaded = (value.by?.rows ?? []).map((row) => [config.areas[row.area]?.name ?? row.area, { [`area_${value.by.kpi}:${row.area}`]: row.value }]);
  const counted = clusters?.counted_at ? [[format.t("map.placed"), { clusters_placed: clusters.placed }]] : [];
  return hiddenTable(format.t("map.table", { span: format.t(`map.period_${params.period}`) }), [...rows, ...rest, ...shaded, ...counted]);
}

/** Where an incident stands: its own snapped point, else inside its area; null where neither is known. */
function placeOf(row, config) {
  if (row.lat !== null && row.lon !== null) return [row.lon, row.lat];
  const area = config.areas[row.area];
  return area ? (area.label_point ?? [area.lon, area.lat]) : null;
}

const labelBox = (text, [x, y], weight, { measure, unit }) => ({ x, y, w: (measure.width(text, LABEL.px, weight) + 6) * unit, h: LABEL.height * unit });
const anchorOf = (area, view) => view.toPixels(...(area.label_point ?? [area.lon, area.lat]));

/** What the borders mean in pixels of the box: rings, and where a label stands on its own area; by id. */
export function layGround(geojson, view, { config, measure, unit }) {
  const ground = new Map();
  for (const { id, geometry } of geojson.features) {
    const pieces = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    const rings = pieces.flat().map((ring) => ring.map(([lon, lat]) => view.toPixels(lon, lat)));
    const area = config.areas[id];
    ground.set(id, { rings, home: findHome(rings, labelBox(area.name, anchorOf(area, view), 500, { measure, unit })) });
  }
  return ground;
}

/** The areas as the canvas draws them where the browser has no WebGL. */
export function paintedAreas(shading, ground, tokens) {
  const colours = [tokens.shades.none, ...shading.colours];
  const ids = [...ground.keys()];
  return areaShades(shading, ids).map((shade, i) => ({ rings: ground.get(ids[i]).rings, colour: colours[shade - NO_SHADE] }));
}

/** Where one screen ends and the next begins, as boxes of the map that no label may meet. */
export function bezelBoxes(bezels, { left, top, width, height, unit }) {
  if (!bezels) return [];
  const [w, at] = [bezels.px * unit, (place, before) => (place - bezels.px / 2) * unit - before];
  return [...bezels.x.map((x) => ({ x: at(x, left), y: 0, w, h: height })), ...bezels.y.map((y) => ({ x: 0, y: at(y, top), w: width, h: w }))];
}

/** What an area misses of its target, as a label says it: «▼ 71 %»; "" where it misses nothing. */
function missedWords(id, { by, numbers }, format) {
  const number = numbers.get(id) ?? null;
  if (!by?.target || number === null || (by.better === "higher" ? number >= by.target.value : number <= by.target.value)) return "";
  return ` ${by.better === "higher" ? "▼" : "▲"}\u00a0${inWords(number, by.unit, format)}`;
}

/** Incidents, clusters, settlements and the labels around them in pixels of the box. */
export function layOver({ rows, clusters = null, view, ground, width, height, bezels = [], focus = null, shading, config, format, measure, unit }) {
  const isInside = ({ x, y }) => x >= 0 && y >= 0 && x <= width && y <= height;
  const circles = clusters ? mergeCells(clusters, view, { width, height, unit, measure, format }) : [];
  const levels = new Map(config.levels.map((level) => [level.id, level]));
  const located = sortIncidents(rows, config.levels)
    .map((row) => ({ row, place: placeOf(row, config) }))
    .filter(({ place }) => place)
    .map(({ row, place }) => {
      const [x, y] = view.toPixels(...place);
      const level = levels.get(row.level) ?? { shape: "circle", tone: "info" };
      return { x, y, area: row.area, shape: level.shape, tone: level.tone };
    })
    .filter(isInside);
  const radius = INCIDENT_PX * unit;
  const incidents = spreadMarks(located, radius, circles);
  const troubled = [...new Set(incidents.map((mark) => mark.area))].filter((id) => id in config.areas);
  const places = (focus ? config.map.places.filter((place) => place.area === focus) : [])
    .map(({ name, lon, lat }) => ({ name, x: view.toPixels(lon, lat)[0], y: view.toPixels(lon, lat)[1] }))
    .filter(isInside);
  const missed = new Map(Object.keys(config.areas).map((id) => [id, missedWords(id, shading, format)]));
  const byPopulation = Object.keys(config.areas).sort((a, b) => (config.areas[b].population ?? 0) - (config.areas[a].population ?? 0));
  const isNamed = places.some((place) => place.name === config.areas[focus]?.name); // its town stands for it
  const order = [...new Set([...troubled, ...byPopulation.filter((id) => missed.get(id)), ...byPopulation])].filter((id) => id !== focus || !isNamed);
  const named = new Set(); // circles that have the name of the largest area in them beside them
  const areas = order.flatMap((id) => {
    const text = config.areas[id].name + missed.get(id);
    const [x, y] = anchorOf(config.areas[id], view);
    const mark = incidents.find((incident) => incident.area === id);
    const circle = mark ? null : circles.find((one) => Math.hypot(one.x - x, one.y - y) < one.r);
    if (circle && named.has(circle)) return [];
    if (circle) named.add(circle);
    const at = mark ?? circle;
    const box = labelBox(text, at ? [at.x, at.y] : [x, y], mark ? 600 : 500, { measure, unit });
    return [{ id, text, ...box, reach: circle?.r ?? (mark ? radius * 1.2 : 0), home: at ? [] : (ground.get(id)?.home ?? []) }];
  });
  const towns = places.map(({ name, x, y }) => ({ id: `place ${name}`, text: name, ...labelBox(name, [x, y], 500, { measure, unit }), reach: PLACE_PX * unit, home: [] }));
  const items = [...towns, ...areas].filter(isInside);
  const boxed = ({ x, y }, half) => ({ x: x - half, y: y - half, w: 2 * half, h: 2 * half });
  const obstacles = [...incidents.map((mark) => boxed(mark, radius * 1.25)), ...circles.map((circle) => boxed(circle, circle.r)), ...places.map((place) => boxed(place, PLACE_PX * unit)), ...bezels];
  const limit = Math.max(LABEL.limit, troubled.length) + towns.length;
  const texts = new Map(items.map((item) => [item.id, item.text]));
  const labels = placeLabels({ items, obstacles, width, height, gap: 4 * unit, limit, unit }).map((label) => ({ ...label, text: texts.get(label.id) }));
  return { incidents, circles, places, labels, troubled: new Set(troubled), leaders: labels.map((label) => label.leader).filter(Boolean) };
}

const placed = new WeakMap(); // row -> its mark: a row of the page never changes, so its mark is found once for a view

/** Marks of the newest appeals in pixels of the box, newest first. */
export function markAppeals(rows, view, now, marks = "fresh") {
  if (marks === "none") return [];
  const shown = marks === "fresh" ? recentAppeals(rows, now) : recentAppeals(rows, now, FRESH_MS).slice(0, FRESH_LIMIT);
  return shown.map((row) => {
    const known = placed.get(row);
    if (known?.view === view) return known;
    const [x, y] = view.toPixels(row.lon, row.lat);
    const mark = { view, x, y, feedMs: Date.parse(row.feed_at), knownMs: Date.parse(row.known_at) };
    placed.set(row, mark);
    return mark;
  });
}

/** Names at their places, and the numbers in the circles. */
export function renderLabels({ labels, circles, troubled }, { unit }) {
  const at = (x, y, w) => ({ left: `${x / unit / 10}rem`, top: `${y / unit / 10}rem`, width: `${w / unit / 10}rem` });
  return [
    ...labels.map((label) => h("Span", { className: `map-label ${troubled.has(label.id) ? "is-troubled" : ""}`, style: at(label.x, label.y, label.w) }, label.text)),
    ...circles.map(({ x, y, r, text }) => h("Span", { className: "map-count", style: at(x - r, y - 14 * unit, 2 * r) }, h("B", {}, text))),
  ];
}
