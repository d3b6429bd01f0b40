// Stamps what a page has painted. Put into every page before its own scripts; `told` says how to read it:
// {value, row, ready, mark} are expressions, `cells` is the grid of bench/grid.py.
//
// What stands when an animation frame has been laid out is read in a ResizeObserver (all callbacks of the frame have
// run by then), and stamped in the first task after the frame was painted. Marks are known by where they are drawn.
((told) => {
  const probe = (window.probe = { steps: [], marks: [], frames: [], readyAt: null, fault: null });
  const read = Object.fromEntries(["value", "row", "ready", "mark"].map((name) => [name, new Function(`return (${told[name] || null});`)]));
  const now = () => performance.timeOrigin + performance.now();
  let [value, row, mark, ready, drawn, drawnN, grid, standing] = [null, null, null, false, [], 0, null, []];

  let last = { pen: null, at: null };
  // Circles and pictures of the size of a mark, wherever a 2D canvas draws them, in the pixels of that canvas.
  const note = (pen, x, y, r) => {
    if (r > told.most || pen.canvas.width <= 300 || pen.canvas.height <= 300) return;
    // Asking for the transform costs more than drawing: within a frame only of a pen that is moved from mark to mark.
    if (pen !== last.pen || (x === 0 && y === 0)) last = { pen, at: pen.getTransform() };
    const { at } = last;
    drawn.push([at.a * x + at.e, at.d * y + at.f]);
    drawnN += 1;
  };
  for (const { prototype } of [window.CanvasRenderingContext2D, window.OffscreenCanvasRenderingContext2D]) {
    const { arc, drawImage } = prototype;
    prototype.arc = function (x, y, r, ...rest) {
      note(this, x, y, r);
      return arc.call(this, x, y, r, ...rest);
    };
    prototype.drawImage = function (picture, x, y, ...rest) {
      note(this, x + picture.width / 2, y + picture.height / 2, picture.width / 2);
      return drawImage.call(this, picture, x, y, ...rest);
    };
  }

  /** The first element that fits, also inside shadow roots; the root where it was found is asked first again. */
  const roots = new Map();
  const search = (root, selector) => {
    const found = root.querySelector(selector);
    if (found) return roots.set(selector, root), found;
    for (const element of root.querySelectorAll("*")) {
      const inner = element.shadowRoot && search(element.shadowRoot, selector);
      if (inner) return inner;
    }
    return null;
  };
  probe.deep = (selector) => roots.get(selector)?.querySelector(selector) ?? search(document, selector);

  /** The newest `customdata` of a trace that Plotly has plotted. */
  const plots = new Map();
  probe.plotted = (selector, trace) => {
    const plot = document.querySelector(selector);
    if (!plot?.on) return null;
    if (!plots.has(plot)) {
      const told = () => plots.set(plot, plot.data[trace]?.customdata?.at(-1) ?? null);
      told();
      plot.on("plotly_afterplot", told);
    }
    return plots.get(plot);
  };

  const clusters = (numbers) => {
    const found = [];
    for (const number of [...numbers].sort((a, b) => a - b)) if (!found.length || number - found.at(-1) > 3) found.push(number);
    return found;
  };
  const nearest = (places, at) => {
    let best = 0;
    for (let i = 1; i < places.length; i += 1) if (Math.abs(places[i] - at) < Math.abs(places[best] - at)) best = i;
    return Math.abs(places[best] - at) <= 3 ? best : -1;
  };
  const inverse = new Map(Array.from({ length: told.columns * told.rows }, (_, n) => [(n * told.stride) % (told.columns * told.rows), n]));

  /** Learn from the marks drawn so far where the cells of the grid are; null when they are all found. */
  probe.calibrate = () => {
    if (told.mark) return null;
    const [xs, ys] = [clusters(drawn.map(([x]) => x)), clusters(drawn.map(([, y]) => y))];
    if (xs.length !== told.columns || ys.length !== told.rows) return `${xs.length} columns and ${ys.length} rows of marks, ${drawn.length} circles`;
    grid = { xs, ys: ys.reverse(), seen: new Map(), places: new Map() };
    drawn = [];
    return null;
  };
  /** The cells whose marks stood in the newest picture of the whole map; null before calibration. */
  probe.standing = () => grid && [...new Set(standing.map(cellAt).filter((n) => n !== null))];
  probe.reset = () => {
    probe.steps = [];
    probe.marks = [];
    probe.frames = [];
    [value, row, mark] = [null, null, null];
  };

  function cellAt([x, y]) {
    const key = Math.round(x) * 10_000 + Math.round(y);
    if (grid.places.has(key)) return grid.places.get(key);
    const [column, line] = [nearest(grid.xs, x), nearest(grid.ys, y)];
    const cell = column < 0 || line < 0 ? null : inverse.get(line * told.columns + column);
    grid.places.set(key, cell);
    return cell;
  }

  function takeMarks() {
    if (drawn.length >= told.few) standing = drawn.slice(-5000); // one draws them all, another only what is new
    if (!grid) {
      if (drawn.length > 400_000) drawn = drawn.slice(-100_000);
      return [];
    }
    const cells = told.columns * told.rows;
    const fresh = [];
    const found = new Set(drawn.map(cellAt).filter((n) => n !== null));
    // Which event of its cell a mark is: the newest up to a little beyond the newest row. A picture of the whole map says
    // itself which mark is its newest (hundreds of cells behind it are empty), however far it hangs behind the rows.
    const empty = (n) => Array.from({ length: 900 }, (_, i) => (n + 1 + i) % cells).every((next) => !found.has(next));
    const end = found.size < 900 ? undefined : [...found].find((n) => !found.has((n + 1) % cells) && empty(n));
    const latest = (n) => n + Math.floor(((row ?? 0) + told.ahead - n) / cells) * cells;
    for (const cell of found) {
      const n = end === undefined ? latest(cell) : latest(end) - ((end - cell + cells) % cells);
      if (grid.seen.get(cell) === n) continue;
      grid.seen.set(cell, n);
      fresh.push(n);
    }
    drawn = [];
    return fresh;
  }

  const channel = new MessageChannel();
  const waiting = []; // a busy page may lay out a second frame before the first one's task has its turn
  channel.port1.onmessage = () => {
    const at = now();
    const { step, marks, isReady } = waiting.shift();
    if (step) probe.steps.push([at, ...step]);
    for (const n of marks) probe.marks.push([at, n]);
    if (isReady) probe.readyAt ??= performance.now();
  };
  function look() {
    last = { pen: null, at: null };
    let step = null;
    let isReady = false;
    try {
      const seen = [read.value(), read.row(), read.mark()];
      const hasMarks = told.mark ? seen[2] !== null : drawnN >= told.few;
      isReady = seen[0] !== null && hasMarks && Boolean(read.ready());
      if (seen[0] !== value || seen[1] !== row || seen[2] !== mark || isReady !== ready) {
        step = [...seen, isReady];
        [value, row, mark, ready] = step;
      }
    } catch (error) {
      probe.fault = String(error);
    }
    waiting.push({ step, marks: takeMarks(), isReady });
    channel.port2.postMessage(0);
  }

  addEventListener("DOMContentLoaded", () => {
    const bell = document.createElement("div");
    Object.assign(bell.style, { position: "fixed", left: "0", bottom: "0", width: "1px", height: "1px", visibility: "hidden", contain: "strict" });
    bell.setAttribute("aria-hidden", "true");
    document.documentElement.append(bell);
    new ResizeObserver(look).observe(bell);
    let side = 1;
    const tick = (at) => {
      probe.frames.push(at);
      if (probe.frames.length > 100_000) probe.frames = [];
      bell.style.width = `${(side = 3 - side)}px`;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });

  /** Twelve squares in a corner, black or white: the newest row in binary, for whoever looks at pixels alone. */
  probe.flag = () => {
    const squares = Array.from({ length: 12 }, (_, i) => {
      const square = document.createElement("div");
      Object.assign(square.style, { position: "fixed", top: "0", left: `${i * 16}px`, width: "16px", height: "16px", zIndex: "99999", background: "#000" });
      document.documentElement.append(square);
      return square;
    });
    const paint = () => {
      const n = read.row() ?? 0;
      squares.forEach((square, i) => (square.style.background = (n >> i) & 1 ? "#fff" : "#000"));
    };
    new MutationObserver(paint).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    paint();
  };
})
