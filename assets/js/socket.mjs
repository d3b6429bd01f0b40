// The connection: hello, snapshot, frame, beat of docs/architecture.md. WebSocket only. It holds no state of the page;
// it asks for it (`position`) and hands over what came.

import { io } from "../vendor/socket.io.esm.min.js";

const HELLO_PAUSE_MS = 2000; // one question at a time; asked again when nothing came
const BEHIND_BEATS = 3; // beats in a row that know more than the page: a frame was lost

const parse = (payload) => (typeof payload === "string" ? JSON.parse(payload) : payload);

/**
 * @param {{page: string, position: () => {epoch: string|null, seq: number|null},
 *   onSnapshot: Function, onFrame: (frame: object) => boolean, onBeat: Function, onState: Function,
 *   monotonicMs: () => number}} options `onFrame` returns false when the frame leaves a gap
 */
export function connect({ page, position, onSnapshot, onFrame, onBeat, onState, monotonicMs }) {
  let asked = -Infinity;
  let behind = 0;
  const socket = io({
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
  socket.on("disconnect", (reason) => {
    onState("lost");
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1000 + Math.random() * 2000);
  });
  socket.on("connect_error", () => onState("lost"));
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
