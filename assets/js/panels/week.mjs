// Eight local days: what came as bars, what was answered as a line, the same day a week earlier as a stroke across the bar; the
// numbers stand below the days they are of. Today is not over: its bar is fainter, and a ring stands for its answers.

import { h, hiddenTable, secondary } from "../components.mjs";
import { aside } from "./fit.mjs";

const SIZES = [42, 34, 28, 24];
const DAY_PX = 24;
const STROKE = 0.7 / 1.4; // of a day's width: as wide as a bar, in Plotly's measure of a marker
const CHART_STEPS = 200;

const dayOf = (day) => Date.parse(`${day}T12:00:00Z`);

/** Days as exact as pixels can show them; words stay exact. */
const roundTo = (step) => (count) => (count === null ? null : Math.round(count / step) * step);

export function weekFigure(value, { format, measure, tokens, unit, room }) {
  const px = (n) => n * unit;
  const x = value.days.map((_, index) => index);
  const last = x.length - 1;
  const most = Math.max(4, ...value.received, ...value.answered, ...value.week_ago_received);
  const round = roundTo(Math.max(1, Math.floor(most / CHART_STEPS)));
  const answered = [false, true].map((today) => value.answered.map((count, i) => ((i === last) === today ? round(count) : null)));
  const texts = value.received.map((count) => (count === null ? "" : format.number(count)));
  const slot = (room.width - 8) / x.length;
  const size = SIZES.find((one) => texts.every((text) => measure.width(text, one, 600) <= slot - 8)) ?? SIZES.at(-1);
  const today = measure.width(format.t("week.today"), DAY_PX, 400) <= slot ? "week.today" : "week.now";
  const named = value.days.map((day) => `${format.dayName(dayOf(day))} ${format.dayNumber(dayOf(day))}`);
  const isNamed = named.every((name) => measure.width(name, DAY_PX, 400) <= slot - 4);
  const days = value.days.map((day, index) => (index === last ? format.t(today) : isNamed ? named[index] : format.dayNumber(dayOf(day))));
  const below = (words, at, textSize, color) => words.map((text, index) => ({ x: index, y: 0, yref: "paper", text, showarrow: false, yanchor: "top", yshift: -px(at), font: { family: '"Golos Text", sans-serif', size: px(textSize), color } }));
  return {
    data: [
      { type: "bar", x, y: value.received.map(round), marker: { color: x.map((index) => (index === last ? tokens.barUnfinished : tokens.bar)) }, hoverinfo: "skip" },
      { type: "scatter", mode: "markers", x, y: value.week_ago_received.map(round), marker: { symbol: "line-ew", size: px(slot * STROKE), line: { width: px(4), color: tokens.gaugeTarget } }, hoverinfo: "skip" },
      { type: "scatter", mode: "lines+markers", x, y: answered[0], line: { color: tokens.lineAnswered, width: px(4) }, marker: { size: px(10), color: tokens.lineAnswered }, hoverinfo: "skip" },
      { type: "scatter", mode: "markers", x, y: answered[1], cliponaxis: false, marker: { symbol: "circle-open", size: px(12), color: tokens.lineAnswered, line: { width: px(3) } }, hoverinfo: "skip" },
    ],
    layout: {
      autosize: true,
      showlegend: false,
      bargap: 0.3,
      margin: { l: px(4), r: px(4), t: px(8), b: px(size * 1.15 + DAY_PX * 1.5), pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { range: [-0.5, last + 0.5], visible: false, fixedrange: true },
      yaxis: { range: [0, most * 1.04], visible: false, fixedrange: true },
      annotations: [...below(texts, 2, size, tokens.textPrimary), ...below(days, size * 1.15, DAY_PX, tokens.textSecondary)].filter(({ text }) => text),
    },
  };
}

export function renderWeek(value, context) {
  const { format } = context;
  const sign = (n) => (n > 0 ? "+" : n < 0 ? "\u2212" : "±") + format.number(Math.abs(n));
  const [total, before] = [value.received_7_days, value.before_7_days];
  const mark = (glyph, key, n) => [h("Span", { className: `glyph glyph--${glyph}` }), format.t(key, { n: format.number(n) })];
  const rows = value.days.map((day, i) => [
    format.day(dayOf(day)),
    { [`day_received:${day}`]: value.received[i], [`day_answered:${day}`]: value.answered[i], [`day_week_ago_received:${day}`]: value.week_ago_received[i] },
  ]);
  const isCompared = value.week_ago_received.some((count) => count !== null);
  const against = total === null || before === null ? format.t("week.earlier") : format.t("week.against", { change: sign(total - before) });
  return {
    aside: total === null ? [] : [aside(mark("bar", "week.total", total), mark("line", "week.answered", value.answered_7_days))],
    children: isCompared ? [secondary("kind-line", h("Span", { className: "glyph glyph--stroke" }), against)] : [],
    table: hiddenTable(format.t("week.table"), [...rows, [format.t("week.sums"), { received_7_days: total, answered_7_days: value.answered_7_days, before_7_days: before }]]),
    figure: { build: () => weekFigure(value, context), paths: [0, 1, 2, 3].map((trace) => ["data", trace, "y"]) },
    empty: false,
  };
}
