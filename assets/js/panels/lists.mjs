// Lists: sectors, incidents, feed, sources. Each knows how many rows fit and says what it leaves out.

import { essential, h, secondary, sign, valueOf } from "../components.mjs";
import { renderMissed } from "./missed.mjs";

export const INCIDENT = { title: 42, line: 46, meta: 24, metaLine: 28, pad: 8, shape: 58, more: 150 };
const LAG_TOLD_S = 60; // clocks of sources are never quite ours
const GRAVITY = ["dead", "stale", "ageing", "fresh"];
const CHIP = { padding: 30, gap: 11, sign: { fresh: 15, ageing: 19, stale: 22, dead: 22 } }; // as assets/css/panels.css has them
const [CHIP_GAP, MORE_CHIP, SEAM_AIR] = [12, 270, 4];
const NEW_ROW_MS = 8000;

/** Rows that fit into `room`, leaving one line for «ещё n» when not all do. */
export function fitRows(rows, heightOf, room, moreHeight) {
  let used = 0;
  let fits = 0;
  const total = rows.reduce((sum, row) => sum + heightOf(row), 0);
  const limit = total <= room ? room : room - moreHeight;
  for (const row of rows) {
    used += heightOf(row);
    if (used > limit) break;
    fits += 1;
  }
  return fits;
}

export function renderSectors(value, { config, format, room, tokens }) {
  const rows = value.sectors;
  const fits = fitRows(rows, () => tokens.rows.sector, room.height, 34);
  const most = Math.max(1, ...rows.map((row) => row.open));
  const rest = rows.slice(fits);
  const percent = (n) => ({ width: `${(100 * n) / most}%` });
  const name = (row) => config.names.sectors[row.sector] ?? format.t("sectors.other");
  return {
    children: [
      ...rows.slice(0, fits).map((row) =>
        h(
          "Div",
          { className: "sector" },
          secondary("sector-name", name(row)),
          h(
            "Div",
            { className: "sector-track" },
            h("Div", { className: "bar-part tone-fill--late", style: percent(row.overdue) }),
            h("Div", { className: "bar-part tone-fill--base", style: percent(Math.max(0, row.open - row.overdue)) }),
          ),
          h(
            "Span",
            { className: "sector-late", "data-text": "secondary", ...valueOf(`sector_overdue:${row.sector}`, row.overdue) },
            row.overdue ? [h("Span", { className: "sign sign--clock tone--late sign--small" }), format.number(row.overdue)] : null,
          ),
          h("Span", { className: "sector-open", "data-text": "essential", ...valueOf(`sector_open:${row.sector}`, row.open) }, format.number(row.open)),
        ),
      ),
      rest.length
        ? secondary("more", format.t("sectors.more", { n: rest.length, open: format.number(rest.reduce((sum, row) => sum + row.open, 0)) }))
        : null,
      h(
        "Div",
        { className: "sr-only" },
        ...rest.flatMap((row) => [
          h("Span", valueOf(`sector_open:${row.sector}`, row.open), `${name(row)} ${row.open}`),
          h("Span", valueOf(`sector_overdue:${row.sector}`, row.overdue), String(row.overdue)),
        ]),
      ),
    ],
    empty: rows.length === 0,
  };
}

/** Open incidents, gravest first, then the newest. */
export function sortIncidents(rows, levels) {
  const rank = new Map(levels.map((level) => [level.id, level.rank]));
  return [...rows].sort(
    (a, b) => (rank.get(a.level) ?? 99) - (rank.get(b.level) ?? 99) || Date.parse(b.started_at) - Date.parse(a.started_at) || b.id - a.id,
  );
}

/** Words of an incident; of what stands under its title the less important goes first when the line is full. */
export function incidentWords(row, { config, format, now, measure }, room) {
  const kind = config.names.kinds[row.kind] ?? { name: row.kind, unit: "" };
  const area = row.area === null ? format.t("incidents.no_area") : (config.areas[row.area]?.name ?? row.area);
  const affected = row.affected_n === null || !kind.unit ? null : `${kind.unit}\u00a0${format.number(row.affected_n)}`;
  const age = format.span((now - Date.parse(row.started_at)) / 1000);
  const join = (...parts) => parts.filter(Boolean).join(" · ");
  const forms = [join(area, age, affected, format.t(`status.${row.status}`)), join(area, age, affected), join(area, age)];
  const meta = forms.find((form) => measure.width(form, INCIDENT.meta, 400) <= room) ?? forms.at(-1);
  return { title: kind.name, meta };
}

export const UNKNOWN_LEVEL = { shape: "circle", tone: "info", name: "" };

/** Scene pixels that a row of an incident takes, its title in `width`, what stands below it in `room`. */
export const incidentHeight = ({ words }, { measure }, width, room) =>
  INCIDENT.line * measure.lines(words.title, INCIDENT.title, 500, width - INCIDENT.shape) + INCIDENT.metaLine * measure.lines(words.meta, INCIDENT.meta, 400, room) + INCIDENT.pad;

export const incidentRow = (row, levels) =>
  h(
    "Div",
    { className: "incident", "data-incident-id": String(row.id) },
    sign(levels.get(row.level) ?? UNKNOWN_LEVEL, "sign--large"),
    h("Div", { className: "incident-words" }, h("Div", { className: "incident-title", "data-text": "essential" }, row.words.title), secondary("incident-meta", row.words.meta)),
  );

export function renderIncidents(value, context, tables) {
  const { config, format, measure, room: own } = context;
  const levels = new Map(config.levels.map((level) => [level.id, level]));
  // Room at the right end of every line is kept free for «ещё n» beside the last one.
  const room = own.width - INCIDENT.shape - ((tables.incidents ?? []).length > 1 ? INCIDENT.more : 0);
  const rows = sortIncidents(tables.incidents ?? [], config.levels).map((row) => ({ ...row, words: incidentWords(row, context, room) }));
  const heightOf = (row) => incidentHeight(row, context, own.width, room);
  // What happened unseen takes what the first two open incidents leave it.
  const openIds = new Set(rows.map((row) => row.id));
  const missed = renderMissed(context.missed, context, levels, openIds, own.height - rows.slice(0, 2).reduce((sum, row) => sum + heightOf(row), 0));
  const fits = fitRows(rows, heightOf, own.height + INCIDENT.pad - (missed?.height ?? 0), 0);
  const more = Math.max(value.open, rows.length) - fits; // a page holds only the gravest of very many
  return {
    aside: value.levels.map((count) => {
      const level = levels.get(count.level) ?? UNKNOWN_LEVEL;
      return h(
        "Span",
        { className: `level ${count.open ? "" : "is-none"}`, ...valueOf(`incidents_level:${count.level}`, count.open) },
        sign(level),
        essential("level-digits", format.number(count.open)),
      );
    }),
    children: [
      ...rows.slice(0, fits).map((row) => incidentRow(row, levels)),
      more ? h("Span", { className: "more more--corner", "data-text": "secondary", style: { bottom: `${((missed?.height ?? 0) + INCIDENT.pad) / 10}rem` } }, format.t("incidents.more", { n: format.number(more) })) : null,
      missed?.children ?? null,
      rows.length ? null : secondary("calm", format.t("incidents.none")),
      h("Div", { className: "sr-only" }, h("Span", valueOf("incidents_open", value.open), `${format.t("incidents.open")} ${value.open}`)),
    ],
    empty: false,
  };
}

export function renderFeed(value, { config, format, now, room, tokens, isFrozen }, tables) {
  const rows = (tables.appeals ?? []).slice(0, Math.max(1, Math.floor(room.height / tokens.rows.feed)));
  return {
    aside: [secondary("feed-hour", h("Span", valueOf("received_last_hour", value.received_last_hour), format.t("feed.last_hour", { n: format.number(value.received_last_hour) })))],
    children: rows.length
      ? rows.map((row) => {
          const area = row.area === null ? format.t("feed.no_area") : (config.areas[row.area]?.name ?? row.area);
          const isNew = !isFrozen && now - Date.parse(row.known_at) < NEW_ROW_MS;
          return h(
            "Div",
            { className: `feed-row ${isNew ? "is-new" : ""}`, "data-appeal-id": String(row.id) },
            secondary("feed-time", format.timeOrDay(Date.parse(row.feed_at), now)),
            h(
              "Div",
              { className: "feed-words" },
              secondary("feed-topic", config.names.topics[row.topic] ?? row.topic),
              secondary("feed-place", `${area} · ${config.names.channels[row.channel] ?? row.channel}`),
            ),
          );
        })
      : [secondary("calm", format.t("feed.none"))],
    empty: rows.length === 0,
  };
}

export function sourceWords(source, view, { format, isCut }) {
  if (view?.paused) return format.t("sources.paused", { age: source.age_s === null ? "" : format.span(source.age_s) }).trim();
  if (source.age_s === null) return format.t("sources.never");
  if (isCut && source.state !== "fresh") return format.t("sources.unknown", { age: format.span(source.age_s) });
  const key = { ageing: "sources.ageing", stale: "sources.stale", dead: "sources.dead" }[source.state];
  if (key) return format.t(key, { age: format.span(source.age_s) });
  if (view?.failing) return format.t("sources.failing");
  // It answers in time and tells old things: its own lag, not ours.
  const isLate = view?.lag_s >= Math.max(LAG_TOLD_S, source.limits.ageing_s);
  return isLate ? format.t("sources.lag", { age: format.span(view.lag_s) }) : "";
}

const ageIn = ({ state, age_s: age }) => (state === "fresh" ? -1 : (age ?? Number.MAX_VALUE));
/** The worst first: it is never left out for what is less bad. */
export const compareBadness = (a, b) => GRAVITY.indexOf(a.state) - GRAVITY.indexOf(b.state) || ageIn(b) - ageIn(a);

/** Left margins that keep chips off the seams of the glass, and where the last one ends. */
export function keepOffSeams(widths, { x: seams = [], px = 0 } = {}, left = 0) {
  let at = 0;
  const half = px / 2 + SEAM_AIR;
  const margins = widths.map((width) => {
    const seam = seams.map((x) => x - left).find((x) => at < x + half && at + width - CHIP_GAP > x - half);
    const margin = seam === undefined ? 0 : seam + half - at;
    at += margin + width;
    return margin;
  });
  return { margins, end: at };
}

/** Chips in their order, but for those that fill what a wide one leaves before a seam. */
function fillUpToSeams(chips, bezels, left) {
  const [ordered, rest] = [[], [...chips]];
  const marginOf = (chip) => keepOffSeams([...ordered, chip].map(({ width }) => width), bezels, left).margins.at(-1);
  while (rest.length) ordered.push(...rest.splice(Math.max(0, rest.findIndex((chip) => marginOf(chip) === 0)), 1));
  return ordered;
}

export function renderSources(value, context) {
  const { config, format, measure, room: own, freshness } = context;
  const views = new Map(value.sources.map((view) => [view.source, view]));
  const chips = freshness.sources.map((source, index) => {
    const words = sourceWords(source, views.get(source.id), context);
    const width = CHIP.padding + (CHIP.sign[source.state] ?? CHIP.sign.dead) + CHIP.gap + measure.width(source.name, 26, 500) + (words ? CHIP.gap + measure.width(words, 24, 400) : 0) + CHIP_GAP;
    return { source, words, width, index };
  });
  const byNeed = [...chips].sort((a, b) => compareBadness(a.source, b.source) || a.index - b.index);
  const total = chips.reduce((sum, chip) => sum + chip.width, 0);
  const room = total <= own.width ? own.width : own.width - MORE_CHIP;
  let used = 0;
  const needed = byNeed.filter((chip) => (used += chip.width) <= room);
  const inOrder = () => fillUpToSeams(needed.toSorted((a, b) => a.index - b.index), config.room?.bezels, own.left);
  const place = () => keepOffSeams(inOrder().map(({ width }) => width), config.room?.bezels, own.left);
  while (needed.length > 1 && place().end - CHIP_GAP > (needed.length < chips.length ? own.width - MORE_CHIP : own.width)) needed.pop();
  const [shown, { margins }] = [inOrder(), place()];
  const rest = chips.filter((chip) => !shown.includes(chip));
  const silent = rest.filter((chip) => ["stale", "dead"].includes(chip.source.state)).length;
  const moreKey = silent ? "sources.more_bad" : rest.every((chip) => chip.source.state === "fresh") ? "sources.more" : "sources.rest";
  return {
    children: [
      ...shown.map(({ source, words }, i) =>
        h(
          "Span",
          { className: `source source--${source.state}`, style: margins[i] ? { marginLeft: `${margins[i] / 10}rem` } : undefined, "data-source-id": source.id, "data-source-state": source.state },
          h("Span", { className: `sign sign--${source.state}` }),
          secondary("source-name", source.name),
          words ? secondary("source-words", words) : null,
        ),
      ),
      rest.length ? secondary("source source--more", format.t(moreKey, { n: rest.length, bad: silent })) : null,
    ],
    empty: config.sources.length === 0,
  };
}
