// Components as JSON in the form of Dash's own; elements.mjs turns them into elements (text stays text: nothing here can
// become markup).

/** Return a component of dash.html: `h("Div", {className: "x"}, "text", h(...))`; null and false children vanish. */
export function h(type, props, ...children) {
  const kept = children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);
  return { type, namespace: "dash_html_components", props: { ...props, children: kept } };
}

const text = (size) => (className, ...children) => h("Span", { className, "data-text": size }, ...children);
export const essential = text("essential"); // read from the last row
export const secondary = text("secondary"); // read from the first row

/** The attributes of a value of the panel contract; no data is the empty string and never 0. */
export function valueOf(kpi, value) {
  return { "data-kpi": kpi, "data-value": value === null || value === undefined ? "" : String(value) };
}

/** A level's sign: a shape with its colour, never one without the other. */
export const sign = (level, more = "") =>
  h("Span", { className: `sign sign--${level.shape} tone--${level.tone} ${more}`, title: level.name, role: "img", "aria-label": level.name });

/** A visually hidden table: rows of [heading, {kpi: value, …}]. */
export function hiddenTable(caption, rows) {
  const cells = (values) => Object.entries(values).map(([kpi, v]) => h("Td", valueOf(kpi, v), String(v ?? "")));
  return h(
    "Table",
    {},
    h("Caption", {}, caption),
    h("Tbody", {}, ...rows.map(([name, values]) => h("Tr", {}, h("Th", { scope: "row" }, name), ...cells(values)))),
  );
}
