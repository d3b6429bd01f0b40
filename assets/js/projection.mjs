// Web Mercator as MapLibre draws it (512 px world at zoom 0), so that the canvas and the labels meet the areas. Pure.

export const MAP_PADDING_PX = 18; // of the scene, between the region and the edge of the map

const TILE_PX = 512;
const mercatorX = (lon) => (lon + 180) / 360;
const mercatorY = (lat) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;

/** The view that shows `bounds` [west, south, east, north] whole in a box: centre, zoom, and a function to pixels. */
export function fitView([west, south, east, north], width, height, padding) {
  const [x0, x1, y0, y1] = [mercatorX(west), mercatorX(east), mercatorY(north), mercatorY(south)];
  const world = Math.min((width - 2 * padding) / (x1 - x0), (height - 2 * padding) / (y1 - y0));
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return {
    center: { lon: (west + east) / 2, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * cy))) * 180) / Math.PI },
    zoom: Math.log2(world / TILE_PX),
    toPixels: (lon, lat) => [width / 2 + (mercatorX(lon) - cx) * world, height / 2 + (mercatorY(lat) - cy) * world],
  };
}
