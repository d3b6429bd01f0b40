// Web Mercator as MapLibre draws it (512 px world at zoom 0), so that the canvas and the labels meet the areas. Pure.

export const MAP_PADDING_PX = 18; // of the scene, between the region and the edge of the map

const TILE_PX = 512;
const mercatorX = (lon) => (lon + 180) / 360;
const mercatorY = (lat) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;

/** The view of a box `width` by `height` on a world of `world` pixels, around a point of the world's unit square. */
function lookAt(cx, cy, world, width, height) {
  return {
    cx,
    cy,
    world,
    center: { lon: cx * 360 - 180, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * cy))) * 180) / Math.PI },
    zoom: Math.log2(world / TILE_PX),
    toPixels: (lon, lat) => [width / 2 + (mercatorX(lon) - cx) * world, height / 2 + (mercatorY(lat) - cy) * world],
  };
}

/** The view that shows `bounds` [west, south, east, north] whole in a box: centre, zoom, and a function to pixels. */
export function fitView([west, south, east, north], width, height, padding) {
  const [x0, x1, y0, y1] = [mercatorX(west), mercatorX(east), mercatorY(north), mercatorY(south)];
  const world = Math.min((width - 2 * padding) / (x1 - x0), (height - 2 * padding) / (y1 - y0));
  return lookAt((x0 + x1) / 2, (y0 + y1) / 2, world, width, height);
}

/** The view on the way from one to another (`part` from 0 to 1): the scale grows evenly, what both show stays in sight. */
export function passView(from, to, part, width, height) {
  const world = from.world ** (1 - part) * to.world ** part;
  const isSame = Math.abs(from.world / to.world - 1) < 1e-6;
  const left = isSame ? 1 - part : (1 / world - 1 / to.world) / (1 / from.world - 1 / to.world);
  return lookAt(to.cx + (from.cx - to.cx) * left, to.cy + (from.cy - to.cy) * left, world, width, height);
}

/** Where pixels of the view `laid` stand while `seen` is looked at: x becomes `k * x + dx`. */
export function moveOf(laid, seen, width, height) {
  const k = seen.world / laid.world;
  const shift = (own, other, size) => size / 2 + (own - other) * seen.world - (k * size) / 2;
  return { k, dx: shift(laid.cx, seen.cx, width), dy: shift(laid.cy, seen.cy, height) };
}
