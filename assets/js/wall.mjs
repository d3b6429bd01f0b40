// The wall: from the state of the page to what stands on the screen. Rendering is a function of state and server time;
// it runs at most once per animation frame. A panel is rendered again only when its value, its rows, its room or a
// second that its words tell is another, and touches only what differs from what is shown.

import { h } from "./components.mjs";
import { isSame, show } from "./elements.mjs";
import { createFigures } from "./figures.mjs";
import { oldestAge, readFreshness } from "./freshness.mjs";
import { KINDS, OF_INCIDENTS, OF_SOURCES, TELLS_AGES } from "./kinds.mjs";
import { renderAnnotations } from "./panels/annotations.mjs";
import { renderBanner, renderRemark } from "./panels/banner.mjs";
import { renderHeader } from "./panels/header.mjs";
import { isMapIdle } from "./map.mjs";
import { createMapPanel } from "./panels/map.mjs";
import { remembered } from "./remember.mjs";
import { watchRooms } from "./rooms.mjs";
import { keyText, parseRef } from "./scene.mjs";
import { createDirected, layoutOf } from "./stage.mjs";
import { readTokens } from "./tokens.mjs";

const viewsOf = (state) => new Map((state?.values.sources?.sources ?? []).map((view) => [view.source, view]));
const HEAD_GAP_PX = 42;
const TIGHTER = ["", "clock", "day"]; // what gives way in the head, one after the other
const LOOK_MS = 50; // between two looks whether the map shows what it was given
const BLIND = new Set(["stale", "dead"]);

/** The line in which a panel says that it is late, partial or blind; "" when there is nothing to say. */
export function noteOf(freshness, format, isCut = false) {
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
  return format.t(isCut ? "state.stale" : `state.${state}`, { age: format.span(youngest) }); // cut off, nobody knows who is silent
}

/** What a panel shows grows no younger without an arrival, though sources that fell silent count no more. */
function hold(panel, views, found) {
  const asOf = panel.views === views && found.as_of > panel.asOf ? panel.asOf : found.as_of;
  Object.assign(panel, { views, asOf });
  return asOf === found.as_of ? found : { ...found, as_of: asOf };
}

/** The map of a region without any source of appeals: an area nobody asked is not one with 0 appeals. */
const withoutAppeals = (value) => ({ ...value, steps: [], unknown_area: 0, areas: value.areas.map((area) => ({ ...area, received: null, per_10k: null })) });

/** Whether no source of a panel has ever answered and the database holds nothing of theirs either. */
function isNothingKnown(panel, { tables, values }, freshness) {
  if (OF_SOURCES.has(panel.kind) || freshness.sources.some((source) => source.age_s !== null)) return false;
  const known = { appeals: values.open?.open_now.n || tables.appeals?.length, incidents: tables.incidents?.length };
  return !freshness.sources.some((source) => known[source.records]);
}

export function createWall({ dash, config, format, measure, tokens, geojson, scenes, isFrozen, asked, still, canDrawAreas }) {
  const element = (id) => document.getElementById(id);
  const failed = new Map(); // slot -> why it cannot be shown
  const kept = new Map(); // element id -> what it was made from
  const memories = new Map(scenes.slots.map(({ id }) => [id, { freshness: remembered(), content: remembered() }]));
  let panels = []; // those of the scene, each with its slot, its sources and what it keeps
  let [arranged, inOrder, isRemarked] = [null, [], false];
  const faults = new Map(); // slot -> why its figure could not be drawn the last time
  const onDrawn = (id, error, isDifferent) => {
    const panel = id.replace(/-figure$/, "");
    if (!error) {
      faults.delete(panel);
      return reveal(panel, isDifferent);
    }
    console.error(`figure ${id}`, error);
    if (panel === "map") map?.fail();
    return faults.set(panel, format.t("error.panel", { why: error.message }));
  };
  const figures = createFigures(dash, { onDrawn, ...(isFrozen ? { pauseMs: 0 } : {}) });
  const rooms = watchRooms(scenes.slots, element);
  const shown = new Map(); // element id -> what stands in it
  const readViews = remembered();
  const head = remembered();
  const readWhole = remembered();
  const [readBare, header] = [remembered(), {}];
  const [directed, zoomed, fitted] = [remembered(), remembered(), remembered()];
  const direct = createDirected({ document, put, asked });

  function put(id, children) {
    if (shown.has(id) && isSame(shown.get(id), children)) return;
    shown.set(id, children);
    show(element(id), children);
  }

  /** Put what `make` gives, when one of `parts` is another than the last time. */
  function putMade(id, parts, make) {
    if (!kept.has(id)) kept.set(id, remembered());
    kept.get(id)(parts, () => put(id, make()));
  }

  let last = null; // the scene that was rendered last
  const map = element("map-box") && createMapPanel({ onAreas: () => last && render(last), box: element("map-box"), canvas: element("map-marks"), config, geojson, figures, tokens, put: putMade, canDrawAreas, isStill: still || isFrozen });

  /** Colours are others now: everything that is drawn with them is drawn anew. */
  function repaint() {
    Object.assign(tokens, readTokens(document.documentElement));
    kept.clear();
    for (const memory of memories.values()) memory.content = remembered();
    map?.repaint();
  }

  function mark(panel, state, asOf, seq) {
    // Attributes of the contract change with every frame; as attributes they cost React nothing.
    const wanted = { state, asOf, seq: seq === null ? "" : String(seq) };
    for (const [key, value] of Object.entries(wanted)) if (panel.root.dataset[key] !== value) panel.root.dataset[key] = value;
  }

  /** Where the scene's name leaves the head too little room the second clock gives way, then the day. */
  function fitHead() {
    const head = element("scene").querySelector(".head");
    const ends = [head.querySelector(".head-name"), element("head-clock")];
    const isWhole = () => {
      const [own, ...parts] = [head, ...ends].map((part) => part.getBoundingClientRect());
      return parts.every(({ left, right }) => left >= own.left - 1 && right <= own.right - parseFloat(getComputedStyle(head).paddingRight) + 1);
    };
    for (const tight of TIGHTER) {
      head.dataset.tight = tight;
      if (isWhole()) break;
    }
  }

  /** Put a scene's panels where they stand. */
  function arrange(scene, ref, stage) {
    scenes.place(scene, ref, layoutOf(stage));
    if (arranged === scenes.shown.panels) return;
    arranged = scenes.shown.panels;
    rooms.forget();
    const { argument } = parseRef(ref);
    const names = { area: config.areas[argument]?.name, sector: config.names.sectors[argument] };
    put("head-scene", [scene.title, names[scene.takes]].filter(Boolean).join(" · "));
    const placed = new Set(arranged.map(({ id }) => id));
    for (const [id, memory] of memories) if (!placed.has(id)) memory.of = null; // it is drawn no longer, and grows old out of sight
    panels = arranged.map((panel) => {
      const memory = memories.get(panel.id);
      if (memory.key !== panel.key) Object.assign(memory, { key: panel.key, views: null });
      const kind = config.kinds[panel.kind];
      return { ...panel, memory, feeds: kind.sources.map((id) => config.sources.find((source) => source.id === id)), tables: kind.tables, hasFigure: kind.has_figure, beside: Object.entries(kind.beside).map(([stem, takes]) => [stem, keyText(stem, takes, panel.params)]) };
    });
    inOrder = panels.toSorted((a, b) => (b.kind === "map") - (a.kind === "map")); // its figure takes longest to come
  }

  /** What a figure shows is of another scene, moment or time: out of sight until it shows its own (docs/wall.md). */
  function veil({ id, kind, root, memory }, of) {
    Object.assign(memory, { of, turn: (memory.turn ?? 0) + 1, isOld: memory.wasDrawn ?? false, content: remembered() });
    if (memory.isOld) root.dataset.figure = "old";
    figures.forget(`${id}-figure`);
    if (kind === "map") map.askAgain();
  }

  /** A figure was given its own numbers: it is seen again when Plotly, and the map below, show them. */
  function reveal(id, isDifferent) {
    const memory = memories.get(id);
    memory.wasDrawn = true;
    if (!memory.isOld) return;
    const { turn } = memory;
    const look = () => {
      if (memory.turn !== turn || !memory.isOld) return;
      if (id === "map" && map.hasWebgl() && !isMapIdle()) return setTimeout(look, LOOK_MS);
      memory.isOld = false;
      delete element(id).dataset.figure;
      render(last);
    };
    const graph = isDifferent ? element(`${id}-figure`).querySelector(".js-plotly-plot") : null;
    if (graph) graph.once("plotly_react", look);
    else setTimeout(look);
  }

  /** Fill a panel with its content; returns whether it is empty. */
  function fill(panel, value, context, tables) {
    const content = KINDS[panel.kind](value, context, tables);
    put(`${panel.id}-body`, content.children);
    if (content.aside) put(`${panel.id}-aside`, content.aside);
    if (content.table) put(`${panel.id}-table`, content.table);
    if (content.figure) figures.show(`${panel.id}-figure`, content.figure.build, content.figure.paths);
    return content.empty;
  }

  /** Put the line in which a panel says what is wrong; returns whether its body has another height by it. */
  function tellNote({ id, memory }, parts) {
    const note = parts.filter(Boolean).join(" · ");
    put(`${id}-note`, note);
    const wasNoted = memory.isNoted ?? false;
    memory.isNoted = note !== "";
    return wasNoted !== memory.isNoted;
  }

  function showPanel(panel, state, shared) {
    const { views, second } = shared;
    const { id, kind, root, memory } = panel;
    const context = { ...shared, params: panel.params, room: shared.rooms.get(id) };
    const value = state.values[panel.key];
    const of = `${panel.key} ${shared.of}`;
    if (panel.hasFigure && memory.of !== of) veil(panel, of);
    const freshness = memory.freshness([views, second], () => hold(memory, views, readFreshness(panel.feeds, views, context.now, config.partial_min_cover)));
    if (value === undefined) return mark(panel, "loading", "", state.seq); // the scene was written anew: its snapshot is on the way
    let isEmpty = value === null;
    const isPast = BLIND.has(freshness.state) && freshness.as_of && !OF_SOURCES.has(kind); // then not even the age of an incident goes on
    const now = isPast ? Date.parse(freshness.as_of) : context.now;
    const isBare = kind === "map" && !state.values.open?.open_now.n && !panel.feeds.some(({ id, records }) => records === "appeals" && views.get(id)?.last_complete_at);
    // Nothing was ever read: then even a zero would be a lie.
    const isUnknown = isEmpty || isNothingKnown(panel, state, freshness);
    const known = isUnknown ? "nothing" : "something";
    if (root.dataset.known !== known) root.dataset.known = known;
    const beside = panel.beside.map(([, key]) => state.values[key]);
    context.beside = Object.fromEntries(panel.beside.map(([stem], i) => [stem, beside[i]]));
    const wrong = () => failed.get(id) ?? faults.get(id) ?? (kind === "map" && !map.hasWebgl() && !map.isStyleAway() ? format.t("map.no_webgl") : "");
    const tell = () => tellNote(panel, [wrong(), kind === "map" && map.isStyleAway() ? format.t("map.no_style") : "", isBare && !isUnknown ? format.t("map.no_appeals") : "", noteOf(freshness, format, context.isCut)]);
    // A note takes its line from the body in the frame in which it comes: rows are counted with what is left.
    if (kind !== "map" && tell()) {
      rooms.forget();
      context.room = rooms.read().rooms.get(id);
    }
    if (isUnknown) {
      isEmpty = memory.content([isUnknown], () => {
        put(`${id}-body`, h("P", { className: "value-none", "data-text": "essential" }, format.t("state.empty")));
        put(`${id}-aside`, []);
        return true;
      });
    } else if (kind === "map") map.show(isBare ? readBare([value], () => withoutAppeals(value)) : value, state.tables, { ...context, now });
    else {
      const told = TELLS_AGES.has(kind) ? Math.floor(now / 1000) : null;
      const more = OF_SOURCES.has(kind) ? freshness : OF_INCIDENTS.has(kind) ? context.missed : null;
      const parts = [isUnknown, value, context.room, context.unit, panel.params, told, more, context.isCut, ...panel.tables.map((table) => state.tables[table]), ...beside];
      isEmpty = memory.content(parts, () => fill(panel, value, { ...context, now, freshness }, state.tables));
    }
    if (kind === "map") tell();
    const isWaiting = kind === "map" ? !map.areAreasDrawn() || (memory.isOld && map.hasWebgl()) : memory.isOld;
    const isDrawing = isWaiting && !isUnknown && !wrong();
    const seeing = isDrawing ? "loading" : isEmpty ? "empty" : freshness.state;
    mark(panel, BLIND.has(freshness.state) ? freshness.state : seeing, freshness.as_of, state.seq);
  }

  const read = (state, now) => {
    const second = now === null ? null : Math.floor(now / 1000);
    const views = readViews([state?.values.sources], () => viewsOf(state));
    const whole = readWhole([views, second], () => hold(header, views, readFreshness(config.sources, views, now ?? 0, config.partial_min_cover)));
    return { second, views, whole };
  };

  /** Scene pixels between the region's name and the connection; asked only when there is something to remark. */
  const readRemarkRoom = () => {
    const [name, connection] = [element("scene").querySelector(".head-name"), element("head-connection")];
    return (connection.getBoundingClientRect().left - name.getBoundingClientRect().right) / rooms.read().unit - 2 * HEAD_GAP_PX;
  };

  /** A remark without room makes the head tighter, until there is none any more. */
  function putRemark(isDue, make) {
    const { dataset } = element("scene").querySelector(".head");
    if (isDue !== isRemarked) fitHead();
    isRemarked = isDue;
    let said = isDue ? make() : [];
    for (const tight of TIGHTER.slice(TIGHTER.indexOf(dataset.tight) + 1)) {
      if (!isDue || said.length) break;
      dataset.tight = tight;
      said = make();
    }
    put("head-remark", said);
  }

  /**
   * What is wrong beyond the panels, and the ages as attributes. Written at once, not with the next frame: when the renderer
   * hangs, no frame comes; then what stands in the panels is the past too.
   */
  function report({ state, banner, ages, broker, wrong_s: wrong, now }) {
    const root = element("scene");
    const { whole } = read(state, now);
    const inWords = (age) => (age === null ? "" : age === Infinity ? "never" : age.toFixed(1));
    const attributes = { banner: banner?.kind ?? "", broker, screenAge: inWords(ages.screen_s), pipelineAge: inWords(ages.pipeline_s), readAge: inWords(ages.read_s), sourceAge: inWords(state ? oldestAge(whole.sources) : null), clockOff: inWords(wrong) };
    for (const [key, value] of Object.entries(attributes)) if (root.dataset[key] !== value) root.dataset[key] = value;
    const isStalled = banner?.kind === "rendering"; // then nobody knows which data stand on the glass
    const dataAt = whole.as_of && now !== null && !isStalled ? format.clockOrDay(Date.parse(whole.as_of), now) : "";
    put("banner", renderBanner(banner, { format, measure, room: rooms.read().banner, dataAt }));
    putRemark(!banner && (broker === "away" || wrong !== null), () => renderRemark({ broker, wrong_s: wrong }, { format, measure, readRoom: readRemarkRoom }));
    if (!isStalled) return;
    // Hatched, with the age in the banner: nothing that would need room is put into a panel that cannot be laid out.
    for (const panel of panels) mark(panel, "stale", panel.root.dataset.asOf, state?.seq ?? null);
  }

  /** @param {{state: object|null, scene: object, ref: string, now: number|null, connection: object, banner: object|null, missed: object|null, of?: string}} scene `of`: which moment, where it is not the present one */
  function render(scene) {
    last = scene;
    const { state, now, connection, banner, missed, of = "" } = scene;
    arrange(scene.scene, scene.ref, scene.stage);
    directed([scene.stage, panels], () => direct(scene.stage, panels) && repaint());
    zoomed([map, scene.stage.zoom], () => map?.zoomTo?.(scene.stage.zoom ?? null));
    const { unit, rooms: sizes } = rooms.read();
    const { second, views, whole } = read(state, now);
    const origin = state?.origin ?? null;
    head([second, connection.state, whole.as_of, banner?.kind, origin], () => {
      const parts = renderHeader({ format, now, connection, banner, asOf: whole.as_of, isFrozen, origin, federalName: config.region.vocabulary.federal_clock });
      for (const [id, children] of Object.entries(parts)) put(id, children);
      element("scene").dataset.origin = origin?.kind ?? "live";
      element("scene").dataset.connection = isFrozen ? "frozen" : connection.state;
    });
    putMade("annotations", [state?.annotations, scene.stage.mirrored], () => renderAnnotations(state?.annotations, scene.stage.mirrored));
    if (!state || now === null) return;
    fitted([arranged, sizes, connection.state, banner?.kind, origin, second], fitHead); // once a second too: what was put may stand later
    const context = { config, format, measure, tokens, rooms: sizes, views, now, second, unit, isFrozen, missed, isCut: Boolean(banner) && !origin, seq: state.seq, of };
    for (const panel of inOrder) {
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

  /** Draw the marks of the map where the scene has one; true while something pulses. */
  const drawMap = (now) => panels.some(({ kind, root }) => kind === "map" && map.draw(now, BLIND.has(root.dataset.state)));

  return { render, report, drawMap, fail, canDrawAreas, panels: () => panels };
}
