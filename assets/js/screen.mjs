// Painting: at most once an animation frame, only when something is new, and going on while a mark pulses. It knows how long
// a frame that was asked for has not come; a lost one is asked for again.

const LOST_MS = 1000;

/** @param {{paint: () => void, draw: () => boolean, monotonicMs: () => number, requestFrame?: Function}} options
 *   `paint` shows everything that differs; `draw` the marks, true while one pulses */
export function createScreen({ paint, draw, monotonicMs, requestFrame = (callback) => requestAnimationFrame(callback) }) {
  let asked = null; // since when a frame is awaited
  let tried = 0;
  let drawn = null; // when a pulsing mark was last drawn
  const drawOn = () => {
    drawn = draw() ? monotonicMs() : null;
    if (drawn !== null) requestFrame(drawOn);
  };
  const screen = {
    paint() {
      paint();
      if (drawn === null || monotonicMs() - drawn > LOST_MS) drawOn();
    },
    /** Paint with the next frame; `first` is told beforehand how many seconds that frame was awaited. */
    invalidate(first = null) {
      const now = monotonicMs();
      if (asked !== null && now - tried < LOST_MS) return;
      asked ??= now;
      tried = now;
      requestFrame(() => {
        if (asked === null) return;
        first?.(screen.silent_s);
        asked = null;
        screen.paint();
      });
    },
    /** A hidden page gets no frames, and that is no fault. */
    excuse() {
      if (asked !== null) asked = monotonicMs();
    },
    /** Seconds for which a frame has been awaited in vain. */
    get silent_s() {
      return asked === null ? 0 : (monotonicMs() - asked) / 1000;
    },
  };
  return screen;
}
