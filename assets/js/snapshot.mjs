// The button and the key «S»: asks the server for a picture of this very page and saves it.

const LIMITS = { width: [320, 7680], height: [240, 4320] };
const within = (value, [low, high]) => Math.round(Math.min(high, Math.max(low, value)));

/** `place` tells the scene that is shown, and where it comes from where that is not live. */
export function armSnapshot({ format, say, now, place }) {
  let busy = false;
  async function take() {
    if (busy) return;
    busy = true;
    say(format.t("snapshot.working"));
    try {
      const ratio = window.devicePixelRatio || 1;
      const query = new URLSearchParams({
        path: location.pathname,
        width: within(innerWidth * ratio, LIMITS.width),
        height: within(innerHeight * ratio, LIMITS.height),
      });
      const { ref, origin } = place();
      query.set("scene", ref);
      if (origin && origin.kind !== "live") query.set(origin.kind, origin.id ?? origin.at);
      const answer = await fetch(`/snapshot.png?${query}`);
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 160) || String(answer.status));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      const at = now();
      link.download = format.t("snapshot.file", { time: at === null ? "" : new Date(at).toISOString().slice(0, 19).replace(/:/g, "-") });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      say(format.t("snapshot.done"), 3000);
    } catch (error) {
      say(format.t("snapshot.failed", { why: error.message }), 8000);
    } finally {
      busy = false;
    }
  }
  document.getElementById("snapshot-button").addEventListener("click", take);
  document.addEventListener("keydown", (event) => {
    if (event.code === "KeyS" && !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey) take();
  });
}
