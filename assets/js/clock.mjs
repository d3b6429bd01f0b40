// The server's clock in the browser. The browser's own time of day is never asked: walls are often wrong by minutes.
// A beat tells `at` and `rate`; between beats the machine's monotonic counter runs the clock on.

const DELAY_FORGIVEN_MS = 5; // how fast a late beat may pull the clock back

export class ServerClock {
  /** @param {() => number} monotonicMs a counter that never goes back */
  constructor(monotonicMs) {
    this.monotonicMs = monotonicMs;
    this.rate = null;
    this.offset = 0;
  }

  /** Take the server's instant: the least delayed of the recent ones wins, so that seconds do not flicker back. */
  set(at, rate) {
    const candidate = Date.parse(at) - this.monotonicMs() * rate;
    const isJump = this.rate !== rate || rate === 0 || Math.abs(candidate - this.offset) > 1500 * Math.max(1, rate);
    this.offset = isJump ? candidate : Math.max(candidate, this.offset - DELAY_FORGIVEN_MS * rate);
    this.rate = rate;
  }

  /** Milliseconds since 1970 by the server, or null before the first word of it. */
  now() {
    return this.rate === null ? null : this.offset + this.monotonicMs() * this.rate;
  }
}
