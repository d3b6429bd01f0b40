// Painting: at most once an animation frame, only when something is new, and going on while a mark pulses. It knows how long
// a frame that was asked for has not come; a lost one is asked for again.

const LOST_MS = 1000;

const BROWSER = { request: (callback) => requestAnimationFrame(callback), cancel: (handle) => cancelAnimationFrame(handle) };

/** @param {{paint: (waited_s: number) => void, draw: () => boolean, monotonicMs: () => number, frames?: object}} options
 *   `paint` shows everything that differs, and hears how many seconds its frame was awaited; `draw` the marks, true while one pulses */
export function createScreen({ paint, draw, monotonicMs, frames = BROWSER }) {
  let asked = null; // since when a frame is awaited
  let tried = 0;
  let drawn = null; // when a pulsing mark was last drawn
  const waiting = { paint: null, draw: null }; // one frame each: questions that nobody answers must not heap up
  const request = (what, callback) => {
    if (waiting[what] !== null) frames.cancel(waiting[what]);
    waiting[what] = frames.request(callback);
  };
  const drawOn = () => {
    drawn = draw() ? monotonicMs() : null;
    if (drawn !== null) request("draw", drawOn);
  };
  const screen = {
    paint(waited_s = 0) {
      paint(waited_s);
      if (drawn === null || monotonicMs() - drawn > LOST_MS) drawOn();
    },
    /** Paint with the next frame. */
    invalidate() {
      const now = monotonicMs();
      if (asked !== null && now - tried < LOST_MS) return;
      asked ??= now;
      tried = now;
      request("paint", () => {
        const waited_s = screen.silent_s;
        asked = null;
        screen.paint(waited_s);
      });
    },
    /** A hidden page gets no frames, and that is no fault. */
    excuse() {
      if (asked !== null) asked = tried = monotonicMs();
    },
    /** Seconds for which a frame has been awaited in vain. */
    get silent_s() {
      return asked === null ? 0 : (monotonicMs() - asked) / 1000;
    },
  };
  return screen;
}
