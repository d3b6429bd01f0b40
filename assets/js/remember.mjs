// Work that is done again only when something it rests on is another. Values, tables and rows of the page are never
// changed in place (reduce.mjs), so that being the same object means showing the same.

/** @returns {(parts: Array, make: Function) => any} what `make` gave for these parts, made anew when one is another */
export function remembered() {
  let last = null;
  return (parts, make) => {
    if (!last || last.parts.some((part, i) => part !== parts[i])) last = { parts, made: make() };
    return last.made;
  };
}
