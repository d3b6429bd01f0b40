// The connection: hello, snapshot, frame, missed, beat and sync of docs/architecture.md. WebSocket only. It holds no state
// of the page; it asks for it (`position`) and hands over what came.

import { io } from "../vendor/socket.io.esm.min.js";
import { createRetry } from "./retry.mjs";

export const PROTOCOL_VERSION = 3;
const HELLO_PAUSE_MS = 2000; // one question at a time; asked again when nothing came
const REFUSED_PAUSE_MS = 5000; // a server that says no is asked again, or a full one would lose this wall for ever
const SILENT_LINE_MS = 8000; // a line that brings nothing for so long is given up, however open it looks
const RETURN_PAUSE_MS = 1000; // somebody looks again at a page without a line: it need not wait for its turn
const BEHIND_BEATS = 3; // beats in a row that know more than the page: a frame was lost
const UNANSWERED_MS = 5000; // a question that got no answer is asked again

/**
 * @param {{page: string, place: () => {wall: string, screen: string, scene: string|null},
 *   position: () => {view: string|null, epoch: string|null, seq: number|null, at: string|null},
 *   walls: () => number, onSnapshot: Function, onFrame: (frame: object) => boolean, onMissed: Function, onBeat: Function,
 *   onAnswered: Function, onState: Function, onRefused: Function, onOutgrown: Function, monotonicMs: () => number, random?: () => number}} options
 *   `place`: which screen this is and the scene that it wants; a hello with another scene is answered with its snapshot; `onFrame` returns false when the frame leaves a gap; `onAnswered`: a hello was answered, and what the answer brought is handed over;
 *   `walls` how many hang on this server
 * @param {Function} open makes the socket; a test passes its own
 * @returns {{hello: Function, renew: Function}} `hello` asks now where the page stands; `renew`, called now and then, asks again and gives up a silent line
 */
export function connect(options, open = io) {
  const { page, place, position, walls, onSnapshot, onFrame, onMissed, onBeat, onAnswered, onState, onRefused, onOutgrown, monotonicMs, random = Math.random } = options;
  const retry = createRetry(random);
  let asked = -Infinity;
  let behind = 0;
  let isOpen = false; // a question has no answer yet
  let isFollowing = false; // frames for all fit here, so that one that goes on need not be the answer
  let spoken = 0; // when the line last brought anything
  let waiting = null; // the next try to connect
  let postponed = null; // a question that comes too soon after the last
  const socket = open({ transports: ["websocket"], reconnection: false, timeout: 5000 });
  const read = (payload) => {
    spoken = monotonicMs();
    return typeof payload === "string" ? JSON.parse(payload) : payload;
  };
  const wait = (pauseMs) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => socket.connect(), pauseMs);
  };
  const hello = () => {
    clearTimeout(postponed);
    postponed = null;
    if (!socket.connected) return wait(RETURN_PAUSE_MS * random());
    asked = monotonicMs();
    isOpen = true;
    socket.emit("hello", JSON.stringify({ v: PROTOCOL_VERSION, page, ...place(), ...position() }));
  };
  const helloAgain = () => {
    const rest = asked + HELLO_PAUSE_MS - monotonicMs();
    if (rest > 0) {
      postponed ??= setTimeout(helloAgain, rest);
      return;
    }
    onState("syncing");
    isFollowing = false;
    hello();
  };
  const answered = (isAnswer) => {
    isFollowing = true;
    if (isOpen && isAnswer) onAnswered();
    isOpen &&= !isAnswer;
  };
  const isOurs = (told) => {
    if (told.v === PROTOCOL_VERSION) return true;
    onOutgrown();
    return false;
  };
  const live = () => {
    retry.reset();
    onState("live");
  };
  socket.on("connect", () => {
    spoken = monotonicMs();
    isFollowing = false;
    onState("syncing");
    hello();
  });
  const away = () => {
    onState("lost");
    const isRefused = !socket.active; // the server's own no, not a broken line
    if (isRefused) onRefused();
    wait(isRefused ? REFUSED_PAUSE_MS * (0.5 + random()) : retry.next(walls()));
  };
  socket.on("disconnect", away);
  socket.on("connect_error", away);
  socket.on("snapshot", (payload) => {
    const snapshot = read(payload);
    if (!isOurs(snapshot)) return;
    clearTimeout(postponed);
    [behind, postponed] = [0, null];
    onSnapshot(snapshot);
    answered(true);
    live();
  });
  socket.on("frame", (payload) => {
    const frame = read(payload);
    if (!isOurs(frame)) return;
    const isNew = frame.to > position().seq;
    if (!onFrame(frame)) return helloAgain();
    answered(!isFollowing || !isNew);
    live();
  });
  socket.on("missed", (payload) => {
    const missed = read(payload);
    if (isOurs(missed)) onMissed(missed);
  });
  socket.on("sync", helloAgain);
  socket.on("beat", (payload) => {
    const beat = read(payload);
    const mine = position();
    const isTip = beat.epoch === mine.epoch && beat.seq <= mine.seq;
    onBeat(beat, isTip);
    behind = isTip ? 0 : behind + 1;
    if (isTip) live();
    else if (behind >= BEHIND_BEATS) helloAgain();
  });
  const renew = () => {
    if (!socket.connected) return;
    if (isOpen && monotonicMs() - asked >= UNANSWERED_MS) hello();
    if (monotonicMs() - spoken < SILENT_LINE_MS) return;
    spoken = monotonicMs();
    socket.io.engine.close();
  };
  return { hello, renew };
}
