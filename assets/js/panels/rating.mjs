// Municipalities by one number: both ends of the list, what stands between them named, and no place for few cases.

import { h, hiddenTable, secondary, valueOf } from "../components.mjs";
import { aside, nameLine, sizeOf, textOf } from "./fit.mjs";
import { changeOf, inWords, isMissed, roundSpan } from "./kpi.mjs";

const ROW = { wide: 58, narrow: 78 }; // heights as in kinds.css
const WIDE_PX = 820;
const COLUMN_PX = 640; // two lists stand side by side from twice this width on
const LINE_PX = 34;
const FOOT_PX = 26;
const [RANK, VALUE, CHANGE, GAP, TRACK] = [54, 170, 136, 12, 60];
const LEAST_ROWS = 2;

/** A number in one unit: lists are read down a column. */
function numberOf(value, unit, format) {
  if (unit === "minutes") return roundSpan(value, format);
  if (unit === "share") return `${format.number(value * 100, 1)}\u00a0${format.t("unit.percent")}`;
  return format.number(value, unit === "rate" ? 1 : 2);
}

const misses = (row, { target }) => isMissed({ value: row.value, target });

function renderRow(row, value, most, { name, size, nameWidth, isWide, format }) {
  const change = changeOf({ ...row, unit: value.unit }, format);
  const along = (number) => ({ width: `${((100 * Math.min(number, most)) / most).toFixed(1)}%` });
  return h(
    "Div",
    { className: `rating-row ${isWide ? "is-wide" : ""} ${misses(row, value) ? "is-missed" : ""}` },
    secondary("rating-rank", format.number(row.rank)),
    h("Span", { className: "rating-name", "data-text": textOf(size), style: { fontSize: `${size / 10}rem`, width: isWide ? `${nameWidth / 10}rem` : "" } }, name(row.area)),
    h("Div", { className: "rating-track" }, h("Div", { className: "rating-bar", style: along(row.value) }), value.target ? h("Div", { className: "rating-target", style: { left: along(value.target.value).width } }) : null),
    h("Span", { className: "rating-value", "data-text": "essential", ...valueOf(`rating_${value.kpi}:${row.area}`, row.value) }, numberOf(row.value, value.unit, format)),
    secondary("rating-change", change && change[1] ? `${change[0] === "kpi.up" ? "▲" : "▼"} ${change[1]}` : ""),
  );
}

/** Lines at the foot: who missed the target, whose cases are too few, whose population nobody gives. */
function footOf(value, ranked, { name, room, format, measure }) {
  const tools = { format, measure };
  const other = value.rows.filter((row) => row.rank === null);
  const few = other.filter((row) => value.unit !== "rate" || row.value !== null);
  const unknown = other.filter((row) => !few.includes(row));
  const missedN = ranked.filter((row) => misses(row, value)).length;
  const lead = (key) => format.t(key, { n: format.number(value.min_n) });
  const target = value.target && ranked.length && [format.t(!missedN ? "rating.reached" : value.better === "higher" ? "rating.missed" : "rating.missed_lower", { value: inWords(value.target.value, value.unit, format), n: format.number(missedN) }), value.target.example ? h("Span", { className: "tag" }, format.t("kpi.example")) : null];
  const named = (key, rows) => nameLine(lead(key), rows.map((row) => name(row.area)), FOOT_PX, room.width, tools);
  const lines = [named("rating.few", few), named("rating.no_population", unknown), target, value.unknown_area ? format.t("rating.no_area", { n: format.number(value.unknown_area) }) : ""];
  return lines.filter((line) => line && line.length).slice(0, Math.max(0, Math.floor((room.height - LEAST_ROWS * ROW.narrow) / LINE_PX - 1)));
}

function renderTable(value, name, format) {
  const id = `rating_${value.kpi}`;
  const cells = (row) => ({ [`${id}:${row.area}`]: row.value, [`${id}_n:${row.area}`]: row.n, [`${id}_previous:${row.area}`]: row.previous, [`${id}_rank:${row.area}`]: row.rank });
  return hiddenTable(format.t(`rating.kpi.${value.kpi}`), value.rows.map((row) => [name(row.area), cells(row)]));
}

export function renderRating(value, { config, format, measure, params, room }) {
  const name = (slug) => config.areas[slug]?.name ?? slug;
  const ranked = value.rows.filter((row) => row.rank !== null);
  const known = value.rows.reduce((sum, row) => sum + row.n, 0);
  const columns = room.width >= 2 * COLUMN_PX ? 2 : 1;
  const width = room.width / columns - (columns - 1) * GAP;
  const isWide = width >= WIDE_PX;
  const names = ranked.map((row) => name(row.area));
  const size = sizeOf(names, width - RANK - VALUE - 2 * GAP - (isWide ? TRACK + CHANGE + 2 * GAP : 0), measure);
  const nameWidth = Math.ceil(Math.max(0, ...names.map((one) => measure.width(one, size)))) + 4;
  const foot = footOf(value, ranked, { name, room, format, measure });
  const height = room.height - foot.length * LINE_PX;
  const rowHeight = isWide ? ROW.wide : ROW.narrow;
  const fits = (free) => Math.max(columns, columns * Math.floor(free / rowHeight));
  const isWhole = ranked.length <= fits(height);
  const shown = isWhole ? ranked.length : Math.max(2, fits(height - (columns === 1 ? LINE_PX : 0)));
  const [best, worst] = [Math.ceil(shown / 2), Math.floor(shown / 2)];
  const most = value.unit === "share" ? 1 : value.unit === "rating" ? 5 : Math.max(...ranked.map((row) => row.value), value.target?.value ?? 0) || 1;
  const render = (rows) => rows.map((row) => renderRow(row, value, most, { name, size, nameWidth, isWide, format }));
  const between = ranked.length - shown;
  const gap = between ? h("P", { className: "rating-gap", "data-text": "secondary" }, format.t("rating.between", { n: format.number(between) })) : null;
  const [first, last] = [ranked.slice(0, best), ranked.slice(isWhole ? best : ranked.length - worst)];
  const days = params?.period === "week" || value.kpi === "satisfaction" ? "rating.week" : "rating.day";
  const standing = ["open", "overdue"].includes(value.kpi);
  return {
    aside: [aside(format.t(`rating.kpi.${value.kpi}`), format.t(standing ? "rating.now" : days))],
    children: [
      ranked.length ? null : h("P", { className: "kind-said", "data-text": "essential" }, format.t(known ? "rating.all_few" : "state.empty", { n: format.number(value.min_n) })),
      columns === 1 ? h("Div", { className: "rating-list" }, render(first), gap, render(last)) : h("Div", { className: "rating-lists" }, h("Div", {}, render(first)), h("Div", {}, render(last))),
      h("Div", { className: "rating-foot" }, columns === 2 ? gap : null, foot.map((line) => h("P", { className: "kind-line", "data-text": "secondary" }, line))),
    ],
    table: renderTable(value, name, format),
    empty: known === 0,
  };
}
