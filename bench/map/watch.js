// What every measured page has: when something is painted, and how long its frames take.
// An element of one pixel changes its width in every frame; its ResizeObserver runs when all callbacks of the frame have
// run, and a message posted there is handled after the paint (docs/adr/0120).
(() => {
  const waiting = [];
  const channel = new MessageChannel();
  const done = [];
  channel.port1.onmessage = () => done.splice(0).forEach((resolve) => resolve(performance.now()));
  const look = () => {
    for (const one of [...waiting]) {
      if (!one.isThere()) continue;
      waiting.splice(waiting.indexOf(one), 1);
      done.push(one.resolve);
    }
    if (done.length) channel.port2.postMessage(0);
  };
  const frames = [];
  const begin = () => {
    const bell = document.createElement("div");
    Object.assign(bell.style, { position: "fixed", left: "0", bottom: "0", width: "1px", height: "1px", visibility: "hidden", contain: "strict" });
    document.documentElement.append(bell);
    new ResizeObserver(look).observe(bell);
    let side = 1;
    const tick = (at) => {
      frames.push(at);
      if (frames.length > 10000) frames.splice(0, 5000);
      bell.style.width = `${(side = 3 - side)}px`;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  };
  addEventListener("DOMContentLoaded", begin);
  window.watch = {
    /** Resolves with the time at which what `isThere` tells of was painted. */
    painted: (isThere) => new Promise((resolve) => waiting.push({ isThere, resolve })),
    /** Milliseconds between the frames from now on, for a while. */
    frames: async (ms) => {
      const from = frames.length;
      await new Promise((resolve) => setTimeout(resolve, ms));
      const seen = frames.slice(from);
      return seen.slice(1).map((at, i) => at - seen[i]);
    },
  };
})();
