// Moments that are not the present one: where their snapshots come from, and following an archive that plays. What a
// moment shows is never touched by what comes over the line.

const EVERY_MS = 1000; // between two pictures of an archive that plays
const RETRY_MS = 3000;

/** Where the snapshot of a scene at a moment lies; `now` is the server's time, in milliseconds. */
export function addressOf(origin, ref, now) {
  const query = new URLSearchParams({ scene: ref });
  if (origin.kind !== "archive") return `/briefing/${encodeURIComponent(origin.id)}.json?${query}`;
  const played = (origin.speed ?? 0) * Math.max(0, now - Date.parse(origin.since ?? origin.at));
  query.set("at", new Date(Math.min(Date.parse(origin.at) + played, now)).toISOString());
  query.set("basis", origin.basis ?? "seen");
  if (origin.is_exercise) query.set("exercise", "1");
  return `/archive.json?${query}`;
}

/** The moment that a page was opened with, as an address; null for a live one. */
export function momentOf(asked, ref) {
  const query = ref ? `?${new URLSearchParams({ scene: ref })}` : "";
  if (asked.has("frozen")) return `/frozen/${encodeURIComponent(asked.get("frozen"))}.json${query}`;
  if (asked.has("briefing")) return `/briefing/${encodeURIComponent(asked.get("briefing"))}.json${query}`;
  if (!asked.has("at")) return null;
  return addressOf({ kind: "archive", at: asked.get("at"), basis: asked.get("basis"), is_exercise: asked.has("exercise") }, ref, Date.parse(asked.get("at")));
}

/** Where the next picture lies of an archive that a page was opened with and that plays since; null for one that stands. `monotonicMs` counts from when the page was opened. */
export function playing(asked, ref, monotonicMs) {
  const [speed, at] = [Number(asked.get("speed")), Date.parse(asked.get("at"))];
  if (!(speed > 0)) return null;
  return () => {
    const shown = at + speed * monotonicMs();
    return addressOf({ kind: "archive", at: new Date(shown).toISOString(), basis: asked.get("basis"), is_exercise: asked.has("exercise") }, ref, shown);
  };
}

/** @returns {(origin: object|null, ref: string) => void} called now and then with what the wall is told; `onMoment` hears a snapshot, or null: live */
export function createMoments({ fetchJson, now, monotonicMs, onMoment }) {
  let wanted = { origin: null, ref: null };
  let [isThere, isAsking, nextMs] = [false, false, 0];
  async function ask() {
    const { origin, ref } = wanted;
    isAsking = true;
    try {
      const snapshot = await fetchJson(addressOf(origin, ref, now()));
      if (wanted.origin !== origin || wanted.ref !== ref) return;
      isThere = true;
      nextMs = monotonicMs() + EVERY_MS;
      onMoment(snapshot);
    } catch (error) {
      console.warn("moment", error);
      nextMs = monotonicMs() + RETRY_MS;
    } finally {
      isAsking = false;
    }
  }
  return (origin, ref) => {
    const isLive = !origin || origin.kind === "live";
    const isOther = JSON.stringify(origin) !== JSON.stringify(wanted.origin) || ref !== wanted.ref;
    if (isOther) [wanted, isThere, nextMs] = [{ origin, ref }, false, 0];
    if (isLive && isOther) onMoment(null);
    if (!isLive && !isAsking && monotonicMs() >= nextMs && (!isThere || origin.speed > 0)) ask();
  };
}
