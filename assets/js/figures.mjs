// Plotly figures: set whole when their shape changes, patched in place when only numbers do.

export function gaugeFigure({ value, range, target, missed }, { tokens, unit }) {
  return {
    data: [
      {
        type: "indicator",
        mode: "gauge",
        value,
        domain: { x: [0, 1], y: [0, 1] },
        gauge: {
          shape: "bullet",
          axis: { range, visible: false },
          bar: { color: missed ? tokens.gaugeMissed : tokens.gaugeGood, thickness: 0.62 },
          bgcolor: tokens.gaugeTrack,
          borderwidth: 0,
          threshold: { line: { color: tokens.gaugeTarget, width: 6 * unit }, thickness: 1, value: target },
        },
      },
    ],
    layout: { autosize: true, margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)" },
  };
}

/** @param {{set_props: Function, Patch: Function}} dash `window.dash_clientside` */
export function createFigures(dash) {
  const shown = new Map(); // figure id -> {shape, numbers} as text
  return {
    /** Show `figure`; `paths` say where its numbers stand: when nothing else differs only they are sent. */
    show(id, figure, paths) {
      const at = (path) => path.reduce((node, key) => node?.[key], figure);
      const numbers = paths.map((path) => JSON.stringify(at(path) ?? null));
      const own = new Set(paths.map((path) => at(path)).filter((node) => typeof node === "object"));
      const shape = JSON.stringify(figure, (key, node) => (own.has(node) || (typeof node === "number" && key === "value") ? 0 : key === "geojson" ? 0 : node));
      const before = shown.get(id);
      shown.set(id, { shape, numbers });
      if (before?.shape !== shape) return dash.set_props(id, { figure });
      const changed = paths.filter((_, index) => before.numbers[index] !== numbers[index]);
      if (!changed.length) return null;
      const patch = changed.reduce((builder, path) => builder.assign(path, at(path)), new dash.Patch());
      return dash.set_props(id, { figure: patch.build() });
    },
  };
}
