// The map: areas drawn once by Plotly (afterwards only their shades are patched), marks on a canvas, labels as
// elements. The view never moves, so that our own projection meets MapLibre's.

import { h, hiddenTable, valueOf } from "./components.mjs";
import { findHome, placeLabels } from "./labels.mjs";
import { INCIDENT_PX, recentAppeals, spreadMarks } from "./marks.mjs";
import { sortIncidents } from "./panels/lists.mjs";

const LABEL = { px: 22, height: 28, limit: 12 };
const NO_SHADE = -1;

/** The MapLibre map below Plotly's figure (Plotly gives no public way to it); null before it exists. */
const mapBelow = () => document.querySelector("#map-figure .js-plotly-plot")?._fullLayout?.map?._subplot?.map ?? null;

/** Whether everything that the map was asked to draw is drawn, the areas above its bare ground among it. */
export function isMapIdle(map = mapBelow()) {
  return Boolean(map?.loaded() && map.isStyleLoaded() && !map.isMoving() && map.getLayersOrder().length > 1);
}

/** Which shade an area gets: the last step that its rate reaches; none where the population is unknown. */
export function shadeOf(rate, steps) {
  if (rate === null || rate === undefined) return NO_SHADE;
  return steps.reduce((shade, step, index) => (rate >= step ? index : shade), 0);
}

/** Colours of the shades, from calm to dense, as a stepped Plotly scale from NO_SHADE on. */
export function colourScale(shades, count) {
  const colours = [shades.none, ...Array.from({ length: count }, (_, i) => shades.steps[Math.round((i * (shades.steps.length - 1)) / Math.max(1, count - 1))])];
  return colours.flatMap((colour, i) => [[i / colours.length, colour], [(i + 1) / colours.length, colour]]);
}

export const areaShades = (value, ids) => {
  const rates = new Map(value.areas.map((area) => [area.area, area.per_10k]));
  return ids.map((id) => shadeOf(rates.get(id), value.steps));
};

/** GeoJSON whose features are known by `id`, whatever property their file keeps it in. */
export function withIds(geojson, areas) {
  const idOf = (feature) =>
    [feature.id, feature.properties?.id, feature.properties?.area, feature.properties?.slug].find((id) => id in areas);
  return { ...geojson, features: geojson.features.map((feature) => ({ ...feature, id: idOf(feature) })).filter((f) => f.id) };
}

export function mapFigure(value, geojson, view, { tokens, unit }) {
  const ids = geojson.features.map((feature) => feature.id);
  const count = Math.max(1, value.steps.length);
  return {
    data: [
      {
        type: "choroplethmap",
        geojson,
        locations: ids,
        featureidkey: "id",
        z: areaShades(value, ids),
        zmin: NO_SHADE - 0.5,
        zmax: count - 0.5,
        colorscale: colourScale(tokens.shades, count),
        showscale: false,
        marker: { line: { color: tokens.border, width: 1.4 * unit }, opacity: 1 },
        hoverinfo: "skip",
      },
    ],
    layout: {
      autosize: true,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      dragmode: false,
      map: {
        // Our own style: nothing is asked of the internet. Its source is a placeholder: Plotly drops an empty `sources`
        // when it draws again, and MapLibre then refuses the style.
        style: { version: 8, sources: { none: { type: "geojson", data: { type: "Point", coordinates: [0, 0] } } }, layers: [{ id: "ground", type: "background", paint: { "background-color": tokens.ground } }] },
        center: view.center,
        zoom: view.zoom,
        bearing: 0,
        pitch: 0,
      },
    },
  };
}

/** Legend: the shades with their bounds, what the dots are, and whatever limits the map's truth. */
export function renderLegend(value, { config, format, tokens, moved }) {
  const count = Math.max(1, value.steps.length);
  const colours = colourScale(tokens.shades, count).filter((_, i) => i % 2 === 0).slice(1);
  const attribution = [config.map.kind === "schematic" ? format.t("map.schematic") : null, ...config.map.attribution].filter(Boolean);
  return [
    h("Div", { className: "legend-line" }, ...value.steps.map((step, i) => h("Span", { className: "legend-step" }, h("Span", { className: "legend-shade", style: { background: colours[i][1] } }), format.upTo(step, 1)))),
    h(
      "Div",
      { className: "legend-line" },
      h("Span", {}, format.t("map.per_10k")),
      value.areas.some((area) => area.per_10k === null)
        ? h("Span", { className: "legend-step" }, h("Span", { className: "legend-shade legend-shade--none" }), format.t("map.no_rate"))
        : null,
      h("Span", { className: "legend-step" }, h("Span", { className: "legend-dot" }), format.t("map.new_marks")),
    ),
    h(
      "Div",
      { className: "legend-line legend-source" },
      value.unknown_area ? h("Span", valueOf("unknown_area", value.unknown_area), format.t("map.unknown_area", { n: format.number(value.unknown_area) })) : null,
      moved ? h("Span", {}, format.t("map.moved")) : null,
      ...attribution.map((line) => h("Span", {}, line)),
    ),
  ];
}

export function renderMapTable(value, { config, format }) {
  const rows = value.areas.map((area) => [
    config.areas[area.area]?.name ?? area.area,
    { [`area_received:${area.area}`]: area.received, [`area_per_10k:${area.area}`]: area.per_10k },
  ]);
  const rest = value.unknown_area ? [] : [[format.t("map.unknown_area", { n: 0 }), { unknown_area: value.unknown_area }]];
  return hiddenTable(format.t("map.table"), [...rows, ...rest]);
}

/** Where an incident stands: its own snapped point, else inside its area; null where neither is known. */
function placeOf(row, config) {
  if (row.lat !== null && row.lon !== null) return [row.lon, row.lat];
  const area = config.areas[row.area];
  return area ? (area.label_point ?? [area.lon, area.lat]) : null;
}

const labelBox = (area, [x, y], weight, { measure, unit }) => ({ x, y, w: (measure.width(area.name, LABEL.px, weight) + 6) * unit, h: LABEL.height * unit });
const anchorOf = (area, view) => view.toPixels(...(area.label_point ?? [area.lon, area.lat]));

/** What the borders mean in pixels of the box: rings, and where a label stands on its own area; by id. */
export function layGround(geojson, view, { config, measure, unit }) {
  const ground = new Map();
  for (const { id, geometry } of geojson.features) {
    const pieces = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    const rings = pieces.flat().map((ring) => ring.map(([lon, lat]) => view.toPixels(lon, lat)));
    const area = config.areas[id];
    ground.set(id, { rings, home: findHome(rings, labelBox(area, anchorOf(area, view), 500, { measure, unit })) });
  }
  return ground;
}

/** The areas as the canvas draws them where the browser has no WebGL. */
export function paintedAreas(value, ground, tokens) {
  const count = Math.max(1, value.steps.length);
  const colours = colourScale(tokens.shades, count).filter((_, i) => i % 2 === 0).map(([, colour]) => colour);
  const ids = [...ground.keys()];
  return areaShades(value, ids).map((shade, i) => ({ rings: ground.get(ids[i]).rings, colour: colours[shade - NO_SHADE] }));
}

/** Incidents and the labels around them in pixels of the box. */
export function layIncidents({ rows, view, ground, width, height, config, measure, unit }) {
  const levels = new Map(config.levels.map((level) => [level.id, level]));
  const located = sortIncidents(rows, config.levels)
    .map((row) => ({ row, place: placeOf(row, config) }))
    .filter(({ place }) => place)
    .map(({ row, place }) => {
      const [x, y] = view.toPixels(...place);
      const level = levels.get(row.level) ?? { shape: "circle", tone: "info" };
      return { x, y, area: row.area, shape: level.shape, tone: level.tone };
    })
    .filter(({ x, y }) => x >= 0 && y >= 0 && x <= width && y <= height);
  const radius = INCIDENT_PX * unit;
  const incidents = spreadMarks(located, radius);
  const troubled = [...new Set(incidents.map((mark) => mark.area))].filter((id) => id in config.areas);
  const byPopulation = Object.keys(config.areas).sort((a, b) => (config.areas[b].population ?? 0) - (config.areas[a].population ?? 0));
  const order = [...new Set([...troubled, ...byPopulation])];
  const items = order.map((id) => {
    const area = config.areas[id];
    const mark = incidents.find((incident) => incident.area === id);
    const box = labelBox(area, mark ? [mark.x, mark.y] : anchorOf(area, view), mark ? 600 : 500, { measure, unit });
    return { id, ...box, reach: mark ? radius * 1.2 : 0, home: mark ? [] : (ground.get(id)?.home ?? []) };
  });
  const half = radius * 1.25;
  const obstacles = incidents.map(({ x, y }) => ({ x: x - half, y: y - half, w: 2 * half, h: 2 * half }));
  const limit = Math.max(LABEL.limit, troubled.length);
  const labels = placeLabels({ items, obstacles, width, height, gap: 4 * unit, limit, unit });
  return { incidents, labels, troubled: new Set(troubled), leaders: labels.map((l) => l.leader).filter(Boolean) };
}

const placed = new WeakMap(); // row -> its mark: a row of the page never changes, so its mark is found once for a view

/** Marks of the appeals of the last hour in pixels of the box, newest first. */
export function markAppeals(rows, view, now) {
  return recentAppeals(rows, now).map((row) => {
    const known = placed.get(row);
    if (known?.view === view) return known;
    const [x, y] = view.toPixels(row.lon, row.lat);
    const mark = { view, x, y, feedMs: Date.parse(row.feed_at), knownMs: Date.parse(row.known_at) };
    placed.set(row, mark);
    return mark;
  });
}

export const renderLabels = ({ labels, troubled }, { config, unit }) =>
  labels.map((label) =>
    h(
      "Span",
      {
        className: `map-label ${troubled.has(label.id) ? "is-troubled" : ""}`,
        style: { left: `${label.x / unit / 10}rem`, top: `${label.y / unit / 10}rem`, width: `${label.w / unit / 10}rem` },
      },
      config.areas[label.id].name,
    ),
  );

