// The page's watch on itself: a timer that background throttling does not slow.

const TICK_MS = 250;

/** Call `onTick({hung_s})` four times a second; `hung_s` once after this thread did not answer for five seconds. */
export function startTicks(onTick) {
  const ordinary = () => setInterval(() => onTick({}), TICK_MS); // no workers here: slower while nobody looks
  try {
    const worker = new Worker(new URL("./watch-worker.mjs", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      worker.postMessage(0);
      onTick(data);
    };
    worker.onerror = ordinary;
  } catch {
    ordinary();
  }
}
