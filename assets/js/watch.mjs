// The page's watch on itself: a timer that background throttling does not slow. A page that hangs gets its ticks late.

const TICK_MS = 250;

/** Call `onTick` four times a second. */
export function startTicks(onTick) {
  const ordinary = () => setInterval(onTick, TICK_MS); // no workers here: slower while nobody looks
  try {
    const worker = new Worker(new URL("./watch-worker.mjs", import.meta.url), { type: "module" });
    worker.onmessage = () => onTick();
    worker.onerror = ordinary;
  } catch {
    ordinary();
  }
}
