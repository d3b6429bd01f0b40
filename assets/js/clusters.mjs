// Clusters and density of many appeals, from the cells that the server counted (docs/adr/0231): what is drawn is bounded,
// however many appeals there are. What lies below the marks is drawn once, onto a picture that they stand on.

const COUNT = { px: 24, pad: 8, grow: 30 }; // of the scene: text, around it, and what the largest circle has more
const HEAT = { cells: 1.9, px: 16 }; // from the middle of a cell to where its haze ends: so many cells, at least so far
const VEIL = 0.6;

/** Middle of a cell as [lon, lat]; a cell is `step` degrees high and twice as wide. */
export const centreOf = ([row, column], step) => [(column + 0.5) * 2 * step - 180, (row + 0.5) * step - 90];

const isApart = (a, b, gap) => Math.hypot(a.x - b.x, a.y - b.y) >= a.r + b.r + gap;

/**
 * Circles that stand apart, each with how many appeals it is for: cells that would cover one another become one.
 * @returns {{x, y, r, n, text}[]} largest first, in pixels; their numbers add up to those of the cells in sight
 */
export function mergeCells({ cells, step }, view, { width, height, unit, measure, format }) {
  const spots = cells
    .map((cell) => [...view.toPixels(...centreOf(cell, step)), cell[2]])
    .filter(([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height);
  const all = spots.reduce((sum, [, , n]) => sum + n, 0);
  const grown = (x, y, n) => {
    const text = format.number(n);
    const r = (measure.width(text, COUNT.px, 600) / 2 + COUNT.pad + COUNT.grow * Math.sqrt(n / all)) * unit;
    const within = (at, size) => Math.min(size - r, Math.max(r, at)); // whole circles, also at the edge
    return { x: within(x, width), y: within(y, height), n, text, r };
  };
  let circles = spots.map((spot) => grown(...spot));
  for (let before = Infinity; circles.length < before; ) {
    before = circles.length;
    const apart = [];
    for (const one of circles.sort((a, b) => b.n - a.n)) {
      const at = apart.findIndex((other) => !isApart(one, other, 4 * unit));
      const other = apart[at];
      const n = one.n + (other?.n ?? 0);
      if (other) apart[at] = grown((one.x * one.n + other.x * other.n) / n, (one.y * one.n + other.y * other.n) / n, n);
      else apart.push(one);
    }
    circles = apart;
  }
  return circles;
}

/** Circles under their numbers, which stand among the labels. */
export function drawCircles(pen, circles, { unit, tokens }) {
  for (const { x, y, r } of circles) {
    pen.beginPath();
    pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.fillStyle = tokens.cluster;
    pen.fill();
    pen.lineWidth = 2 * unit;
    pen.strokeStyle = tokens.clusterEdge;
    pen.stroke();
  }
}

/** A haze on an empty picture: the more appeals a cell has, the denser. */
export function drawHeat(pen, { cells, step }, view, { width, height, unit, tokens }) {
  const most = Math.max(1, ...cells.map((cell) => cell[2]));
  for (const cell of cells) {
    const [lon, lat] = centreOf(cell, step);
    const [x, y] = view.toPixels(lon, lat);
    const r = Math.max(Math.abs(view.toPixels(lon + 2 * step, lat)[0] - x) * HEAT.cells, HEAT.px * unit);
    const haze = pen.createRadialGradient(x, y, 0, x, y, r);
    haze.addColorStop(0, "black");
    haze.addColorStop(1, "rgba(0,0,0,0)");
    pen.globalAlpha = 0.12 + 0.6 * Math.sqrt(cell[2] / most);
    pen.fillStyle = haze;
    pen.fillRect(x - r, y - r, 2 * r, 2 * r);
  }
  pen.globalAlpha = 1;
  pen.globalCompositeOperation = "source-in"; // the colour of all of it at once
  pen.fillStyle = tokens.mark;
  pen.fillRect(0, 0, width, height);
  pen.globalCompositeOperation = "source-over";
}

/** All but the area that is looked at is faint. */
export function drawVeil(pen, rings, { width, height, tokens }) {
  pen.beginPath();
  pen.rect(-4 * width, -4 * height, 9 * width, 9 * height);
  for (const ring of rings) ring.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.globalAlpha = VEIL;
  pen.fillStyle = tokens.ground;
  pen.fill("evenodd");
  pen.globalAlpha = 1;
}
