// The flow of today's appeals: what came as bars, what was answered as a line, the same hours a week ago dashed.
// The running hour is no collapse: a fainter bar, and a ring to which no line leads.

import { essential, h, hiddenTable, secondary, valueOf } from "../components.mjs";

const CHANNEL_PX = 22;
const GAP_PX = 24;
const CHANNEL_LINES = 2;
const CHART_STEPS = 150; // about as many scene pixels as the chart is high

const roundUp = (value, step) => Math.ceil(value / step) * step; // an axis that does not move with every appeal

const headline = (kpi, value, glyph, word, { format, withWords }) =>
  h(
    "Span",
    { className: "flow-total", ...valueOf(kpi, value) },
    h("Span", { className: `glyph glyph--${glyph}` }),
    essential("flow-digits", format.number(value)),
    withWords ? secondary("flow-word", word) : null,
  );

/** How many boxes of these widths stand in CHANNEL_LINES lines of `room`, with a `tail` behind them unless all do. */
export function countFitting(widths, room, tail) {
  const linesOf = (list) => {
    let [lines, used] = [1, 0];
    for (const width of list) [lines, used] = used + width > room ? [lines + 1, width] : [lines, used + width];
    return lines;
  };
  if (linesOf(widths) <= CHANNEL_LINES) return widths.length;
  let count = widths.length - 1;
  while (count > 0 && linesOf([...widths.slice(0, count), tail]) > CHANNEL_LINES) count -= 1;
  return count;
}

/** As many channels as fit into the lines there are, most first; the rest in one number. */
function renderChannels(channels, { config, format, measure, room }) {
  const named = [...channels]
    .sort((a, b) => b.received_today - a.received_today)
    .map((c) => ({ ...c, name: config.names.channels[c.channel] ?? c.channel, text: format.number(c.received_today) }));
  const widthOf = (c) => measure.width(c.name, CHANNEL_PX, 400) + 10 + measure.width(c.text, CHANNEL_PX, 600) + GAP_PX;
  const tail = measure.width(format.t("flow.more_channels", { n: "99 999" }), CHANNEL_PX, 400) + GAP_PX;
  const fits = named.slice(0, countFitting(named.map(widthOf), room.width + GAP_PX, tail));
  const rest = named.slice(fits.length);
  const more = rest.reduce((total, c) => total + c.received_today, 0);
  return [
    ...fits.map((c) =>
      h(
        "Span",
        { className: "channel", "data-text": "secondary", ...valueOf(`channel_today:${c.channel}`, c.received_today) },
        c.name,
        h("B", {}, c.text),
      ),
    ),
    rest.length ? secondary("channel", format.t("flow.more_channels", { n: format.number(more) })) : null,
    h(
      "Div",
      { className: "sr-only" },
      ...rest.map((c) => h("Span", valueOf(`channel_today:${c.channel}`, c.received_today), `${c.name} ${c.text}`)),
    ),
  ];
}

function renderTable(value, format) {
  const rows = value.hours.map((hour, index) => [
    `${format.t("flow.hour")} ${format.hour(Date.parse(hour))}`,
    {
      [`flow_received:${hour}`]: value.received[index],
      [`flow_answered:${hour}`]: value.answered[index],
      [`flow_week_ago_received:${hour}`]: value.week_ago_received[index],
      [`flow_week_ago_answered:${hour}`]: value.week_ago_answered[index],
    },
  ]);
  const spans = { received_full_hours: value.received_full_hours, week_ago_received_full_hours: value.week_ago_received_full_hours };
  return hiddenTable(format.t("flow.table"), [...rows, [format.t("flow.week_ago"), spans]]);
}

export function renderFlow(value, context) {
  const { format, measure, room } = context;
  const totals = [value.received_today, value.answered_today].map((n) => measure.width(format.number(n), 42, 600));
  const words = [format.t("flow.received"), format.t("flow.answered")].map((word) => measure.width(word, 22, 400));
  const wanted = [...totals, ...words].reduce((sum, width) => sum + width, measure.width(format.t("panel.flow.title"), 42)) + 96;
  const own = { format, withWords: wanted <= room.width }; // five digits: the signs alone must do
  return {
    aside: [
      headline("received_today", value.received_today, "bar", format.t("flow.received"), own),
      headline("answered_today", value.answered_today, "line", format.t("flow.answered"), own),
    ],
    children: renderChannels(value.channels, context),
    figure: { build: () => flowFigure(value, context), paths: [0, 1, 2, 3].map((i) => ["data", i, "y"]) },
    table: renderTable(value, format),
    empty: false,
  };
}

/** Where the dashed line's own name stands: over the lower end of the day, above everything drawn there. */
function placeName(value, span) {
  const tops = value.hours.map((_, i) =>
    Math.max(value.received[i] ?? 0, value.answered[i] ?? 0, value.week_ago_received[i] ?? 0),
  );
  const top = (from, to) => Math.max(0, ...tops.slice(from, to));
  const last = tops.length - 1;
  const ends = [
    { x: -0.4, xanchor: "left", y: top(0, span) },
    { x: last + 0.4, xanchor: "right", y: top(tops.length - span) },
  ];
  return ends[0].y < ends[1].y ? ends[0] : ends[1];
}

/** The day's numbers as exact as pixels can show them: what would look the same is the same figure (figures.mjs). */
function roundToPixels(value) {
  const most = Math.max(...value.received, ...value.answered, ...value.week_ago_received);
  const step = Math.max(1, Math.floor(most / CHART_STEPS));
  const round = (counts) => counts.map((count) => (count === null ? null : Math.round(count / step) * step));
  return { ...value, received: round(value.received), answered: round(value.answered), week_ago_received: round(value.week_ago_received) };
}

/** The whole Plotly figure; `unit` is the size of one scene pixel on this screen. */
export function flowFigure(exact, { format, tokens, unit }) {
  const px = (n) => n * unit;
  const value = roundToPixels(exact);
  const x = value.hours.map((_, index) => index);
  const now = value.received.reduce((last, count, index) => (count === null ? last : index), -1);
  const answered = [false, true].map((running) => value.answered.map((count, i) => ((i === now) === running ? count : null)));
  const colours = x.map((index) => (index === now ? tokens.barUnfinished : tokens.bar));
  const most = Math.max(4, ...value.received, ...value.answered, ...value.week_ago_received);
  const font = { family: '"Golos Text", sans-serif', size: px(22), color: tokens.textSecondary };
  const hasWeek = value.week_ago_received.some((count) => count !== null);
  const place = placeName(value, 8);
  const step = [5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000].find((s) => s >= most / 2.2) ?? 10000;
  return {
    data: [
      { type: "bar", x, y: value.received, marker: { color: colours }, hoverinfo: "skip" },
      { type: "scatter", mode: "lines", x, y: value.week_ago_received, hoverinfo: "skip", line: { color: tokens.lineWeekAgo, width: px(2.5), dash: `${px(7)}px,${px(6)}px`, shape: "spline", smoothing: 0.5 } },
      { type: "scatter", mode: now === 1 ? "markers" : "lines", x, y: answered[0], hoverinfo: "skip", line: { color: tokens.lineAnswered, width: px(4), shape: "linear" }, marker: { size: px(10), color: tokens.lineAnswered } }, // one full hour is no line
      { type: "scatter", mode: "markers", x, y: answered[1], hoverinfo: "skip", cliponaxis: false, marker: { symbol: "circle-open", size: px(12), color: tokens.lineAnswered, line: { width: px(3) } } },
    ],
    layout: {
      autosize: true,
      showlegend: false,
      bargap: 0.28,
      margin: { l: px(14 + 13 * String(step * 2).length), r: px(4), t: px(4), b: px(32), pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font,
      xaxis: { range: [-0.6, x.length - 0.4], tickvals: x.filter((i) => i % 6 === 0), ticktext: value.hours.filter((_, i) => i % 6 === 0).map((hour) => format.hour(Date.parse(hour))), showgrid: false, zeroline: false, fixedrange: true, tickfont: font },
      yaxis: { range: [0, roundUp(Math.max(most * 1.22, place.y + most * 0.3), step / 4)], tickvals: [step, 2 * step].filter((s) => s <= most * 1.1), gridcolor: tokens.grid, zerolinecolor: tokens.axis, fixedrange: true, tickfont: font },
      annotations: hasWeek ? [{ ...place, yanchor: "bottom", yshift: px(2), text: format.t("flow.week_ago"), showarrow: false, font: { ...font, color: tokens.textWeekAgo } }] : [],
    },
  };
}
