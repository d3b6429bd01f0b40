// KPI tiles: the number large, its target as a bar and in words, what it rests on in small. Colour only when a target
// is missed, and then with a shape and words as well.

import { essential, h, secondary, valueOf } from "../components.mjs";

const MAX_RATING = 5;

export const isMissed = (kpi) =>
  kpi.value !== null && kpi.target !== null && (kpi.target.better === "higher" ? kpi.value < kpi.target.value : kpi.value > kpi.target.value);

/** Parts of a value as [digits, unit] pairs, by the unit of the KPI. */
function partsOf(value, unit, format) {
  if (unit === "share") return [[format.number(value * 100, 1), format.t("unit.percent")]];
  if (unit === "minutes") return format.spanParts(value * 60);
  return [[format.number(value, unit === "rating" ? 2 : 0), unit === "rating" ? format.t("kpi.rating_of") : ""]];
}

/** A target in words: "95 %", "24 ч", "4". */
export function inWords(value, unit, format) {
  if (unit === "minutes") return format.span(value * 60);
  return unit === "share" ? `${format.upTo(value * 100, 1)}\u00a0${format.t("unit.percent")}` : format.upTo(value, 2);
}

function renderValue(kpi, format, className = "", beside = null) {
  const attributes = { ...valueOf(kpi.kpi, kpi.value), className: `value ${className} ${isMissed(kpi) ? "is-missed" : ""}` };
  if (kpi.value === null) return h("Div", attributes, essential("value-none", format.t("state.empty")));
  const parts = partsOf(kpi.value, kpi.unit, format).map(([digits, unit]) => [
    essential("value-digits", digits),
    unit ? secondary("value-unit", unit) : null,
  ]);
  return h("Div", attributes, ...parts, beside);
}

const line = (text, className = "") => h("P", { className: `kpi-line ${className}`, "data-text": "secondary" }, text);

function targetLine(kpi, format) {
  if (!kpi.target) return null;
  const value = inWords(kpi.target.value, kpi.unit, format);
  const key = !isMissed(kpi) ? "kpi.target" : kpi.target.better === "higher" ? "kpi.missed_lower" : "kpi.missed_higher";
  const example = kpi.target.example ? h("Span", { className: "tag" }, format.t("kpi.example")) : null;
  return line([h("Span", {}, format.t(key, { value })), example], isMissed(kpi) ? "is-missed" : "");
}

/** Minutes in one unit, for a line that has no room for two. */
export function roundSpan(minutes, format) {
  const [size, unit] = minutes >= 48 * 60 ? [1440, "day"] : minutes >= 60 ? [60, "hour"] : [1, "minute"];
  return `${format.upTo(minutes / size, 1)}\u00a0${format.t(`unit.${unit}`)}`;
}

/** The change against a week ago as [key, value], null where there is nothing to compare with. */
export function changeOf(kpi, format) {
  if (kpi.value === null || kpi.previous === null) return null;
  const scale = kpi.unit === "share" ? 100 : 1;
  const digits = { share: 1, rating: 2, minutes: 0, count: 0, rate: 1 }[kpi.unit];
  const change = Number(((kpi.value - kpi.previous) * scale).toFixed(digits));
  if (change === 0) return ["kpi.same", ""];
  const size = Math.abs(change);
  const words = kpi.unit === "minutes" ? roundSpan(size, format) : format.number(size, digits);
  const value = kpi.unit === "share" ? `${words}\u00a0${format.t("unit.point")}` : words;
  return [change > 0 ? "kpi.up" : "kpi.down", value];
}

function changeLine(kpi, format) {
  const change = changeOf(kpi, format);
  return change && line(format.t(change[0], { value: change[1] }));
}

/** The change beside the number, where a tile has no line left for it. */
function changeBeside(kpi, format) {
  const change = changeOf(kpi, format);
  if (!change || change[0] === "kpi.same") return null;
  const arrow = change[0] === "kpi.up" ? "▲" : "▼";
  return h("Span", { className: "value-change", "data-text": "secondary" }, h("Span", {}, `${arrow} ${change[1]}`), h("Span", {}, format.t("kpi.week")));
}

/** Which terms the share rests on, the preset by its name, «пример» where no act confirms it, and how many: one text. */
function basisLine(kpi, basis, config, format) {
  const used = Object.entries(basis.norms).sort((a, b) => b[1] - a[1]);
  const words = [];
  if (used.length) {
    const norm = config.names.norms[used[0][0]] ?? { name: used[0][0], example: false };
    const key = used.length > 1 ? "kpi.term_norms" : "kpi.term_norm";
    const name = norm.name.replace(/(\d) /g, "$1\u00a0"); // «24 часа» stays in one line
    words.push(format.t(key, { name, n: used.length - 1 }));
    if (norm.example) words.push(h("Span", { className: "tag" }, format.t("kpi.example")));
  } else if (basis.from_record_n) words.push(format.t("kpi.term_record"));
  const left = basis.without_term_n;
  const count = left ? format.t("kpi.without_term", { n: format.number(left) }) : kpi.n ? format.t("kpi.n", { n: format.number(kpi.n) }) : null;
  const divider = typeof words.at(-1) === "string" ? "· " : ""; // a tag ends a phrase by its frame, words do not
  if (count) words.push(h("Span", { className: "kpi-count" }, divider + count));
  return words.length ? line(words.flatMap((word) => [" ", word]).slice(1), "kpi-line--long") : null;
}

/** A bar from the bottom of its range with the target as a tick; none without a target, because it is read against one. */
function renderGauge(kpi) {
  if (!kpi.target) return null;
  const [low, high] = { share: [0, 1], rating: [1, MAX_RATING] }[kpi.unit] ?? [0, kpi.target.value * 2];
  const along = (value) => `${(100 * Math.min(1, Math.max(0, (value - low) / (high - low)))).toFixed(1)}%`; // what a pixel can show
  return h(
    "Div",
    { className: `gauge ${isMissed(kpi) ? "is-missed" : ""}` },
    kpi.value === null ? null : h("Div", { className: "gauge-bar", style: { width: along(kpi.value) } }),
    h("Div", { className: "gauge-target", style: { left: along(kpi.target.value) } }),
  );
}

const USUAL_LINES = 3;
const NUMBER_PX = 92; // the number, its gauge and what stands between
const LINE_PX = 26.2;
const TAG_PX = 28; // its frame, and the gap before it

/** How many lines a tile has below its number. */
const linesIn = (room) => Math.max(0, Math.floor(((room?.height ?? Infinity) - NUMBER_PX) / LINE_PX));

/** How many lines a line takes where its words and tags stand side by side. */
function rowsOf(node, measure, room) {
  const widthOf = (part) => (typeof part === "string" ? measure.width(part, 22, 500) : part.props.children.reduce((sum, child) => sum + widthOf(child), 0) + (part.props.className === "tag" ? TAG_PX : 0));
  return Math.ceil(widthOf(node) / room.width);
}

/** A tile with as many lines as it has room for, the first first; the others are told to those who hear the page. */
function tile(kpi, { format, measure, room }, beside, ...lines) {
  const told = lines.filter(Boolean);
  const isLow = linesIn(room) < USUAL_LINES;
  let left = linesIn(room);
  const fits = isLow ? told.filter((node) => (left -= rowsOf(node, measure, room)) >= 0).length : told.length;
  return {
    children: [
      renderValue(kpi, format, isLow ? "value--low" : "", beside),
      renderGauge(kpi),
      h("Div", { className: "kpi-lines" }, ...told.slice(0, fits)),
      isLow ? h("Div", { className: "sr-only" }, ...told.slice(fits)) : null,
    ],
    empty: kpi.value === null,
  };
}

export const kpiPanels = {
  "kpi-in-time": ({ in_time: kpi, basis }, context) => {
    const { config, format, room } = context;
    const count = linesIn(room) < USUAL_LINES && kpi.n ? line(format.t("kpi.n", { n: format.number(kpi.n) })) : null;
    return tile(kpi, context, changeBeside(kpi, format), targetLine(kpi, format), count, basisLine(kpi, basis, config, format));
  },

  "kpi-response": ({ response_minutes: kpi }, context) =>
    tile(kpi, context, null, targetLine(kpi, context.format), changeLine(kpi, context.format), line(context.format.t("kpi.median"))),

  "kpi-satisfaction": ({ satisfaction: kpi }, context) =>
    tile(kpi, context, null, targetLine(kpi, context.format), changeLine(kpi, context.format), line(context.format.t("kpi.marks", { n: context.format.number(kpi.n) }))),

  "kpi-open": ({ open_now: open, overdue_now: overdue }, { format, room }) => {
    const share = open.value ? Math.min(1, (overdue.value ?? 0) / open.value) : 0;
    const bad = overdue.value > 0;
    return {
      children: [
        renderValue(open, format, `value--plain ${linesIn(room) < USUAL_LINES ? "value--low" : ""}`),
        h(
          "Div",
          { className: "overdue" },
          open.value === null ? null : h("Div", { className: "bar" }, h("Div", { className: "bar-part tone-fill--late", style: { width: `${share * 100}%` } })),
          h(
            "Div",
            { className: `overdue-line ${bad ? "is-late" : ""}`, ...valueOf(overdue.kpi, overdue.value) },
            bad ? h("Span", { className: "sign sign--clock tone--late" }) : null,
            essential("overdue-digits", overdue.value === null ? format.t("state.empty") : format.number(overdue.value)),
            overdue.value === null ? null : secondary("overdue-word", format.t("kpi.overdue")),
          ),
        ),
        h("Div", { className: "kpi-lines" }, targetLine(overdue, format) ?? targetLine(open, format)),
      ],
      empty: open.value === null,
    };
  },
};
