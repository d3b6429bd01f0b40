// The wall: from the state of the page to what stands on the screen. Rendering is a function of state and server time;
// it runs at most once per animation frame and touches only what differs from what is shown.

import { h } from "./components.mjs";
import { show } from "./elements.mjs";
import { createFigures, gaugeFigure } from "./figures.mjs";
import { readFreshness } from "./freshness.mjs";
import { composeMap, isMapIdle, layGround, mapFigure, paintedAreas, renderLabels, renderLegend, renderMapTable } from "./map.mjs";
import { drawMarks } from "./marks.mjs";
import { flowFigure, renderFlow } from "./panels/flow.mjs";
import { renderBanner, renderRemarks } from "./panels/banner.mjs";
import { renderHeader } from "./panels/header.mjs";
import { kpiPanels } from "./panels/kpi.mjs";
import { renderFeed, renderIncidents, renderSectors, renderSources } from "./panels/lists.mjs";
import { fitView, MAP_PADDING_PX } from "./projection.mjs";

const SHOWS = { ...kpiPanels, flow: renderFlow, sectors: renderSectors, incidents: renderIncidents, feed: renderFeed, sources: renderSources };
const BANNER_BESIDE_PX = 330; // margins, the mark of a demonstration, the button and the banner's own sign
const unitOf = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 10;
const viewsOf = (state) => new Map((state?.values.sources?.sources ?? []).map((view) => [view.source, view]));
const BLIND = new Set(["stale", "dead"]);

/** The line in which a panel says that it is late, partial or blind; "" when there is nothing to say. */
export function noteOf(freshness, format) {
  const { state, blind, oldest_s: oldest } = freshness;
  if (state === "ageing") return format.t("state.ageing", { age: format.span(oldest) });
  if (state === "partial") {
    const first = blind.reduce((a, b) => ((b.age_s ?? Infinity) > (a.age_s ?? Infinity) ? b : a));
    const since = first.age_s === null ? format.t("state.never") : format.span(first.age_s);
    const key = blind.length > 1 ? "state.partial_more" : "state.partial";
    return format.t(key, { names: first.name, n: blind.length - 1, age: since });
  }
  if (!freshness.sources.length) return format.t("state.no_sources");
  if (!BLIND.has(state)) return "";
  const youngest = Math.min(...blind.map((source) => source.age_s ?? Infinity));
  if (youngest === Infinity) return format.t("state.dead_never");
  return format.t(`state.${state}`, { age: format.span(youngest) });
}

/** Whether no source of a panel has ever answered and the database holds nothing of theirs either. */
function isNothingKnown(panel, { tables, values }, freshness) {
  if (panel.id === "sources" || freshness.sources.some((source) => source.age_s !== null)) return false;
  const known = { appeals: values.open?.open_now.n || tables.appeals?.length, incidents: tables.incidents?.length };
  return !freshness.sources.some((source) => known[source.records]);
}

export function createWall({ dash, config, format, measure, tokens, geojson, isFrozen, still, canDrawAreas }) {
  const figures = createFigures(dash);
  const shown = new Map();
  const element = (id) => document.getElementById(id);
  const panels = config.panels.map((panel) => ({ ...panel, root: element(panel.id), body: element(`${panel.id}-body`), feeds: panel.sources.map((id) => config.sources.find((s) => s.id === id)) }));
  const [box, canvas] = [element("map-box"), element("map-marks")];
  const failed = new Map(); // panel id -> why it cannot be shown
  let mapDrawing = null;
  let isMapAsked = false;
  let areAreasDrawn = !canDrawAreas; // until they are, the map is loading: an empty ground is not a calm region
  let ground = { size: "", areas: null };
  let hasWebgl = canDrawAreas;
  // A driver that resets takes the map with it until MapLibre has built it again; the canvas stands in for it.
  box.addEventListener("webglcontextlost", () => (hasWebgl = false), true);
  box.addEventListener("webglcontextrestored", () => (hasWebgl = canDrawAreas), true);

  function put(id, children) {
    const text = JSON.stringify(children);
    if (shown.get(id) === text) return;
    shown.set(id, text);
    show(element(id), children);
  }

  function mark(panel, state, asOf, seq) {
    // Attributes of the contract change with every frame; as attributes they cost React nothing.
    const wanted = { state, asOf, seq: seq === null ? "" : String(seq) };
    for (const [key, value] of Object.entries(wanted)) if (panel.root.dataset[key] !== value) panel.root.dataset[key] = value;
  }

  function readRooms(unit) {
    const size = (id, side) => (element(id)?.[side] ?? 0) / unit;
    return {
      sectors: size("sectors-body", "clientHeight"),
      incidents: size("incidents-body", "clientHeight"),
      incidents_width: size("incidents-body", "clientWidth"),
      feed: size("feed-body", "clientHeight"),
      flow_channels: size("flow-channels", "clientWidth"),
      sources_width: size("sources-body", "clientWidth"),
    };
  }

  function showMap(value, context, tables) {
    const { unit, now } = context;
    const [width, height] = [box.clientWidth, box.clientHeight];
    const view = fitView(config.map.bounds, width, height, MAP_PADDING_PX * unit);
    // While MapLibre still loads, a second figure would break the first: the next second brings it.
    box.dataset.areas = hasWebgl ? "map" : "canvas";
    if (canDrawAreas && (!isMapAsked || isMapIdle())) figures.show("map-figure", mapFigure(value, geojson, view, { tokens, unit }), [["data", 0, "z"]]);
    isMapAsked = true;
    areAreasDrawn ||= isMapIdle() || !hasWebgl;
    const size = `${width} ${height}`;
    if (ground.size !== size) ground = { size, areas: layGround(geojson, view, context) };
    const composed = composeMap({ tables, view, ground: ground.areas, width, height, config, measure, unit, now });
    put("map-labels", renderLabels(composed, context));
    put("map-legend", renderLegend(value, { ...context, tokens, moved: (tables.appeals ?? []).some((row) => row.moved) }));
    put("map-table", renderMapTable(value, context));
    mapDrawing = { ...composed, areas: hasWebgl ? [] : paintedAreas(value, ground.areas, tokens), width, height, unit };
  }

  /** Draw the marks once; true while something pulses. */
  function drawMap(now) {
    if (!mapDrawing) return false;
    const ratio = window.devicePixelRatio || 1;
    const [w, h2] = [Math.round(mapDrawing.width * ratio), Math.round(mapDrawing.height * ratio)];
    if (canvas.width !== w || canvas.height !== h2) [canvas.width, canvas.height] = [w, h2];
    const muted = BLIND.has(element("map").dataset.state);
    return drawMarks(canvas.getContext("2d"), { ...mapDrawing, ratio, now, tokens, still: still || isFrozen, muted });
  }

  function showPanel(panel, state, context) {
    const { unit } = context;
    const value = state.values[panel.stem];
    const freshness = readFreshness(panel.feeds, context.views, context.now, config.partial_min_cover);
    const own = { ...context, freshness };
    let isEmpty = value === undefined || value === null;
    // Nothing was ever read: then even a zero would be a lie.
    const isUnknown = isEmpty || isNothingKnown(panel, state, freshness);
    panel.root.dataset.known = isUnknown ? "nothing" : "something";
    if (isUnknown) {
      put(`${panel.id}-body`, h("P", { className: "value-none", "data-text": "essential" }, format.t("state.empty")));
      put(`${panel.id}-aside`, []);
      isEmpty = true;
    } else if (panel.id === "map") showMap(value, own, state.tables);
    else {
      const content = SHOWS[panel.id](value, own, state.tables);
      put(`${panel.id}-body`, content.children);
      if (content.aside) put(`${panel.id}-aside`, content.aside);
      if (content.table) put(`${panel.id}-table`, content.table);
      if (content.channels) put("flow-channels", content.channels);
      if ("gauge" in content) {
        panel.root.dataset.gauge = content.gauge ? "bar" : "none";
        if (content.gauge) figures.show(`${panel.id}-figure`, gaugeFigure(content.gauge, { tokens, unit }), [["data", 0, "value"]]);
      }
      if (panel.id === "flow") figures.show("flow-figure", flowFigure(value, { format, tokens, unit }), [0, 1, 2].map((i) => ["data", i, "y"]));
      isEmpty = content.empty;
    }
    const why = failed.get(panel.id) ?? (panel.id === "map" && !hasWebgl ? format.t("map.no_webgl") : "");
    put(`${panel.id}-note`, [why, noteOf(freshness, format)].filter(Boolean).join(" · "));
    const isDrawing = panel.id === "map" && !isUnknown && !areAreasDrawn && !why;
    const seeing = isDrawing ? "loading" : isEmpty ? "empty" : freshness.state;
    mark(panel, BLIND.has(freshness.state) ? freshness.state : seeing, freshness.as_of, state.seq);
  }

  /**
   * What is wrong beyond the panels, and the ages as attributes. Written at once, not with the next frame: when the renderer
   * hangs, no frame comes; then what stands in the panels is the past too.
   */
  function report({ state, banner, ages, broker, wrong_s: wrong, now }) {
    const root = element("scene");
    const views = viewsOf(state);
    const whole = readFreshness(config.sources, views, now ?? 0, config.partial_min_cover);
    const oldest = whole.sources.reduce((most, source) => Math.max(most, source.age_s ?? 0), 0);
    const inWords = (age) => (age === null ? "" : age.toFixed(1));
    const attributes = { banner: banner?.kind ?? "", broker, screenAge: inWords(ages.screen_s), pipelineAge: inWords(ages.pipeline_s), readAge: inWords(ages.read_s), sourceAge: inWords(state ? oldest : null), clockOff: inWords(wrong) };
    for (const [key, value] of Object.entries(attributes)) if (root.dataset[key] !== value) root.dataset[key] = value;
    const unit = unitOf();
    const room = (root.clientWidth - element("head-clock").offsetWidth) / unit - BANNER_BESIDE_PX;
    const dataAt = whole.as_of && now !== null ? format.clockOrDay(Date.parse(whole.as_of), now) : "";
    put("banner", renderBanner(banner, { format, measure, room, dataAt }));
    put("head-remark", banner ? [] : renderRemarks({ broker, wrong_s: wrong }, format));
    if (banner?.kind === "rendering") for (const panel of panels) mark(panel, "stale", panel.root.dataset.asOf, state?.seq ?? null);
  }

  /** @param {{state: object|null, now: number|null, connection: object, banner: object|null, missed: object|null}} scene */
  function render({ state, now, connection, banner, missed }) {
    const unit = unitOf();
    const views = viewsOf(state);
    const whole = readFreshness(config.sources, views, now ?? 0, config.partial_min_cover);
    const context = { config, format, measure, rooms: readRooms(unit), views, now, unit, isFrozen, missed };
    for (const [id, children] of Object.entries(renderHeader({ format, now, connection, banner, asOf: whole.as_of, isFrozen, federalName: config.region.vocabulary.federal_clock }))) put(id, children);
    element("scene").dataset.connection = isFrozen ? "frozen" : connection.state;
    if (!state || now === null) return;
    for (const panel of panels) {
      try {
        showPanel(panel, state, context);
      } catch (error) {
        // One panel's fault stays that panel's: it says so in its place and the rest of the wall goes on.
        put(`${panel.id}-note`, format.t("error.panel", { why: error.message }));
        mark(panel, "dead", "", state.seq);
        console.error(`panel ${panel.id}`, error);
      }
    }
  }

  /** Say in its place why a panel cannot get ready, instead of leaving a picture waiting for it. */
  function fail(id, why) {
    failed.set(id, format.t("state.failed", { why }));
    const panel = panels.find((found) => found.id === id);
    if (panel.root.dataset.state === "loading") {
      put(`${id}-body`, h("P", { className: "panel-waiting", "data-text": "secondary" }, failed.get(id)));
      mark(panel, "dead", "", null);
    } else put(`${id}-note`, failed.get(id));
  }

  return { render, report, drawMap, fail, panels, canDrawAreas };
}
