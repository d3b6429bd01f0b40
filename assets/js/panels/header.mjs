// The head: clocks of the server's time, the moment the data stand at, and the connection in words and a shape.

import { essential, h, secondary } from "../components.mjs";

const block = (label, value, mark = null) => [
  h("Span", { className: "head-label", "data-text": "secondary" }, mark, label),
  essential("head-value", value),
];

const MARKS = { archive: "mark.archive", exercise: "mark.exercise", still: "mark.still", briefing: "mark.briefing" };
const BASES = { seen: "mark.basis.seen", is: "mark.basis.is" };

/** What a moment that is not the present one says of itself, on the wall and in every picture of it. */
function renderMark(origin, now, format) {
  const kind = origin.is_exercise ? "exercise" : origin.kind;
  const at = format.stamp(origin.at ? Date.parse(origin.at) : now);
  const basis = origin.are_sources_known === false ? "mark.sources_unknown" : BASES[origin.basis];
  return [essential("mark-words", format.t(MARKS[kind], { at })), basis ? secondary("mark-basis", format.t(basis)) : null];
}

/** Children of the head's parts, by id. `connection` is {state}; `asOf` an instant or ""; `origin` of a moment that is not live; `federalName` the second clock's. */
export function renderHeader({ format, now, connection, banner, asOf, isFrozen, origin = null, federalName }) {
  const dataAt = asOf ? format.clockOrDay(Date.parse(asOf), now ?? Date.parse(asOf)) : format.t("header.no_data");
  const said = format.t(`connection.${connection.state}`);
  const mark = h("Span", { className: `sign sign--link-${connection.state}` });
  const isLost = !isFrozen && connection.state === "lost";
  return {
    "head-mark": origin && now !== null ? renderMark(origin, now, format) : [],
    "head-said": banner ? format.t(`banner.${banner.kind}_short`) : said, // read aloud when it changes, and only then
    "head-connection": isLost
      ? block(`${format.t("header.data_at")} ${dataAt}`, [mark, said])
      : block(isFrozen ? format.t("header.data_at") : `${said} · ${format.t("header.data_at")}`, dataAt, isFrozen ? null : mark),
    "head-federal": now === null ? [] : block(federalName, format.federal(now)),
    "head-day": now === null ? [] : block(format.weekday(now), format.day(now)),
    "head-clock": now === null ? "--:--:--" : isFrozen ? format.t("header.snapshot", { time: format.clock(now) }) : format.clock(now),
  };
}
