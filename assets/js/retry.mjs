// When a wall that lost its server tries again: soon where few walls hang on one server, spread over seconds where many do,
// and never in step. Pure but for the dice.

const RETURNS_PER_S = 50; // walls that a server takes back in one second
const WINDOW_MS = [800, 9500]; // over which the walls of one server spread their first try
const LIMIT_MS = 10_000;
const LEAST_MS = 100;
const EARLY_TRIES = 4; // a restart takes a second or two: so many tries before the pauses grow

/** @param {() => number} random in [0, 1); a test passes its own */
export function createRetry(random = Math.random) {
  let tries = 0;
  return {
    /** Milliseconds until the next try; `walls` is how many the lost server had. */
    next(walls = 1) {
      const window = Math.min(WINDOW_MS[1], Math.max(WINDOW_MS[0], (walls / RETURNS_PER_S) * 1000));
      const grown = Math.min(LIMIT_MS, window * 2 ** Math.max(0, tries - EARLY_TRIES + 1));
      // The first try is anywhere in the window, later ones keep that place: pauses drawn anew would heap up.
      const share = tries === 0 ? random() : 0.96 + 0.08 * random();
      tries += 1;
      return Math.min(LIMIT_MS, Math.max(LEAST_MS, share * grown));
    },
    /** The server answered: the next loss begins anew. */
    reset() {
      tries = 0;
    },
  };
}
