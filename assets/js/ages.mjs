// The ages that a screen keeps apart, and the one line that speaks of the gravest (docs/wall.md). Pure. Panels speak of
// sources; here are the pipeline, the database, the connection and the screen itself. All ages are real seconds.

export const LIMITS = {
  frames_s: 3, // no animation frame while the page can be seen
  silence_s: 3, // no word of the server
  read_s: 5, // the server has not read its database
  pipeline_s: 30, // no heartbeat of a poller: three are missing
  clock_s: 5, // this computer's time of day against the server's
};

/**
 * The gravest thing that is wrong beyond the panels, as {kind, age_s}; null when nothing is.
 * What lies behind a broken link is not known, so the nearest break is the one that is told.
 */
export function decideBanner({ is_visible, frames_s, is_lost, silence_s, read_s, pipeline_s }, limits = LIMITS) {
  if (is_visible && frames_s >= limits.frames_s) return { kind: "rendering", age_s: frames_s };
  if (is_lost && silence_s >= limits.silence_s) return { kind: "connection", age_s: silence_s };
  if (read_s >= limits.read_s) return { kind: "database", age_s: read_s };
  if (pipeline_s >= limits.pipeline_s) return { kind: "pipeline", age_s: pipeline_s };
  return null;
}

/** What the server last said of itself, ageing on from the moment it said it. */
export class Vitals {
  /** @param {() => number} monotonicMs */
  constructor(monotonicMs) {
    this.monotonicMs = monotonicMs;
    this.heardMs = monotonicMs(); // the newest word of the server
    this.paintedMs = this.heardMs; // the newest word that has been painted
    this.beat = null;
    this.beatMs = this.heardMs;
  }

  hear() {
    this.heardMs = this.monotonicMs();
  }

  hearBeat(beat) {
    this.hear();
    [this.beat, this.beatMs] = [beat, this.heardMs];
  }

  paint() {
    this.paintedMs = this.heardMs;
  }

  /** Seconds since each thing was last known to be well; null where nothing was ever said of it. */
  ages() {
    const now = this.monotonicMs();
    const since = (age) => (typeof age === "number" ? Math.max(0, age) + (now - this.beatMs) / 1000 : null);
    return {
      silence_s: (now - this.heardMs) / 1000,
      screen_s: (now - this.paintedMs) / 1000,
      read_s: since(this.beat?.read_s),
      pipeline_s: since(this.beat?.pipeline_s),
    };
  }

  /** Whether pub/sub is connected at the server: "on", "away", "none" (there is none) or "" (not known yet). */
  get broker() {
    const said = this.beat?.broker;
    return said === undefined ? "" : said === null ? "none" : said ? "on" : "away";
  }

  /** How many walls hang on this server, itself included. */
  get walls() {
    return this.beat?.watchers ?? 1;
  }
}
