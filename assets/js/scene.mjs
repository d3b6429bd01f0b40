// What stands where: the panels of a scene in the slots of the pool, placed on a grid, shown and hidden. Nothing is mounted
// again, and no element moves in the document.

const WIDE_FROM = 2.2;

/** `sector:housing` as {id, argument}; argument null for the region. */
export function parseRef(ref) {
  const [id, argument = null] = ref.split(":");
  return { id, argument };
}

/** The scene that a reference means, as {scene, ref}; the first one where it means none. */
export function findScene({ scenes, first }, ref) {
  const known = ref && scenes[parseRef(ref).id] ? ref : first;
  return { scene: scenes[parseRef(known).id], ref: known };
}

/** The text of a key: the stem, and what its value is narrowed to, by name; a day is what a period is as usual. */
export function keyText(stem, takes, params) {
  const parts = takes.filter((name) => params[name] && params[name] !== "day").sort().map((name) => `${name}=${params[name]}`);
  return parts.length ? `${stem}@${parts.join(",")}` : stem;
}

/** What a panel shows: its own parameters, else what the scene is asked for where its kind takes it, else the kind's. */
export function paramsOf(panel, kind, { takes, argument }) {
  return { ...kind.defaults, ...(takes && argument && kind.takes.includes(takes) ? { [takes]: argument } : {}), ...panel.params };
}

/** Track and line names of a grid that is read from the right. */
const mirror = ([column, row], [across], columns) => [columns - column - across + 2, row];

/** The panels of a scene in slots: [{slot, kind, params, key, area}], `area` as CSS `grid-area`. */
export function layScene(scene, argument, kinds, { isWide, isMirrored }) {
  const used = {};
  const grid = isWide && scene.wide ? scene.wide : scene.grid;
  const placed = scene.panels.flatMap((panel) => {
    const [at, span] = grid === scene.wide ? [panel.wide_at, panel.wide_span] : [panel.at, panel.span];
    const number = (used[panel.kind] = (used[panel.kind] ?? 0) + 1);
    if (!at) return [];
    const kind = kinds[panel.kind];
    const params = paramsOf(panel, kind, { takes: scene.takes, argument });
    const [column, row] = isMirrored ? mirror(at, span, grid.columns.length) : at;
    return [{ slot: number === 1 ? panel.kind : `${panel.kind}-${number}`, kind: panel.kind, title: panel.title, params, key: keyText(kind.stem, kind.narrows, params), area: `${row} / ${column} / span ${span[1]} / span ${span[0]}` }];
  });
  return { placed, columns: isMirrored ? grid.columns.toReversed() : grid.columns, rows: grid.rows };
}

/** The slots of the page and the scene that stands in them. `scenes` as the server tells them: {first, scenes}. */
export function createScenes({ document, kinds, words }) {
  const stage = document.getElementById("stage");
  const slots = [...stage.querySelectorAll("[data-kind]")].map((root) => {
    const body = document.getElementById(`${root.id}-body`);
    return { id: root.id, root, body, measured: root.querySelector(".panel-room") ?? body };
  });
  const shown = { ref: null, scene: null, isWide: null, isMirrored: null, panels: [] };

  /** Place a scene's panels; `shown.panels` is another list when anything stands elsewhere now. */
  function place(scene, ref, { isMirrored = false } = {}) {
    const { clientWidth, clientHeight } = document.documentElement;
    const isWide = clientWidth > WIDE_FROM * clientHeight;
    if (shown.ref === ref && shown.scene === scene && shown.isWide === isWide && shown.isMirrored === isMirrored) return;
    const laid = layScene(scene, parseRef(ref).argument, kinds, { isWide, isMirrored });
    const bySlot = new Map(laid.placed.map((panel) => [panel.slot, panel]));
    Object.assign(stage.style, { gridTemplateColumns: laid.columns.join(" "), gridTemplateRows: laid.rows.join(" ") });
    for (const { id, root } of slots) {
      const panel = bySlot.get(id);
      root.hidden = !panel;
      if (!panel) {
        delete root.dataset.panel; // who looks for panels finds those of the scene
        continue;
      }
      root.dataset.panel = id;
      root.style.gridArea = panel.area;
      root.dataset.key = panel.key;
      const title = panel.title || words[`panel.${panel.kind}.title`];
      const heading = document.getElementById(`${id}-title`);
      if (heading.textContent !== title) heading.textContent = title;
    }
    Object.assign(shown, { ref, scene, isWide, isMirrored, panels: slots.filter(({ id }) => bySlot.has(id)).map((slot) => ({ ...slot, ...bySlot.get(slot.id) })) });
    document.getElementById("scene").dataset.scene = ref;
  }

  /** Whether the pool has an element for every panel of a scene. */
  const holds = (scene) => layScene(scene, null, kinds, { isWide: false }).placed.every(({ slot }) => slots.some(({ id }) => id === slot));

  return { slots, shown, place, holds };
}
