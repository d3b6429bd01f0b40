// How much room the panels have. Asking an element for its size makes the browser lay out the whole page at once, so
// it is asked only after one of them has changed its size, or stands elsewhere.

const BESIDE_BANNER_PX = 330; // margins, the mark of a demonstration, the button and the banner's own sign

/**
 * @param {{id: string, measured: Element}[]} slots
 * @returns {{read: () => {unit: number, banner: number, rooms: Map}, forget: Function}} `unit` is one scene pixel in CSS pixels; `rooms`
 *   by slot {width, height, left} in scene pixels, `left` from the edge of the screen, the same object while its size is the same
 */
export function watchRooms(slots, element) {
  let read = null;
  let rooms = new Map();
  const forget = () => (read = null);
  const watcher = new ResizeObserver(forget);
  for (const watched of [element("scene"), element("head-clock"), ...slots.map(({ measured }) => measured)]) watcher.observe(watched);
  const measureAll = () => {
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 10;
    const sizes = slots.filter(({ root }) => !root.hidden).map(({ id, measured }) => [id, { width: measured.clientWidth / unit, height: measured.clientHeight / unit, left: measured.getBoundingClientRect().left / unit }]);
    const isSame = (a, b) => a && ["width", "height", "left"].every((name) => a[name] === b[name]);
    rooms = new Map(sizes.map(([id, size]) => [id, isSame(rooms.get(id), size) ? rooms.get(id) : size]));
    const banner = (element("scene").clientWidth - element("head-clock").offsetWidth) / unit - BESIDE_BANNER_PX;
    return { unit, banner, rooms };
  };
  return { read: () => (read ??= measureAll()), forget };
}
