// When a page that has been open for long, or that the server has outgrown, begins again: never at the price of a wall that
// shows nothing. The decision is pure.

const DAY_S = 86_400;
const OLD_S = 7 * DAY_S;
const HEAP_BYTES = 400e6;
const QUIET_S = 600; // since the last new incident
const LATE_QUIET_S = 60; // the same, after a day of waiting
const FORCED_S = 30; // a page is not younger than this when it gives way at once, or two versions would reload in haste
const NIGHT = [2, 5]; // local hours
const NO_RIGHT = 403;

/** Why the page should begin again: "incompatible", "changed", "old", "heap", or null. */
export function findReason({ is_incompatible, is_changed, open_s, heap_bytes }) {
  if (is_incompatible) return "incompatible";
  if (is_changed) return "changed";
  if (open_s >= OLD_S) return "old";
  return heap_bytes >= HEAP_BYTES ? "heap" : null;
}

/** Whether now is the moment. What the server refuses cannot wait; all else waits for a quiet one. */
export function mayRenew({ reason, open_s, waited_s, is_live, banner, since_incident_s, hour }) {
  if (reason === null) return false;
  if (reason === "incompatible") return open_s >= FORCED_S;
  if (!is_live || banner) return false;
  const isLate = waited_s >= DAY_S;
  if (since_incident_s < (isLate ? LATE_QUIET_S : QUIET_S)) return false;
  return reason === "changed" || isLate || (hour >= NIGHT[0] && hour < NIGHT[1]);
}

/**
 * @param {{fetchConfig: () => Promise<object>, config: object, situation: () => object, reload: () => void,
 *   fetchPage: () => Promise<boolean>, monotonicMs: () => number}} options
 */
export function createRenewal({ fetchConfig, config, situation, reload, fetchPage, monotonicMs }) {
  const opened = monotonicMs();
  const withoutScenes = ({ scenes, ...rest }) => JSON.stringify(rest); // another scene is shown without beginning again
  const known = withoutScenes(config);
  let [isChanged, isIncompatible, since, isAsking] = [false, false, null, false];
  async function consider() {
    const open_s = (monotonicMs() - opened) / 1000;
    const reason = findReason({ is_incompatible: isIncompatible, is_changed: isChanged, open_s, heap_bytes: performance.memory?.usedJSHeapSize ?? 0 });
    if (reason === null) since = null;
    else since ??= open_s;
    const isNow = mayRenew({ ...situation(), reason, open_s, waited_s: open_s - (since ?? open_s) });
    // A page that let itself go while the server is away would be an empty screen until somebody comes.
    if (isNow && (await fetchPage())) reload();
  }
  return {
    /** Ask what the page rests on; `isRefused`: the server does not want this page as it is. */
    async check(isRefused = false) {
      if (isAsking) return;
      isAsking = true;
      try {
        isChanged = withoutScenes(await fetchConfig()) !== known;
        isIncompatible ||= isRefused && isChanged;
        await consider();
      } catch (error) {
        // A wall whose right was taken away says so, and keeps nothing on the glass. No answer: the next check asks again.
        if (isRefused && error.status === NO_RIGHT) reload();
      } finally {
        isAsking = false;
      }
    },
    /** The server speaks another version of the protocol. */
    outgrown() {
      isIncompatible = true;
      return this.check();
    },
    consider,
  };
}
