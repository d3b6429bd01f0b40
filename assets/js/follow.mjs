// Following a presenter: asks every second where he stands and shows that page of the briefing. What is shown is frozen; no
// live message can touch it.

const EVERY_MS = 1000;

/**
 * @param {{id: string, fetchJson: (path: string) => Promise<object>, say: (text: string) => void, onPage: (snapshot: object) => void, onEnd: () => void, t: (key: string) => string}} options
 *   `onPage` hears another page's snapshot, `onEnd` that the right to see it is gone
 */
export function follow({ id, fetchJson, say, onPage, onEnd, t, wait = (call) => setTimeout(call, EVERY_MS) }) {
  const base = `/briefing/${encodeURIComponent(id)}`;
  let shown = ""; // page and revision that stand on the screen
  const look = async () => {
    try {
      const now = await fetchJson(`${base}/now.json`);
      const wanted = `${now.rev} ${now.scene}`;
      if (shown !== wanted) {
        if (shown) onPage(await fetchJson(`${base}.json?${new URLSearchParams({ scene: now.scene })}`));
        shown = wanted;
      }
      say(now.is_shown ? "" : t("follow.rest"));
    } catch (error) {
      if (error.status === 403) return onEnd();
      say(t("follow.lost"));
    }
    return wait(look);
  };
  return look();
}
