// Places the labels of the map so that no two boxes meet, none covers a mark and none leaves the map. Pure.
// An important label comes first and takes the best place; a label without any free place is left out.

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

/**
 * @param {{id, x, y, w, h, reach}[]} items most important first; `reach` is the radius of a mark on the anchor
 * @param {number} unit size of one scene pixel, in the pixels of everything else
 * @param {{x, y, w, h}[]} obstacles boxes that no label may meet
 * @returns {{id, x, y, w, h, leader: number[]|null}[]} upper left corners of the labels that found a place
 */
export function placeLabels({ items, obstacles, width, height, gap, limit, unit = 1 }) {
  const taken = [...obstacles];
  const placed = [];
  for (const item of items) {
    if (placed.length >= limit) break;
    const box = candidates(item, unit)
      .map((place) => ({ ...place, w: item.w, h: item.h }))
      .find((place) => {
        const room = { x: place.x - gap, y: place.y - gap, w: place.w + 2 * gap, h: place.h + 2 * gap };
        const inside = place.x >= 0 && place.y >= 0 && place.x + place.w <= width && place.y + place.h <= height;
        if (!inside || taken.some((other) => intersect(room, other))) return false;
        // No line runs through another label's words.
        if (placed.some((label) => label.leader && crosses(label.leader, room))) return false;
        return !place.far || !placed.some((label) => crosses(leaderOf(item, place), label));
      });
    if (!box) continue;
    taken.push(box);
    placed.push({ id: item.id, x: box.x, y: box.y, w: box.w, h: box.h, leader: box.far ? leaderOf(item, box) : null });
  }
  return placed;
}
