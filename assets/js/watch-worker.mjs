// A clock of its own thread, four times a second: browsers slow the timers of pages that nobody looks at.

setInterval(() => postMessage(0), 250);
