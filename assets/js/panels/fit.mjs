// What several lists need to know before they show anything: one size of type for all names, and names that fit a line.

import { h, secondary } from "../components.mjs";

export const ESSENTIAL_PX = 42;
const NAME_SIZES = [ESSENTIAL_PX, 34, 28, 24];

/** The class of text that a size belongs to. */
export const textOf = (px) => (px >= ESSENTIAL_PX ? "essential" : "secondary");

/** The largest size in scene pixels at which every one of these names fits into `room`: one list, one size. */
export const sizeOf = (names, room, measure, sizes = NAME_SIZES) =>
  sizes.find((px) => names.every((name) => measure.width(name, px) <= room)) ?? sizes.at(-1);

/** As many names as fit into a line of `room` after `lead`, the rest as a number; "" without names. */
export function nameLine(lead, names, px, room, { measure, format }) {
  const tail = (n) => (n ? ` ${format.t("list.and_more", { n: format.number(n) })}` : "");
  for (let count = names.length; count > 0; count -= 1) {
    const line = `${lead} ${names.slice(0, count).join(", ")}${tail(names.length - count)}`;
    if (measure.width(line, px, 400) <= room) return line;
  }
  return names.length ? `${lead} ${format.number(names.length)}` : "";
}

/** What stands at the right of a title: what the numbers are, and of when, one below the other. */
export const aside = (...lines) => secondary("kind-aside", ...lines.map((line) => h("Span", {}, line)));
