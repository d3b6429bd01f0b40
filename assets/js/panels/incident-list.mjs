// The head of the incident scene (levels as large counters) and its list: open incidents, gravest first, whole; what finds no
// room counted by level; without any how long it has been calm.

import { essential, h, secondary, sign, valueOf } from "../components.mjs";
import { INCIDENT, UNKNOWN_LEVEL, fitRows, incidentHeight, incidentRow, incidentWords, sortIncidents } from "./lists.mjs";
import { renderMissed } from "./missed.mjs";

const COLUMN_PX = 620; // two columns stand side by side from twice this width on
const GAP_PX = 40;
const MORE_PX = 44;
const STAY_N = 2; // open ones that what was missed never takes the room of

const levelsOf = (config) => new Map(config.levels.map((level) => [level.id, level]));

export function renderLevels(value, { config, format, measure, room }) {
  const levels = levelsOf(config);
  const isTall = room.height > room.width;
  const n = Math.max(1, value.levels.length);
  const [width, height] = isTall ? [room.width, room.height / n] : [room.width / n, room.height];
  const names = value.levels.map(({ level }) => (levels.get(level) ?? UNKNOWN_LEVEL).name);
  const digits = Math.max(...value.levels.map(({ open }) => String(open).length), 1);
  const size = Math.max(42, Math.min(120, height - 44, width / (1.4 + 0.62 * digits)));
  const fitsName = names.every((name) => measure.width(name, 26, 400) <= width - 12);
  return {
    children: [
      h(
        "Div",
        { className: `levels ${isTall ? "is-tall" : ""}` },
        ...value.levels.map((count, index) =>
          h(
            "Div",
            { className: `level-tile ${count.open ? "" : "is-none"}`, ...valueOf(`incidents_level:${count.level}`, count.open) },
            h("Div", { className: "level-count", style: { fontSize: `${size / 10}rem` } }, sign(levels.get(count.level) ?? UNKNOWN_LEVEL), h("Span", { className: "level-number", "data-text": "essential" }, format.number(count.open))),
            fitsName ? secondary("level-name", names[index]) : null,
          ),
        ),
      ),
    ],
    empty: value.levels.length === 0,
  };
}

/** «ещё 12» with the signs and numbers of the levels that they are of. */
function renderMore(value, shown, levels, { format }) {
  const left = value.levels.map(({ level, open }) => ({ level, n: open - shown.filter((row) => row.level === level).length })).filter(({ n }) => n > 0);
  const total = left.reduce((sum, { n }) => sum + n, 0);
  if (!total) return null;
  return h("Div", { className: "incidents-more", "data-text": "secondary" }, h("Span", {}, format.t("incidents.more", { n: format.number(total) })), ...left.map(({ level, n }) => h("Span", { className: "level" }, sign(levels.get(level) ?? UNKNOWN_LEVEL, "sign--small"), h("Span", {}, format.number(n)))));
}

function renderCalm(value, { format, now }) {
  const since = value.last_ended_at === null ? null : format.span((now - Date.parse(value.last_ended_at)) / 1000);
  return h("Div", { className: "incidents-calm" }, essential("kind-said", format.t("incident_list.none")), since ? secondary("kind-line", format.t("incident_list.since", { age: since })) : null);
}

export function renderIncidentList(value, context, tables) {
  const { config, room } = context;
  const levels = levelsOf(config);
  const columns = room.width >= 2 * COLUMN_PX ? 2 : 1;
  const width = (room.width - (columns - 1) * GAP_PX) / columns;
  const rows = sortIncidents(tables.incidents ?? [], config.levels).map((row) => ({ ...row, words: incidentWords(row, context, width - INCIDENT.shape) }));
  const heightOf = (row) => incidentHeight(row, context, width, width - INCIDENT.shape);
  const stay = rows.slice(0, STAY_N * columns).reduce((sum, row) => sum + heightOf(row), 0) / columns;
  const missed = renderMissed(context.missed, context, levels, new Set(rows.map((row) => row.id)), room.height - stay - MORE_PX);
  const height = room.height - (missed?.height ?? 0) + INCIDENT.pad;
  const fill = (free) => {
    const lists = [];
    for (let from = 0; lists.length < columns; from += lists.at(-1).length) lists.push(rows.slice(from, from + fitRows(rows.slice(from), heightOf, free, 0)));
    return lists;
  };
  const whole = fill(height);
  const isWhole = whole.flat().length === value.open;
  const lists = isWhole ? whole : fill(height - MORE_PX);
  return {
    aside: [h("Span", valueOf("incidents_open", value.open), value.open ? essential("level-digits", context.format.number(value.open)) : null)],
    children: [
      rows.length ? h("Div", { className: "incident-lists", style: { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` } }, ...lists.map((list) => h("Div", {}, ...list.map((row) => incidentRow(row, levels))))) : renderCalm(value, context),
      isWhole ? null : renderMore(value, lists.flat(), levels, context),
      missed?.children ?? null,
    ],
    empty: false,
  };
}
