// What a page keeps for its own successor when it begins again: until when it was seen by people, and what happened while
// it was away. In the tab's session storage; a browser that refuses it only forgets.

const MISSED_S = 600; // how long «произошло во время обрыва» stays
const MISSED_LIMIT = 20;

/** What is kept after the server told of incidents that began and ended unseen; one told twice is one. */
export function mergeMissed(kept, told) {
  const all = new Map([...(kept?.incidents ?? []), ...told.incidents].map((row) => [row.id, row]));
  const incidents = [...all.values()].sort((a, b) => Date.parse(b.ended_at) - Date.parse(a.ended_at) || b.id - a.id);
  const [since, until] = [told.since, told.until].map((at) => Date.parse(at));
  const isSame = kept?.last_since === told.since; // asked again: the same absence, counted once
  const twice = (kept?.incidents.length ?? 0) + told.incidents.length - all.size;
  const before = isSame ? kept.before_n : (kept?.n ?? 0) - twice;
  const n = Math.max(incidents.length, isSame ? kept.n : 0, before + told.n);
  return {
    since: kept && Date.parse(kept.since) < since ? kept.since : told.since,
    until: kept && Date.parse(kept.until) > until ? kept.until : told.until,
    n,
    last_since: told.since,
    before_n: before, // counted without the last absence
    incidents: incidents.slice(0, MISSED_LIMIT),
    left_s: MISSED_S,
  };
}

/** @param {Storage|null} storage @param {string} key */
export function createMemory(storage, key) {
  const read = () => {
    try {
      return JSON.parse(storage.getItem(key)) ?? {};
    } catch {
      return {};
    }
  };
  const { at = null, missed = null } = read();
  const memory = {
    /** The server's time of what was last painted here; null when nothing ever was. */
    at,
    /** As `mergeMissed` makes it, or null. */
    missed,
    hearMissed(told) {
      memory.missed = mergeMissed(memory.missed, told);
      memory.save();
    },
    /** `seconds` of real time went by. */
    pass(seconds) {
      if (!memory.missed) return;
      memory.missed.left_s -= seconds;
      if (memory.missed.left_s <= 0) memory.missed = null;
    },
    save() {
      try {
        storage.setItem(key, JSON.stringify({ at: memory.at, missed: memory.missed }));
      } catch {
        // full or refused: this page still knows, its successor will not
      }
    },
  };
  return memory;
}
