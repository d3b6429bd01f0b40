// Until when people have seen everything, by the server's clock: what a hello says, so that the rest is told afterwards.

/** Until when a page at the tip has everything, by a beat: the server knows nothing later than its last look at the log. */
export const readUntil = ({ at, rate, read_s: age }) => new Date(Date.parse(at) - Math.max(0, age ?? 0) * 1000 * rate).toISOString();

/** @param {{at: string|null}} memory what is kept of it; it stands still from `leave` until `answered` */
export function createSeen(memory) {
  let told = memory.at; // the server's time of the newest thing in the scene, painted or not
  let isAway = true; // what came meanwhile may not have been seen: first the hello that says so must be answered
  return {
    /** The scene has everything until this instant. */
    take: (at) => (told = at),
    /** A beat found the page at the tip. */
    hearBeat(beat) {
      const until = readUntil(beat);
      if (told === null || Date.parse(until) > Date.parse(told)) told = until;
    },
    leave: () => (isAway = true),
    answered: () => (isAway = false),
    /** The scene was painted before people. */
    paint() {
      if (!isAway) memory.at = told;
    },
  };
}
