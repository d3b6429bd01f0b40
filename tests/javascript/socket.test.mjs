// The connection's own decisions, with a socket that does what the test says.
import assert from "node:assert/strict";
import test from "node:test";

import { connect } from "../../assets/js/socket.mjs";

function open(t, options = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const handlers = {};
  const page = { states: [], hellos: [], refused: 0, connects: 0, at: 0, position: { epoch: "e", seq: 5 } };
  const socket = {
    active: true,
    on: (event, handler) => (handlers[event] = handler),
    emit: (_event, text) => page.hellos.push(JSON.parse(text)),
    connect: () => (page.connects += 1),
  };
  connect(
    {
      page: "wall",
      monotonicMs: () => page.at,
      position: () => page.position,
      onSnapshot: () => {},
      onFrame: () => options.frameFits ?? true,
      onBeat: () => {},
      onState: (name) => page.states.push(name),
      onRefused: () => (page.refused += 1),
    },
    () => socket,
  );
  return { page, socket, say: (event, payload) => handlers[event](payload) };
}

test("a wall that a full or changed server refuses asks again, and looks whether it still has the right", (t) => {
  const { page, socket, say } = open(t);
  for (const [event, word] of [["connect_error", new Error("busy")], ["disconnect", "io server disconnect"]]) {
    const before = page.connects;
    socket.active = false; // the library gives up after the server's own no
    say(event, word);
    assert.equal(page.states.at(-1), "lost");
    t.mock.timers.tick(8000);
    assert.equal(page.connects, before + 1);
  }
  assert.equal(page.refused, 2);
});

test("a broken line is left to the library", (t) => {
  const { page, say } = open(t);
  say("disconnect", "transport close");
  t.mock.timers.tick(60_000);
  assert.deepEqual([page.states, page.connects, page.refused], [["lost"], 0, 0]);
});

test("a gap is asked about once in two seconds, from where the page stands", (t) => {
  const { page, say } = open(t, { frameFits: false });
  say("connect");
  for (page.at = 100; page.at < 4500; page.at += 100) say("frame", "{}");
  assert.deepEqual(page.hellos, Array(3).fill({ v: 1, page: "wall", epoch: "e", seq: 5 }));
});

test("three beats that know more than the page are a lost frame; one is a frame on its way", (t) => {
  const { page, say } = open(t);
  say("connect");
  for (const seq of [6, 6]) say("beat", JSON.stringify({ epoch: "e", seq })), (page.at += 1000);
  assert.equal(page.hellos.length, 1);
  page.at += 1000;
  say("beat", JSON.stringify({ epoch: "e", seq: 6 }));
  assert.equal(page.hellos.length, 2);
});
