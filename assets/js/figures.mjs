// Plotly figures: set whole when their shape changes, patched in place when only numbers do. A figure costs more than all
// rows and values together, so it is drawn when nothing else waits, one at a time and not again before its pause is
// over. So a figure may be some seconds behind the numbers beside it, never longer (docs/wall.md).

const PAUSE_MS = 2000; // between two drawings of one figure
const BETWEEN_MS = 200; // between two drawings of any

/** Run a task when nothing more urgent waits, soon in any case. */
const whenIdle = (task) => (globalThis.requestIdleCallback ? requestIdleCallback(task, { timeout: 500 }) : setTimeout(task, 20));

/**
 * @param {{set_props: Function, Patch: Function}} dash `window.dash_clientside`
 * @param {{monotonicMs: () => number, later: Function, wait: Function, pauseMs: number, onDrawn: Function}} pace `later`
 *   runs a task when the page is idle, `wait` after some milliseconds; `pauseMs` 0: every figure is drawn at once; `onDrawn` hears the id, the
 *   error where it failed, and whether Plotly was given anything
 */
export function createFigures(dash, { monotonicMs = () => performance.now(), later = whenIdle, wait = setTimeout, pauseMs = PAUSE_MS, onDrawn = () => {} } = {}) {
  const shown = new Map(); // figure id -> {shape, numbers} as text
  const wanted = new Map(); // figure id -> what to draw; in the order of asking
  const drawnAt = new Map();
  let coming = null; // the turn that is on its way

  function drawNow(id, { build, paths }) {
    const figure = build();
    const at = (path) => path.reduce((node, key) => node?.[key], figure);
    const numbers = paths.map((path) => JSON.stringify(at(path) ?? null));
    const own = new Set(paths.map((path) => at(path)).filter((node) => typeof node === "object"));
    const shape = JSON.stringify(figure, (key, node) => (own.has(node) || (typeof node === "number" && key === "value") ? 0 : key === "geojson" ? 0 : node));
    const before = shown.get(id);
    const changed = before?.shape === shape ? paths.filter((_, index) => before.numbers[index] !== numbers[index]) : null;
    if (changed?.length === 0) return false;
    const patch = changed?.reduce((builder, path) => builder.assign(path, at(path)), new dash.Patch());
    dash.set_props(id, { figure: patch ? patch.build() : figure });
    shown.set(id, { shape, numbers });
    return true;
  }

  function draw(id, want) {
    try {
      const isDifferent = drawNow(id, want);
      onDrawn(id, null, isDifferent);
      return isDifferent;
    } catch (error) {
      shown.delete(id); // nobody knows what stands there: the next asking draws it whole
      onDrawn(id, error);
      return true;
    }
  }

  const dueAt = (id, now) => Math.max(now, (drawnAt.get(id) ?? -Infinity) + pauseMs);

  /** Draw the figure that may be drawn first; what would look the same costs no turn. */
  function turn() {
    coming = null;
    const now = monotonicMs();
    for (const [id, want] of [...wanted]) {
      if (dueAt(id, now) > now || !want.may()) continue;
      wanted.delete(id);
      if (!draw(id, want)) continue;
      drawnAt.set(id, now);
      break;
    }
    come();
  }

  function come() {
    if (coming || !wanted.size) return;
    const own = (coming = {});
    const now = monotonicMs();
    const first = Math.min(...[...wanted.keys()].map((id) => dueAt(id, now)));
    const isNew = [...wanted].some(([id, { may }]) => !drawnAt.has(id) && may());
    wait(() => later(() => own === coming && turn()), Math.max(first - now, isNew ? 0 : BETWEEN_MS));
  }

  return {
    /**
     * Ask for a figure; the newest asking counts.
     * @param {Function} build makes the figure, when its turn comes
     * @param {Array[]} paths where its numbers stand: when nothing else differs only they are sent
     * @param {Function} may whether it can be drawn now
     */
    show(id, build, paths, may = () => true) {
      const want = { build, paths, may };
      if (pauseMs === 0 && may()) draw(id, want);
      else {
        wanted.set(id, want);
        come();
      }
    },
    /** Ask no longer for what has not been drawn yet; the next asking is of something else and waits for no pause. */
    forget(id) {
      wanted.delete(id);
      drawnAt.delete(id);
      coming = null; // it may have been on its way to this one, after a pause
      come();
    },
    /** Whether every figure shows what it was asked to show. */
    isSettled: () => wanted.size === 0,
  };
}
