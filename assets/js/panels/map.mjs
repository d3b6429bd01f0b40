// The panel of the map. It keeps what is laid out and drawn until something that it rests on changes: borders and view
// with the size of the box, labels with the incidents, marks with the rows, shades with the rates.

import { isMapIdle, layGround, layIncidents, mapFigure, markAppeals, paintedAreas, renderLabels, renderLegend, renderMapTable } from "../map.mjs";
import { createSprites, drawMarks } from "../marks.mjs";
import { fitView, MAP_PADDING_PX } from "../projection.mjs";
import { remembered } from "../remember.mjs";

const FADE_MS = 10_000; // marks fade over an hour and then go: looked at so often
const PULSE_MS = 100; // between two pictures of a pulse
const LOOK_MS = 50; // between two looks whether the areas are there

export function createMapPanel({ box, canvas, config, geojson, figures, tokens, put, canDrawAreas, isStill, onAreas }) {
  const [layView, layLabels, layMarks, layAreas, makeSprites] = Array.from({ length: 5 }, remembered);
  let hasWebgl = canDrawAreas;
  let areAreasDrawn = !canDrawAreas; // until they are, the map is loading: an empty ground is not a calm region
  let [isFigureThere, isLooking] = [false, false];
  let figureOf = [];
  let drawing = null;
  let drawn = { drawing: null, muted: null, pulses: false, at: 0 };
  // A driver that resets takes the map with it until MapLibre has built it again; the canvas stands in for it.
  const lose = () => {
    [hasWebgl, figureOf] = [false, []]; // its figure is asked for again when it is back
    figures.forget("map-figure");
  };
  const restore = () => {
    hasWebgl = canDrawAreas;
    lookForAreas();
    onAreas();
  };
  for (const [event, hear] of Object.entries({ webglcontextlost: lose, webglcontextrestored: restore })) box.addEventListener(event, hear, true);

  function lookForAreas() {
    if (isLooking || areAreasDrawn || !hasWebgl || !isFigureThere) return;
    isLooking = true;
    setTimeout(() => {
      isLooking = false;
      areAreasDrawn = isMapIdle();
      (areAreasDrawn ? onAreas : lookForAreas)();
    }, LOOK_MS);
  }

  /** Lay out what changed; marks wait on the canvas for `draw`. */
  function show(value, tables, context) {
    const { unit, now, room, seq } = context;
    const [width, height] = [room.width, room.height].map((side) => Math.round(side * unit));
    const { view, ground } = layView([width, height, unit], () => {
      const view = fitView(config.map.bounds, width, height, MAP_PADDING_PX * unit);
      return { view, ground: layGround(geojson, view, context) };
    });
    const areas = hasWebgl ? "map" : "canvas";
    if (box.dataset.areas !== areas) box.dataset.areas = areas;
    if (hasWebgl && (figureOf[0] !== value || figureOf[1] !== view)) {
      figureOf = [value, view];
      const build = () => {
        isFigureThere = true;
        lookForAreas();
        return mapFigure(value, geojson, view, { tokens, unit });
      };
      // While MapLibre still loads, a second figure would break the first.
      figures.show("map-figure", build, [["data", 0, "z"]], () => !isFigureThere || isMapIdle());
    }
    const laid = layLabels([tables.incidents, view], () => layIncidents({ rows: tables.incidents ?? [], view, ground, width, height, ...context }));
    const appeals = layMarks([tables.appeals, view, Math.floor(now / FADE_MS)], () => markAppeals(tables.appeals ?? [], view, now));
    const moved = (tables.appeals ?? []).some((row) => row.moved);
    put("map-labels", [laid], () => renderLabels(laid, context));
    put("map-legend", [value, moved], () => renderLegend(value, { ...context, tokens, moved }));
    put("map-table", [value], () => renderMapTable(value, context));
    const painted = layAreas([value, ground, hasWebgl], () => (hasWebgl ? [] : paintedAreas(value, ground, tokens)));
    if (drawing?.laid !== laid || drawing.appeals !== appeals || drawing.areas !== painted) {
      drawing = { laid, incidents: laid.incidents, leaders: laid.leaders, appeals, areas: painted, width, height, unit };
    }
    drawing.seq = seq;
  }

  /** Draw the marks if they would look different; true while something pulses. */
  function draw(now, muted) {
    if (!drawing) return false;
    const isChanged = drawn.drawing !== drawing || drawn.muted !== muted;
    if (!isChanged && (!drawn.pulses || performance.now() - drawn.at < PULSE_MS)) {
      if (canvas.dataset.seq !== String(drawing.seq)) canvas.dataset.seq = drawing.seq;
      return drawn.pulses;
    }
    const ratio = window.devicePixelRatio || 1;
    const { width, height, unit } = drawing;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const sprites = makeSprites([unit, ratio, muted], () => createSprites(canvas.ownerDocument, { unit, ratio, muted, colour: tokens.mark }));
    const pulses = drawMarks(canvas.getContext("2d"), { ...drawing, sprites, ratio, now, tokens, still: isStill, muted });
    drawn = { drawing, muted, pulses, at: performance.now() };
    canvas.dataset.seq = drawing.seq;
    return pulses;
  }

  return {
    show,
    draw,
    /** Whether the areas stand on the screen, or the canvas stands in for them. */
    areAreasDrawn: () => areAreasDrawn || !hasWebgl,
    hasWebgl: () => hasWebgl,
    /** The figure could not be drawn: the next value asks for it whole. */
    fail: () => ([isFigureThere, figureOf] = [false, []]),
  };
}
