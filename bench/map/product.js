// The product's own wall: when a message of its socket came, and when the map showed what it told.
(() => {
  const told = (window.told = { snapshotMs: null, frames: [] });
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const at = performance.now();
        if (typeof data !== "string") return;
        if (data.startsWith('42["snapshot"')) told.snapshotMs ??= at;
        const to = data.startsWith('42["frame"') && data.includes("appeals") && /\\?"to\\?":(\d+)/.exec(data);
        if (to) told.frames.push({ at, to: Number(to[1]) });
      });
    }
  };
  const canvas = () => document.getElementById("map-marks");
  window.run = {
    draw: async () => {
      const at = await watch.painted(() => told.snapshotMs && document.getElementById("map")?.dataset.state === "fresh" && canvas()?.dataset.seq);
      return at - told.snapshotMs;
    },
    /** How long the newest appeal took from its message to the canvas. */
    add: async () => {
      const { at, to } = await new Promise((resolve) => {
        const look = () => (told.frames.length ? resolve(told.frames.pop()) : setTimeout(look, 2));
        told.frames.length = 0;
        look();
      });
      return (await watch.painted(() => Number(canvas().dataset.seq) >= to)) - at;
    },
    move: (nearer) => theMap.zoomTo(nearer ? "kemerovsky-okrug" : null),
  };
})();
