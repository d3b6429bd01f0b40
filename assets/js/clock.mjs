// The server's clock in the browser. Ages and times never come from the browser's own time of day: walls are often wrong by
// minutes. A beat tells `at` and `rate`; between beats the machine's monotonic counter runs the clock on.

import { LIMITS } from "./ages.mjs";

const DELAY_FORGIVEN_MS = 5; // how fast a late beat may pull the clock back
const WRONG_BEATS = 3; // beats in a row before a wrong clock is told: one may have been late

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

/** Compares this computer's time of day with the server's, once a beat; nothing else ever reads it. */
export class ClockWatch {
  /** @param {() => number} machineMs this computer's time of day, milliseconds since 1970 */
  constructor(machineMs = () => Date.now()) {
    this.machineMs = machineMs;
    this.wrongBeats = 0;
    this.skewMs = 0;
  }

  compare(serverMs) {
    this.skewMs = this.machineMs() - serverMs;
    this.wrongBeats = Math.abs(this.skewMs) > LIMITS.clock_s * 1000 ? this.wrongBeats + 1 : 0;
  }

  /** Seconds by which this computer is ahead of the server, below 0 when it is behind; null while it is right. */
  get wrong_s() {
    return this.wrongBeats >= WRONG_BEATS ? this.skewMs / 1000 : null;
  }
}
