// Widths of words in scene pixels (1920 wide), so that a list knows how many rows fit before it shows them.

const FAMILY = '"Golos Text", sans-serif';

/** @returns {{width: (text: string, px: number, weight?: number) => number, lines: Function}} */
export function createMeasure(context) {
  const widths = new Map();
  const width = (text, px, weight = 500) => {
    const shape = text.replace(/\d/g, "0"); // tabular figures are all as wide: a counting number is measured once
    const key = `${weight} ${px} ${shape}`;
    if (!widths.has(key)) {
      if (widths.size > 5000) widths.clear(); // bounded: feed texts come and go
      context.font = `${weight} ${px}px ${FAMILY}`;
      widths.set(key, context.measureText(shape).width);
    }
    return widths.get(key);
  };
  /** How many lines `text` takes when it wraps at spaces within `room`. */
  const lines = (text, px, weight, room) => {
    let [count, line] = [1, ""];
    for (const word of text.split(" ")) {
      const longer = line ? `${line} ${word}` : word;
      if (line && width(longer, px, weight) > room) [count, line] = [count + 1, word];
      else line = longer;
    }
    return count;
  };
  return { width, lines };
}
