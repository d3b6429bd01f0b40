// The line across every screen that says what is wrong beyond the panels, and the quiet remarks. Words, a shape and
// hatching; the age counts in real seconds.

import { essential, h, secondary } from "../components.mjs";

const PX = 42;

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

/** Children of `#head-remark`: what is worth knowing and changes no number. */
export function renderRemarks({ broker, wrong_s }, format) {
  const remarks = [];
  if (broker === "away") remarks.push(format.t("remark.broker"));
  if (wrong_s !== null) {
    const key = wrong_s < 0 ? "remark.clock_behind" : "remark.clock_ahead";
    remarks.push(format.t(key, { age: format.span(Math.abs(wrong_s)) }));
  }
  return remarks.map((remark) => secondary("head-remark-line", remark));
}
