// The connection: hello, snapshot, frame, beat of docs/architecture.md. WebSocket only. It holds no state of the page;
// it asks for it (`position`) and hands over what came.

import { io } from "../vendor/socket.io.esm.min.js";

const HELLO_PAUSE_MS = 2000; // one question at a time; asked again when nothing came
const REFUSED_PAUSE_MS = 5000; // a server that says no is asked again, or a full one would lose this wall for ever
const BEHIND_BEATS = 3; // beats in a row that know more than the page: a frame was lost

const parse = (payload) => (typeof payload === "string" ? JSON.parse(payload) : payload);

/**
 * @param {{page: string, position: () => {epoch: string|null, seq: number|null},
 *   onSnapshot: Function, onFrame: (frame: object) => boolean, onBeat: Function, onState: Function,
 *   onRefused: Function, monotonicMs: () => number}} options `onFrame` returns false when the frame leaves a gap
 * @param {Function} open makes the socket; a test passes its own
 */
export function connect({ page, position, onSnapshot, onFrame, onBeat, onState, onRefused, monotonicMs }, open = io) {
  let asked = -Infinity;
  let behind = 0;
  const socket = open({
    transports: ["websocket"],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    randomizationFactor: 0.5, // walls that lost one server do not come back in step
    timeout: 5000,
  });
  const hello = () => {
    asked = monotonicMs();
    socket.emit("hello", JSON.stringify({ v: 1, page, ...position() }));
  };
  const helloAgain = () => {
    if (monotonicMs() - asked < HELLO_PAUSE_MS) return;
    onState("syncing");
    hello();
  };
  socket.on("connect", () => {
    onState("syncing");
    hello();
  });
  const away = () => {
    onState("lost");
    if (socket.active) return; // the library tries again by itself
    onRefused();
    setTimeout(() => socket.connect(), REFUSED_PAUSE_MS * (0.5 + Math.random()));
  };
  socket.on("disconnect", away);
  socket.on("connect_error", away);
  socket.on("snapshot", (payload) => {
    behind = 0;
    onSnapshot(parse(payload));
    onState("live");
  });
  socket.on("frame", (payload) => {
    if (onFrame(parse(payload))) onState("live");
    else helloAgain();
  });
  socket.on("beat", (payload) => {
    const beat = parse(payload);
    const mine = position();
    onBeat(beat);
    behind = beat.epoch === mine.epoch && beat.seq <= mine.seq ? 0 : behind + 1;
    if (behind === 0) onState("live");
    else if (behind >= BEHIND_BEATS) helloAgain();
  });
  return socket;
}
