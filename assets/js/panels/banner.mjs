// The line across every screen that says what is wrong beyond the panels, and the quiet remark. Words, a shape and
// hatching; the age counts in real seconds.

import { essential, h, secondary } from "../components.mjs";

const PX = 42;
const REMARK_PX = 22;

/** Children of `#banner`; [] when nothing is wrong. The words become fewer where the line is short. */
export function renderBanner(banner, { format, measure, room, dataAt }) {
  if (!banner) return [];
  const age = format.span(banner.age_s);
  const said = format.t(`banner.${banner.kind}`, { age });
  const whole = dataAt ? `${said} · ${format.t("header.data_at")} ${dataAt}` : said;
  const forms = [whole, said, format.t(`banner.${banner.kind}_short`, { age })];
  const words = forms.find((form) => measure.width(form, PX, 600) <= room) ?? forms.at(-1);
  return [h("Span", { className: "sign sign--link-lost" }), essential("banner-words", words)];
}

/**
 * Children of `#head-remark`: what is worth knowing and changes no number, a wrong clock before the broker, in at most two
 * lines; [] also where there is no room for them.
 */
export function renderRemark({ broker, wrong_s }, { format, measure, readRoom }) {
  const remarks = [];
  if (wrong_s !== null) remarks.push(format.t(wrong_s < 0 ? "remark.clock_behind" : "remark.clock_ahead", { age: format.span(Math.abs(wrong_s)) }));
  if (broker === "away") remarks.push(format.t("remark.broker"));
  if (!remarks.length) return [];
  const room = readRoom();
  const fits = (text) => measure.lines(text, REMARK_PX, 400, room) <= 2 && text.split(" ").every((word) => measure.width(word, REMARK_PX, 400) <= room);
  return remarks.filter(fits).slice(0, 1).map((remark) => secondary("head-remark-line", remark));
}
