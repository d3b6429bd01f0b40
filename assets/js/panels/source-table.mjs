// Every source in one table, the worst first: how it stands, how old it is, what it brought and what is wrong with it. Columns
// without anything to say are not there.

import { h, secondary, valueOf } from "../components.mjs";
import { textOf } from "./fit.mjs";
import { compareBadness } from "./lists.mjs";

const ROWS_PX = [88, 74, 62, 54, 46, 40, 36]; // the first height at which all rows fit
const SIZES = { 88: 42, 74: 42, 62: 42, 54: 34, 46: 30, 40: 26, 36: 24 };
const [HEAD_PX, PAD_PX, SIGN_PX] = [40, 30, 44];
const HEAD_SIZE = 24;
const LEAST_FIRST = ["next", "last_hour", "lag", "failures", "quarantined"];

const LAG_TOLD_S = 60; // clocks of sources are never quite ours

/** How a source stands, in words without ages: these have columns of their own. */
function stateOf(source, view, isCut) {
  if (view?.paused) return "paused";
  if (source.age_s === null) return "never";
  if (source.state !== "fresh") return isCut ? "unknown" : source.state;
  return view?.failing ? "failing" : "fresh";
}

/** Columns as {key, kpi?, text(row), value?}: a column in which every row is empty is left out. */
const columnsOf = ({ format, now }) => [
  { key: "age", text: ({ source }) => (source.age_s === null ? "" : format.span(source.age_s)) },
  { key: "words", text: ({ words }) => words, isLeft: true },
  { key: "last_hour", kpi: "source_last_hour", value: ({ more }) => more.last_hour },
  { key: "today", kpi: "source_today", value: ({ more }) => more.today },
  { key: "lag", text: ({ view }) => (view?.lag_s >= LAG_TOLD_S ? format.span(view.lag_s) : "") },
  { key: "quarantined", kpi: "source_quarantined", value: ({ more }) => more.quarantined, isQuiet: true },
  { key: "failures", kpi: "source_failures", value: ({ more }) => more.failures, isQuiet: true },
  { key: "next", text: ({ more }) => (more.next_poll_at === null ? "" : Date.parse(more.next_poll_at) <= now ? format.t("source_table.now") : format.timeOrDay(Date.parse(more.next_poll_at), now)) },
].map((column) => ({ ...column, text: column.text ?? ((row) => (column.value(row) === null || (column.isQuiet && !column.value(row)) ? "" : format.number(column.value(row)))) }));

export function renderSourceTable(value, context) {
  const { config, format, measure, room, freshness, views } = context;
  const rows = freshness.sources
    .map((source, index) => {
      const more = value.sources.find((row) => row.source === source.id) ?? { last_hour: null, today: null, quarantined: null, failures: null, next_poll_at: null };
      return { source, more, index, view: views.get(source.id), words: format.t(`source_table.state.${stateOf(source, views.get(source.id), context.isCut)}`) };
    })
    .sort((a, b) => compareBadness(a.source, b.source) || (b.view?.failing ?? 0) - (a.view?.failing ?? 0) || a.index - b.index);
  let columns = columnsOf(context).filter((column) => rows.some((row) => column.text(row)));
  const widthsAt = (size) => columns.map((column) => Math.max(measure.width(format.t(`source_table.${column.key}`), HEAD_SIZE, 400), ...rows.map((row) => measure.width(column.text(row), size, 500))));
  const nameAt = (size) => Math.max(0, ...rows.map(({ source }) => measure.width(source.name, size, 500))) + SIGN_PX;
  const wide = (size) => nameAt(size) + widthsAt(size).reduce((sum, width) => sum + width + PAD_PX, 0) <= room.width;
  const tallest = ROWS_PX.find((px) => HEAD_PX + px * rows.length <= room.height) ?? ROWS_PX.at(-1);
  const findHeight = () => ROWS_PX.find((px) => px <= tallest && wide(SIZES[px]));
  // Small type before fewer columns, but not the smallest where the rows have more room.
  for (const key of LEAST_FIRST) if (!(SIZES[findHeight()] >= Math.min(26, SIZES[tallest]))) columns = columns.filter((column) => column.key !== key);
  const height = findHeight() ?? ROWS_PX.at(-1);
  const size = SIZES[height];
  const all = Math.floor((room.height - HEAD_PX) / height);
  const fits = all >= rows.length ? rows.length : Math.max(1, all - 1);
  const [shown, rest] = [rows.slice(0, fits), rows.slice(fits)];
  const bad = rest.filter(({ source }) => source.state !== "fresh").length;
  const columnStyle = { gridTemplateColumns: [`${(nameAt(size) + 4) / 10}rem`, ...widthsAt(size).map((width) => `${(width + 2) / 10}rem`)].join(" ") };
  const cell = (column, row) => h("Span", { className: `cell cell--${column.key} ${column.isLeft ? "" : "is-number"}`, role: "cell", ...(column.kpi ? valueOf(`${column.kpi}:${row.source.id}`, column.value(row)) : {}) }, column.text(row));
  return {
    children: [
      h(
        "Div",
        { className: "source-table", role: "table", "aria-label": format.t("panel.source-table.title"), style: { fontSize: `${size / 10}rem` } },
        h("Div", { className: "source-line source-line--head", role: "row", "data-text": "secondary", style: { ...columnStyle, height: `${HEAD_PX / 10}rem` } }, h("Span", { role: "columnheader" }, format.t("source_table.source")), ...columns.map((column) => h("Span", { className: column.isLeft ? "" : "is-number", role: "columnheader" }, format.t(`source_table.${column.key}`)))),
        ...shown.map((row) =>
          h(
            "Div",
            { className: `source-line source-line--${row.source.state}`, role: "row", "data-text": textOf(size), "data-source-id": row.source.id, "data-source-state": row.source.state, style: { ...columnStyle, height: `${height / 10}rem` } },
            h("Span", { className: "source-line-name", role: "rowheader" }, h("Span", { className: `sign sign--${row.source.state}` }), h("Span", {}, row.source.name)),
            ...columns.map((column) => cell(column, row)),
          ),
        ),
        rest.length ? secondary("kind-line", format.t(bad ? "sources.more_bad" : "sources.more", { n: rest.length, bad })) : null,
      ),
    ],
    empty: config.sources.length === 0,
  };
}
