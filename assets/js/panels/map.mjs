// The panel of the map. It keeps what is laid out and drawn until something that it rests on changes: borders and view
// with the box and the area that is looked at, labels with the incidents, marks with the rows, shades with the numbers.

import { drawCircles, drawHeat, drawVeil } from "../clusters.mjs";
import { bezelBoxes, isMapIdle, layGround, layOver, mapBelow, mapFigure, markAppeals, paintedAreas, renderLabels, renderLegend, renderMapTable, shadingOf } from "../map.mjs";
import { createSprites, drawMarks, STANDS } from "../marks.mjs";
import { fitView, MAP_PADDING_PX, moveOf, passView } from "../projection.mjs";
import { remembered } from "../remember.mjs";
import { fetchStyle } from "../style.mjs";

const FADE_MS = 10_000; // marks fade over an hour and then go: looked at so often
const PULSE_MS = 100; // between two pictures of a pulse
const LOOK_MS = 50; // between two looks whether the areas are there
const STYLE_MS = 10_000; // for so long the operator's own map may stay away before bare ground takes its place
const FLIGHT_MS = 800; // from one view to another
const DEFAULTS = { area: null, period: "day", shades: true, marks: "fresh", incidents: true };

export function createMapPanel({ box, canvas, config, geojson, figures, tokens, put, canDrawAreas, isStill, onAreas }) {
  const [layView, layLabels, layMarks, layAreas, layShades, layUnder, makeSprites] = Array.from({ length: 7 }, remembered);
  let hasWebgl = canDrawAreas;
  let areAreasDrawn = !canDrawAreas; // until they are, the map is loading: an empty ground is not a calm region
  let [isFigureThere, isLooking] = [false, false];
  let figureOf = [];
  let drawing = null;
  let drawn = { drawing: null, muted: null, pulses: false, at: 0 };
  let zoomed = null; // the area that somebody points at, whatever the scene shows
  let shown = null; // the view that was laid out last
  let flight = null; // {from, began} while the map moves towards it
  let figureView = null; // the view that the figure knows; where the map really looks is decided here alone
  const [kept, heard] = [new WeakSet(), new WeakSet()]; // maps that are held to our view, and whose errors are heard
  let paints = 0; // how often the colours have become others
  let [style, isStyleAway, askedAt] = [config.map.style ? undefined : null, false, null]; // undefined: not known yet
  const useStyle = (found) => {
    [style, isStyleAway] = [found, found === null];
    onAreas();
  };
  if (style === undefined) fetchStyle(config.map.style).then(useStyle, () => useStyle(null));
  // A driver that resets takes the map with it until MapLibre has built it again; the canvas stands in for it.
  const lose = () => {
    [hasWebgl, figureOf] = [false, []]; // its figure is asked for again when it is back
    figures.forget("map-figure");
  };
  const restore = () => {
    hasWebgl = canDrawAreas && !(style && isStyleAway);
    lookForAreas();
    onAreas();
  };
  for (const [event, hear] of Object.entries({ webglcontextlost: lose, webglcontextrestored: restore })) box.addEventListener(event, hear, true);

  /** A tile that does not come leaves a hole that nobody explains, and may keep the areas away: the canvas draws them then. */
  function loseStyle() {
    isStyleAway = true;
    lose();
    onAreas();
  }

  function hearErrors(map) {
    if (!map || heard.has(map)) return;
    heard.add(map);
    map.on("error", () => isStyleAway || loseStyle());
  }

  function lookForAreas() {
    if (isLooking || areAreasDrawn || !hasWebgl || !isFigureThere) return;
    isLooking = true;
    setTimeout(() => {
      isLooking = false;
      if (style) hearErrors(mapBelow());
      if (!hasWebgl) return;
      if (style && performance.now() - askedAt > STYLE_MS && !isMapIdle()) return loseStyle();
      areAreasDrawn = isMapIdle();
      if (areAreasDrawn) keepView();
      (areAreasDrawn ? onAreas : lookForAreas)();
    }, LOOK_MS);
  }

  /** Hold MapLibre to our view: whenever its figure changes, Plotly sets it to the one that the figure knows. */
  function keepView() {
    const map = mapBelow();
    const look = () => {
      if (flight) return; // set anew with every picture
      const { center, zoom } = shown;
      const at = map.getCenter();
      if (Math.abs(at.lng - center.lon) + Math.abs(at.lat - center.lat) + Math.abs(map.getZoom() - zoom) > 1e-6) map.jumpTo({ center, zoom });
    };
    if (!kept.has(map)) map.on("move", look);
    kept.add(map);
    look();
  }

  /** Where the map stands at this moment of its way. */
  function seenView() {
    const part = Math.min(1, (performance.now() - flight.began) / FLIGHT_MS);
    return passView(flight.from, shown, part * part * (3 - 2 * part), ...shown.size);
  }

  /** Look at another part of the region: at once, or on a short way that shows where it lies. */
  function turnTo(view, size) {
    const isSeen = areAreasDrawn && !isStill && shown?.size.join() === size.join();
    const from = isSeen ? (flight ? seenView() : shown) : null;
    shown = Object.assign(view, { size });
    flight = from && { from, began: performance.now() };
    box.dataset.moving = String(Boolean(flight));
    if (!flight && hasWebgl && areAreasDrawn) keepView();
  }

  /** Lay out what changed; marks wait on the canvas for `draw`. */
  function show(value, tables, context) {
    const { unit, now, room, seq } = context;
    const clusters = context.beside?.clusters ?? null;
    const params = { ...DEFAULTS, ...context.params };
    const [width, height] = [room.width, room.height].map((side) => Math.round(side * unit));
    const focus = [zoomed, params.area].find((id) => id in config.map.area_bounds) ?? null;
    const { view, ground, bezels } = layView([width, height, unit, focus], () => {
      const view = fitView(focus ? config.map.area_bounds[focus] : config.map.bounds, width, height, MAP_PADDING_PX * unit);
      turnTo(view, [width, height]);
      const { left, top } = config.room?.bezels ? box.getBoundingClientRect() : { left: 0, top: 0 };
      return { view, ground: layGround(geojson, view, context), bezels: bezelBoxes(config.room?.bezels, { left, top, width, height, unit }) };
    });
    const shading = layShades([value, params.shades, paints], () => shadingOf(value, tokens, params.shades));
    const areas = hasWebgl ? "map" : "canvas";
    if (box.dataset.areas !== areas) box.dataset.areas = areas;
    if (hasWebgl && style !== undefined && (figureOf[0] !== shading || figureOf[1] !== unit)) {
      figureOf = [shading, unit];
      const build = () => {
        isFigureThere = true;
        askedAt ??= performance.now();
        lookForAreas();
        return mapFigure(shading, geojson, (figureView ??= shown), { tokens, unit, style });
      };
      // While MapLibre still loads, a second figure would break the first.
      figures.show("map-figure", build, [["data", 0, "z"]], () => !isFigureThere || (!flight && isMapIdle()));
    }
    const cells = clusters?.counted_at ? clusters : null;
    const rows = params.incidents ? tables.incidents : null;
    const laid = layLabels([rows, view, shading, params.marks, cells], () =>
      layOver({ ...context, rows: rows ?? [], clusters: params.marks === "clusters" ? cells : null, view, ground, width, height, bezels, focus, shading }),
    );
    const appeals = layMarks([tables.appeals, view, params.marks, Math.floor(now / FADE_MS)], () => markAppeals(tables.appeals ?? [], view, now, params.marks));
    const moved = (tables.appeals ?? []).some((row) => row.moved);
    put("map-labels", [laid], () => renderLabels(laid, context));
    put("map-legend", [value, shading, clusters, moved, params.marks, params.period], () => renderLegend(value, { ...context, shading, clusters, params, moved }));
    put("map-table", [value, clusters], () => renderMapTable(value, { ...context, clusters, params }));
    const painted = layAreas([shading, ground, hasWebgl], () => (hasWebgl ? [] : paintedAreas(shading, ground, tokens)));
    const heat = params.marks === "heat" ? cells : null;
    if (drawing?.laid !== laid || drawing.appeals !== appeals || drawing.areas !== painted) {
      drawing = { laid, ...laid, appeals, heat, veil: ground.get(focus)?.rings, view, areas: painted, width, height, unit };
    }
    drawing.seq = seq;
  }

  /** The picture below the marks; null where nothing is on it. */
  function makeUnderlay({ circles, heat, veil, view, width, height, unit }, ratio) {
    if (!circles.length && !heat && !veil) return null;
    const picture = canvas.ownerDocument.createElement("canvas");
    [picture.width, picture.height] = [canvas.width, canvas.height];
    const pen = picture.getContext("2d");
    pen.scale(ratio, ratio);
    if (heat) drawHeat(pen, heat, view, { width, height, unit, tokens });
    if (veil) drawVeil(pen, veil, { width, height, tokens });
    drawCircles(pen, circles, { unit, tokens });
    return picture;
  }

  /** Take MapLibre along on the way; returns how far everything that was laid out has to be moved. */
  function fly(size) {
    const seen = seenView();
    if (hasWebgl) mapBelow()?.jumpTo({ center: seen.center, zoom: seen.zoom }).redraw();
    if (performance.now() - flight.began < FLIGHT_MS) return moveOf(shown, seen, ...size);
    flight = null;
    box.dataset.moving = "false";
    onAreas(); // a figure may have waited for it
    return STANDS;
  }

  /** Draw the marks if they would look different; true while something pulses or the map moves. */
  function draw(now, muted) {
    if (!drawing) return false;
    const isChanged = drawn.drawing !== drawing || drawn.muted !== muted || flight;
    if (!isChanged && (!drawn.pulses || performance.now() - drawn.at < PULSE_MS)) {
      if (canvas.dataset.seq !== String(drawing.seq)) canvas.dataset.seq = drawing.seq;
      return drawn.pulses;
    }
    const ratio = window.devicePixelRatio || 1;
    const { laid, heat, width, height, unit } = drawing;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const sprites = makeSprites([unit, ratio, muted, paints], () => createSprites(canvas.ownerDocument, { unit, ratio, muted, colour: tokens.mark }));
    const underlay = layUnder([laid, heat, w, h, paints], () => makeUnderlay(drawing, ratio));
    const move = flight ? fly([width, height]) : STANDS;
    const pulses = drawMarks(canvas.getContext("2d"), { ...drawing, move, underlay, sprites, ratio, now, tokens, still: isStill, muted });
    drawn = { drawing, muted, pulses, at: performance.now() };
    canvas.dataset.seq = drawing.seq;
    return pulses || flight !== null;
  }

  return {
    show,
    draw,
    /** With the next rendering look at one area whatever the scene shows, or (null) at what the scene shows again. */
    zoomTo: (area) => (zoomed = area),
    /** Whether the areas stand on the screen, or the canvas stands in for them. */
    areAreasDrawn: () => areAreasDrawn || !hasWebgl,
    hasWebgl: () => hasWebgl,
    isStyleAway: () => isStyleAway,
    /** The colours are others now: with the next rendering everything is drawn in them, and looks where it did. */
    repaint: () => (paints += 1),
    /** With the next rendering the figure is asked for again. */
    askAgain: () => (figureOf = []),
    /** The figure could not be drawn: the next value asks for it whole. */
    fail: () => ([isFigureThere, figureOf] = [false, []]),
  };
}
