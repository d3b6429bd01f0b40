// «Произошло во время обрыва»: incidents that began and ended while this screen was away. They stand apart from the open
// ones and in no count, for a while, at the foot of the panel of incidents.

import { h, secondary, sign } from "../components.mjs";

const LINE_PX = 30;
const TEXT_PX = 23;
const SIGN_PX = 36;
const PAD_PX = 8;

/**
 * @param {object|null} missed as kept by memory.mjs
 * @param {number} room scene pixels that the block may take; its head, which counts what finds no room, stands even where it has less
 * @returns {{height: number, children: Array}|null} null when there is nothing to tell
 */
export function renderMissed(missed, { config, format, measure, room: { width }, now }, levels, openIds, room) {
  const rows = (missed?.incidents ?? []).filter((row) => !openIds.has(row.id));
  if (!rows.length) return null;
  const time = (at) => format.timeOrDay(Date.parse(at), now);
  const span = (from, to) => (time(from) === time(to) ? time(from) : `${time(from)}\u2013${time(to)}`);
  const title = format.t("missed.title", { span: span(missed.since, missed.until) });
  const words = rows.map((row) => {
    const area = row.area === null ? format.t("incidents.no_area") : (config.areas[row.area]?.name ?? row.area);
    return [config.names.kinds[row.kind]?.name ?? row.kind, area, span(row.started_at, row.ended_at)].join(" · ");
  });
  const linesOf = (text, weight, indent) => LINE_PX * measure.lines(text, TEXT_PX, weight, width - indent);
  const tail = (n) => (n ? format.t("incidents.more", { n: format.number(n) }) : "");
  const total = Math.max(missed.n - (missed.incidents.length - rows.length), rows.length);
  let [height, fits] = [PAD_PX + linesOf(`${title} ${tail(total)}`, 600, 0), 0];
  for (const text of words) {
    const next = height + linesOf(text, 400, SIGN_PX);
    if (next > room) break;
    [height, fits] = [next, fits + 1];
  }
  const rest = total - fits;
  const unknown = { shape: "circle", tone: "info", name: "" };
  return {
    height,
    children: h(
      "Div",
      { className: "missed" },
      h("Div", { className: "missed-head" }, secondary("missed-title", title), rest ? secondary("missed-more", tail(rest)) : null),
      ...rows.slice(0, fits).map((row, index) =>
        h("Div", { className: "missed-row", "data-missed-id": String(row.id) }, sign(levels.get(row.level) ?? unknown, "sign--small"), secondary("missed-words", words[index])),
      ),
    ),
  };
}
