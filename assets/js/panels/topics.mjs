// What people write about: topics with most appeals, each beside the same hours a week ago. What is new or rises is said
// in a word and a shape; «прочие» always stand there.

import { h, hiddenTable, secondary, valueOf } from "../components.mjs";
import { aside, nameLine, sizeOf, textOf } from "./fit.mjs";

const ROW = { wide: 58, narrow: 78 };
const WIDE_PX = 900;
const LINE_PX = 34;
const REST_PX = 26;
const [COUNT, TREND, GAP, TRACK] = [110, 180, 18, 60];
const SIGNS = { new: "diamond", rising: "triangle" }; // what is unusual has a shape and a colour

function trendOf({ change, trend }, format) {
  if (trend === null) return [];
  const size = format.number(Math.abs(change));
  const told = change > 0 ? `+${size}` : change < 0 ? `\u2212${size}` : format.t("topics.same");
  const words = trend === "steady" ? told : trend === "new" ? format.t("topics.new") : `${format.t(`topics.${trend}`)} ${told}`;
  return [SIGNS[trend] ? h("Span", { className: `sign sign--small sign--${SIGNS[trend]} tone--notice` }) : null, h("Span", {}, words)];
}

export function renderTopics(value, { config, format, measure, params, room }) {
  const name = (slug) => config.names.topics[slug] ?? slug;
  const other = value.has_other ? value.topics.at(-1) : null;
  const named = value.topics.filter((row) => row !== other && (row.received || row.change));
  const isWide = room.width >= WIDE_PX;
  const rowHeight = isWide ? ROW.wide : ROW.narrow;
  const fits = (height) => Math.max(1, Math.floor(height / rowHeight) - (other ? 1 : 0));
  const isNews = (row) => row.trend in SIGNS;
  const fitting = (lines) => fits(room.height - lines * LINE_PX);
  // One line for the rest, and one more where something unusual is among them.
  const count = named.length <= fitting(0) ? named.length : named.slice(fitting(1)).some(isNews) ? fitting(2) : fitting(1);
  const shown = [...named.slice(0, count), ...(other ? [other] : [])];
  const total = (rows) => rows.reduce((sum, row) => sum + row.received, 0);
  const rest = named.slice(count);
  const most = Math.max(1, ...shown.map((row) => row.received), ...shown.map((row) => row.received - row.change));
  const names = shown.map((row) => name(row.topic));
  const size = sizeOf(names, room.width - GAP - COUNT - (isWide ? TREND + TRACK + 2 * GAP : 0), measure);
  const nameWidth = Math.ceil(Math.max(0, ...names.map((one) => measure.width(one, size)))) + 4;
  const along = (n) => `${((100 * n) / most).toFixed(1)}%`;
  const news = rest.filter(isNews).map((row) => name(row.topic)); // what is hidden and unusual is told
  const restLines = rest.length ? [format.t("topics.more", { n: format.number(rest.length), received: format.number(total(rest)) }), nameLine(format.t("topics.more_news"), news, REST_PX, room.width, { format, measure })] : [];
  const cells = (row) => ({ [`topic_received:${row.topic}`]: row.received, [`topic_change:${row.topic}`]: row.change });
  return {
    aside: [aside(h("Span", valueOf("topics_received", value.received), format.t(params?.period === "week" ? "topics.week" : "topics.day", { n: format.number(value.received) })), format.t("topics.against"))],
    children: [
      ...shown.map((row) =>
        h(
          "Div",
          { className: `topic ${isWide ? "is-wide" : ""} ${row === other ? "topic--other" : ""}` },
          h("Span", { className: "topic-name", "data-text": textOf(size), style: { fontSize: `${size / 10}rem`, width: isWide ? `${nameWidth / 10}rem` : "" } }, name(row.topic)),
          h("Span", { className: "topic-count", "data-text": "essential", ...valueOf(`topic_received:${row.topic}`, row.received) }, format.number(row.received)),
          h("Div", { className: "topic-track" }, h("Div", { className: "topic-bar", style: { width: along(row.received) } }), row.change === null ? null : h("Div", { className: "topic-then", style: { left: along(Math.max(0, row.received - row.change)) } })),
          secondary(`topic-trend ${SIGNS[row.trend] ? "is-news" : ""}`, trendOf(row, format)),
        ),
      ),
      ...restLines.filter(Boolean).map((line) => secondary("kind-line", line)),
      shown.length ? null : secondary("calm", format.t("topics.none")),
    ],
    table: hiddenTable(format.t("topics.table"), [...named, ...(other ? [other] : [])].map((row) => [name(row.topic), cells(row)])),
    empty: false,
  };
}
