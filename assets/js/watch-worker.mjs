// A clock of its own thread: browsers slow the timers of pages that nobody looks at, and a page that hangs has none.
// It asks the page four times a second; what the page did not answer for long it tells afterwards.

const TICK_MS = 250;
const HANG_MS = 5000;
let answered = performance.now();

addEventListener("message", () => {
  const silence = performance.now() - answered;
  answered = performance.now();
  if (silence > HANG_MS) postMessage({ hung_s: silence / 1000 });
});
setInterval(() => postMessage({}), TICK_MS);
