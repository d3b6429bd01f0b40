// What moves on the map: new appeals and open incidents on one transparent canvas above the areas. Shapes and colours
// by level; a new appeal pulses for a few seconds at 1 Hz, and not at all where motion is not wanted.

export const HOUR_MS = 3600_000;
const PULSE_MS = 6000;
const MARK_LIMIT = 1000;
export const INCIDENT_PX = 15;

/** Appeals of the last hour with a point, newest first. */
export const recentAppeals = (rows, now) =>
  rows.filter((row) => row.lat !== null && row.lon !== null && now - Date.parse(row.feed_at) < HOUR_MS).slice(0, MARK_LIMIT);

/** Positions of incident marks in pixels; those that would cover one another stand side by side around their place. */
export function spreadMarks(marks, radius) {
  const placed = [];
  for (const mark of marks) {
    let [x, y] = [mark.x, mark.y];
    for (let turn = 0; turn < 40 && placed.some((p) => Math.hypot(p.x - x, p.y - y) < radius * 2.1); turn += 1) {
      const ring = radius * 2.2 * (1 + Math.floor(turn / 6));
      const angle = (Math.PI / 3) * turn - Math.PI / 2;
      [x, y] = [mark.x + Math.cos(angle) * ring, mark.y + Math.sin(angle) * ring];
    }
    placed.push({ ...mark, x, y });
  }
  return placed;
}

function tracePath(context, shape, x, y, r) {
  context.beginPath();
  if (shape === "circle") context.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === "square") context.rect(x - r * 0.86, y - r * 0.86, r * 1.72, r * 1.72);
  else {
    const corners = shape === "triangle" ? [[0, -1.12], [1.06, 0.8], [-1.06, 0.8]] : [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]];
    corners.forEach(([dx, dy], i) => (i ? context.lineTo(x + dx * r, y + dy * r) : context.moveTo(x + dx * r, y + dy * r)));
    context.closePath();
  }
}

/** Draw everything once; returns whether something still pulses and wants the next animation frame. */
export function drawMarks(context, { width, height, ratio, unit, areas = [], appeals, incidents, leaders, now, tokens, still, muted }) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1.4 * unit;
  context.strokeStyle = tokens.border;
  for (const { rings, colour } of areas) {
    context.beginPath();
    for (const ring of rings) ring.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.fillStyle = colour;
    context.fill("evenodd");
    context.stroke();
  }
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = tokens.leader;
  for (const [x0, y0, x1, y1] of leaders) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }
  let pulses = false;
  for (const { x, y, feedMs, knownMs } of [...appeals].reverse()) {
    const age = Math.min(1, Math.max(0, (now - feedMs) / HOUR_MS));
    context.globalAlpha = muted ? 0.25 : 0.95 - 0.6 * age;
    context.fillStyle = tokens.mark;
    context.beginPath();
    context.arc(x, y, (4.4 - 1.4 * age) * unit, 0, 2 * Math.PI);
    context.fill();
    const young = now - knownMs;
    if (muted || young < 0 || young >= PULSE_MS) continue;
    pulses = !still;
    const phase = still ? 0.5 : (young % 1000) / 1000;
    context.globalAlpha = (1 - phase) * (1 - young / PULSE_MS / 2);
    context.strokeStyle = tokens.mark;
    context.lineWidth = 2.5 * unit;
    context.beginPath();
    context.arc(x, y, (5 + 20 * phase) * unit, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const { x, y, shape, tone } of [...incidents].reverse()) {
    tracePath(context, shape, x, y, INCIDENT_PX * unit);
    context.fillStyle = muted ? tokens.muted : tokens.tones[tone];
    context.lineWidth = 5 * unit;
    context.strokeStyle = tokens.ground;
    context.lineJoin = "round";
    context.stroke();
    context.fill();
  }
  return pulses;
}
