// What an area is: name, kind, seat, population with its date; and how much it writes beside the region.

import { essential, h, secondary, valueOf } from "../components.mjs";

const WIDE_PX = 1080; // four facts in one line, else two

const rate = (value, format) => (value === null ? format.t("state.empty") : format.number(value, 1));

export function renderAreaFacts(value, { config, format, params, room }) {
  const area = config.areas[value.area];
  const days = format.t(params?.period === "week" ? "rating.week" : "rating.day");
  const population = area?.population ? format.number(area.population) : format.t("area_facts.unknown");
  const fact = (name, shown) => h("Div", { className: "fact" }, secondary("fact-name", name), essential("fact-value", shown));
  return {
    children: [
      area ? secondary("kind-line", `${format.t(`area_facts.kind.${area.kind}`)} · ${format.t("area_facts.seat", { name: area.centre })}`) : null,
      h(
        "Div",
        { className: "facts", style: { gridTemplateColumns: `repeat(${room.width >= WIDE_PX ? 4 : 2}, minmax(0, 1fr))` } },
        area ? fact(format.t(area.population && area.population_on ? "area_facts.population_on" : "area_facts.population", { date: area.population_on }), population) : null,
        h("Div", valueOf(`area_received:${value.area ?? ""}`, value.received), fact(format.t("area_facts.received", { days }), format.number(value.received))),
        area ? h("Div", valueOf(`area_per_10k:${value.area}`, value.per_10k), fact(format.t("area_facts.per_10k"), area.population ? rate(value.per_10k, format) : format.t("state.empty"))) : null,
        h("Div", valueOf("region_per_10k", value.region_per_10k), fact(format.t(area ? "area_facts.region" : "area_facts.per_10k"), rate(value.region_per_10k, format))),
      ),
    ],
    empty: false,
  };
}
