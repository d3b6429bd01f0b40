// How much room the panels have. Asking an element for its size makes the browser lay out the whole page at once, so
// it is asked only after one of them has changed its size.

const SIZES = {
  sectors: ["sectors-body", "clientHeight"],
  incidents: ["incidents-body", "clientHeight"],
  incidents_width: ["incidents-body", "clientWidth"],
  feed: ["feed-body", "clientHeight"],
  flow_channels: ["flow-channels", "clientWidth"],
  sources_width: ["sources-body", "clientWidth"],
};

const BESIDE_BANNER_PX = 330; // margins, the mark of a demonstration, the button and the banner's own sign

/** @returns {() => {unit, rooms}} `unit` is one scene pixel in CSS pixels; `rooms` are in scene pixels, the map in CSS ones */
export function watchRooms(element) {
  let read = null;
  const watcher = new ResizeObserver(() => (read = null));
  for (const id of ["scene", "head-clock", "map-box", ...new Set(Object.values(SIZES).map(([id]) => id))]) watcher.observe(element(id));
  return () => {
    if (read) return read;
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 10;
    const rooms = Object.fromEntries(Object.entries(SIZES).map(([name, [id, side]]) => [name, element(id)[side] / unit]));
    const box = element("map-box");
    const banner = (element("scene").clientWidth - element("head-clock").offsetWidth) / unit - BESIDE_BANNER_PX;
    read = { unit, rooms: { ...rooms, banner, map_width: box.clientWidth, map_height: box.clientHeight } };
    return read;
  };
}
