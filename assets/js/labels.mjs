// Places the labels of the map so that no two boxes meet, none covers a mark and none leaves the map. Pure.
// An important label comes first and takes the best place; the others stand where their own area has room for them,
// large areas first; a label without any free place is left out.

const SAMPLES = [0.2, 0.35, 0.5, 0.65, 0.8]; // of a label's width: the words may reach over the border with their ends
const intersect = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** The line from an anchor to the nearest point of its label's box. */
function leaderOf({ x, y }, box) {
  return [x, y, Math.max(box.x, Math.min(x, box.x + box.w)), Math.max(box.y, Math.min(y, box.y + box.h))];
}

/** Whether a line runs through a box, judged at points along it. */
function crosses([x0, y0, x1, y1], box) {
  for (let step = 0; step <= 16; step += 1) {
    const [x, y] = [x0 + ((x1 - x0) * step) / 16, y0 + ((y1 - y0) * step) / 16];
    if (x > box.x && x < box.x + box.w && y > box.y && y < box.y + box.h) return true;
  }
  return false;
}

/** Places around an anchor, best first; `far` ones need a line that leads back to it. */
function candidates({ x, y, w, h, reach }, unit) {
  const near = reach + 6 * unit;
  const places = [
    { x: x - w / 2, y: y - h / 2, centred: true },
    { x: x + near, y: y - h / 2 },
    { x: x - near - w, y: y - h / 2 },
    { x: x - w / 2, y: y - near - h },
    { x: x - w / 2, y: y + near },
  ];
  for (const [ring, angles] of [[near + 22 * unit, 8], [near + 48 * unit, 12], [near + 80 * unit, 16]]) {
    for (let i = 0; i < angles; i += 1) {
      const [dx, dy] = [Math.cos((2 * Math.PI * i) / angles), Math.sin((2 * Math.PI * i) / angles)];
      // The box touches the ring with the side that faces the anchor.
      places.push({ x: x + dx * ring + ((dx - 1) * w) / 2, y: y + dy * ring + ((dy - 1) * h) / 2, far: true });
    }
  }
  // A mark on the anchor must stay visible: no label stands on it.
  return reach > 0 ? places.filter((place) => !place.centred) : places;
}

/** Whether a point lies inside rings, by the even-odd rule: holes and several pieces need no care of their own. */
function isInside(x, y, rings) {
  let inside = false;
  for (const ring of rings) {
    let before = ring[ring.length - 1];
    for (const point of ring) {
      if (point[1] > y !== before[1] > y && x < ((before[0] - point[0]) * (y - point[1])) / (before[1] - point[1]) + point[0]) inside = !inside;
      before = point;
    }
  }
  return inside;
}

/** Places near an anchor where a box of that size stands on its own area but for its ends, nearest first. */
export function findHome(rings, { x, y, w, h }) {
  const found = [];
  for (let row = -12; row <= 12; row += 1) {
    for (let column = -8; column <= 8; column += 1) {
      const [dx, dy] = [(column * w) / 16, (row * h) / 4];
      const [left, top] = [x + dx - w / 2, y + dy - h / 2];
      const isHome = SAMPLES.every((across) => [0.1, 0.9].every((down) => isInside(left + across * w, top + down * h, rings)));
      if (isHome) found.push({ x: left, y: top, off: Math.hypot(dx, dy) });
    }
  }
  return found.sort((a, b) => a.off - b.off).map((place) => ({ x: place.x, y: place.y }));
}

/**
 * @param {{id, x, y, w, h, reach, home}[]} items most important first; `reach` is the radius of a mark on the anchor,
 *   `home` the places {x, y} on the own area, best first
 * @param {number} unit size of one scene pixel, in the pixels of everything else
 * @param {{x, y, w, h}[]} obstacles boxes that no label may meet
 * @param {number} limit how many labels may stand anywhere around their anchor; more only stand at `home`
 * @returns {{id, x, y, w, h, leader: number[]|null}[]} upper left corners of the labels that found a place
 */
export function placeLabels({ items, obstacles, width, height, gap, limit, unit = 1 }) {
  const taken = [...obstacles];
  const placed = [];
  const place = (item, places) => {
    const box = places
      .map((spot) => ({ ...spot, w: item.w, h: item.h }))
      .find((spot) => {
        const room = { x: spot.x - gap, y: spot.y - gap, w: spot.w + 2 * gap, h: spot.h + 2 * gap };
        const inside = spot.x >= 0 && spot.y >= 0 && spot.x + spot.w <= width && spot.y + spot.h <= height;
        if (!inside || taken.some((other) => intersect(room, other))) return false;
        // No line runs through another label's words.
        if (placed.some((label) => label.leader && crosses(label.leader, room))) return false;
        return !spot.far || !placed.some((label) => crosses(leaderOf(item, spot), label));
      });
    if (!box) return false;
    taken.push(box);
    placed.push({ id: item.id, x: box.x, y: box.y, w: box.w, h: box.h, leader: box.far ? leaderOf(item, box) : null });
    return true;
  };
  const rest = items.filter((item) => placed.length >= limit || !place(item, candidates(item, unit)));
  const room = (item) => item.home?.length ?? 0;
  for (const item of rest.sort((a, b) => room(b) - room(a))) place(item, item.home ?? []);
  return placed;
}
