// A clock of its own thread: browsers slow the timers of pages that nobody looks at.

const TICK_MS = 250;

setInterval(() => postMessage(0), TICK_MS);
