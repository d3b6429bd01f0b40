// What moves on the map: new appeals and open incidents on one transparent canvas above the areas. Shapes and colours
// by level; a new appeal pulses for a few seconds at 1 Hz, and not at all where motion is not wanted.

export const HOUR_MS = 3600_000;
const PULSE_MS = 6000;
const PULSE_LIMIT = 40; // more rings at once say nothing
const MARK_LIMIT = 1000;
const AGES = 16;
export const INCIDENT_PX = 15;
export const PLACE_PX = 4; // the ring of a settlement

const feedTimes = new WeakMap(); // row -> its feed_at in milliseconds: read once, looked at with every frame

function feedMs(row) {
  let at = feedTimes.get(row);
  if (at === undefined) feedTimes.set(row, (at = Date.parse(row.feed_at)));
  return at;
}

/** Appeals of the last hour (or a shorter while) with a point, newest first. */
export const recentAppeals = (rows, now, ageMs = HOUR_MS) =>
  rows.filter((row) => row.lat !== null && row.lon !== null && now - feedMs(row) < ageMs).slice(0, MARK_LIMIT);

/** Positions of incident marks in pixels; those that would cover one another, or a circle, stand beside their place. */
export function spreadMarks(marks, radius, circles = []) {
  const placed = [];
  const isTaken = (x, y) =>
    placed.some((p) => Math.hypot(p.x - x, p.y - y) < radius * 2.1) || circles.some((c) => Math.hypot(c.x - x, c.y - y) < radius * 1.2 + c.r);
  for (const mark of marks) {
    let [x, y] = [mark.x, mark.y];
    for (let turn = 0; turn < 40 && isTaken(x, y); turn += 1) {
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

/** How a dot looks at an age from 0 to 1: opacity, and radius in scene pixels. */
const fade = (age) => ({ alpha: 0.95 - 0.6 * age, radius: 4.4 - 1.4 * age });

/** Pictures of a dot from new to an hour old: copying one is many times cheaper than drawing a disc. */
export function createSprites(document, { unit, ratio, muted, colour }) {
  return Array.from({ length: AGES }, (_, step) => {
    const { alpha, radius } = fade(step / (AGES - 1));
    const r = radius * unit * ratio;
    const picture = document.createElement("canvas");
    picture.width = picture.height = 2 * Math.ceil(r) + 2;
    const pen = picture.getContext("2d");
    pen.globalAlpha = muted ? 0.25 : alpha;
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(picture.width / 2, picture.width / 2, r, 0, 2 * Math.PI);
    pen.fill();
    return picture;
  });
}

/** One dot for each appeal, the newest on top. */
function drawAppeals(context, { appeals, sprites, ratio, now, move: { k, dx, dy } }) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (let i = appeals.length - 1; i >= 0; i -= 1) {
    const { x, y, feedMs } = appeals[i];
    const age = Math.min(1, Math.max(0, (now - feedMs) / HOUR_MS));
    const sprite = sprites[Math.round(age * (AGES - 1))];
    context.drawImage(sprite, Math.round((k * x + dx) * ratio - sprite.width / 2), Math.round((k * y + dy) * ratio - sprite.width / 2));
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

/** A ring around each new appeal; of very many only around the newest. Returns whether there is any that moves. */
function drawPulses(context, { appeals, now, tokens, unit, still, move: { k, dx, dy } }) {
  context.strokeStyle = tokens.mark;
  context.lineWidth = 2.5 * unit;
  const young = appeals.filter(({ knownMs }) => now >= knownMs && now - knownMs < PULSE_MS).slice(0, PULSE_LIMIT);
  for (const { x, y, knownMs } of young) {
    const phase = still ? 0.5 : ((now - knownMs) % 1000) / 1000;
    context.globalAlpha = (1 - phase) * (1 - (now - knownMs) / PULSE_MS / 2);
    context.beginPath();
    context.arc(k * x + dx, k * y + dy, (5 + 20 * phase) * unit, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 1;
  return young.length > 0 && !still;
}

/** Where the view stands that everything was laid out for. */
export const STANDS = { k: 1, dx: 0, dy: 0 };

/** Draw everything once; returns whether something still pulses and wants another picture. `move`: while the map moves. */
export function drawMarks(context, given) {
  const drawing = { move: STANDS, areas: [], places: [], underlay: null, ...given };
  const { width, height, ratio, unit, areas, places, underlay, incidents, leaders, tokens, muted, move } = drawing;
  const { k, dx, dy } = move;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio * k, 0, 0, ratio * k, ratio * dx, ratio * dy);
  context.lineWidth = (1.4 * unit) / k;
  context.strokeStyle = tokens.border;
  for (const { rings, colour } of areas) {
    context.beginPath();
    for (const ring of rings) ring.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.fillStyle = colour;
    context.fill("evenodd");
    context.stroke();
  }
  context.strokeStyle = tokens.leader;
  context.lineWidth = 1.5 * unit;
  for (const [x0, y0, x1, y1] of move === STANDS ? leaders : []) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }
  if (underlay) context.drawImage(underlay, 0, 0, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const { x, y } of places) {
    context.lineWidth = 2 * unit;
    context.beginPath();
    context.arc(k * x + dx, k * y + dy, PLACE_PX * unit, 0, 2 * Math.PI);
    context.stroke();
  }
  drawAppeals(context, drawing);
  const pulses = !muted && drawPulses(context, drawing);
  for (const { x, y, shape, tone } of [...incidents].reverse()) {
    tracePath(context, shape, k * x + dx, k * y + dy, INCIDENT_PX * unit);
    context.fillStyle = muted ? tokens.muted : tokens.tones[tone];
    context.lineWidth = 5 * unit;
    context.strokeStyle = tokens.ground;
    context.lineJoin = "round";
    context.stroke();
    context.fill();
  }
  return pulses;
}
