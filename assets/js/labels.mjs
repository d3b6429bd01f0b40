// Places the labels of the map so that no two boxes meet, none covers a mark and none leaves the map. Pure.
// An important label comes first and takes the best place; a label without any free place is left out.

const intersect = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

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
        return inside && !taken.some((other) => intersect(room, other));
      });
    if (!box) continue;
    taken.push(box);
    const [ex, ey] = [
      Math.max(box.x, Math.min(item.x, box.x + box.w)),
      Math.max(box.y, Math.min(item.y, box.y + box.h)),
    ];
    placed.push({ id: item.id, x: box.x, y: box.y, w: box.w, h: box.h, leader: box.far ? [item.x, item.y, ex, ey] : null });
  }
  return placed;
}
