// The connection's own decisions, with a socket that does what the test says.
import assert from "node:assert/strict";
import test from "node:test";

import { createRetry } from "../../assets/js/retry.mjs";
import { connect, PROTOCOL_VERSION } from "../../assets/js/socket.mjs";

const V = { v: PROTOCOL_VERSION };

/** A page with its socket; `clock` is shared by the pages of one test. */
function open(t, options = {}, clock = { at: 0 }) {
  const handlers = {};
  const page = { states: [], hellos: [], missed: [], answers: 0, refused: 0, outgrown: 0, connects: [], walls: 1, at: 0, position: { view: "v", epoch: "e", seq: 5, at: "2026-03-02T05:00:00Z" } };
  const socket = {
    active: true,
    connected: true,
    on: (event, handler) => (handlers[event] = handler),
    emit: (_event, text) => page.hellos.push(JSON.parse(text)),
    connect: () => (page.connects.push(clock.at), options.onConnect?.(say)),
    io: { engine: { close: () => say("disconnect", "forced close") } },
  };
  const say = (event, payload) => {
    if (event === "connect") socket.connected = true;
    if (event === "disconnect") socket.connected = false;
    handlers[event](payload);
  };
  const line = connect(
    {
      page: "wall",
      place: () => ({ wall: "main", screen: "1", scene: null }),
      monotonicMs: () => clock.at,
      position: () => page.position,
      walls: () => page.walls,
      onSnapshot: () => {},
      onFrame: () => options.frameFits ?? true,
      onMissed: (told) => page.missed.push(told),
      onBeat: () => {},
      onAnswered: () => (page.answers += 1),
      onState: (name) => page.states.push(name),
      onRefused: () => (page.refused += 1),
      onOutgrown: () => (page.outgrown += 1),
      random: options.random,
    },
    () => socket,
  );
  return { page, socket, line, say, clock };
}

/** Let `ms` go by for the pages and their timers, in steps. */
function pass(t, clock, ms, step = 50) {
  for (let left = ms; left > 0; left -= step) {
    clock.at += step;
    t.mock.timers.tick(step);
  }
}

const withTimers = (t) => t.mock.timers.enable({ apis: ["setTimeout"] });

test("a wall that a full or changed server refuses asks again, and looks whether it still has the right", (t) => {
  withTimers(t);
  const { page, socket, say } = open(t);
  for (const [event, word] of [["connect_error", new Error("busy")], ["disconnect", "io server disconnect"]]) {
    const before = page.connects.length;
    socket.active = false; // the server's own no
    say(event, word);
    assert.equal(page.states.at(-1), "lost");
    t.mock.timers.tick(8000);
    assert.equal(page.connects.length, before + 1);
  }
  assert.equal(page.refused, 2);
});

test("a gap is asked about once in two seconds, from where the page stands", (t) => {
  withTimers(t);
  const { page, say, clock } = open(t, { frameFits: false });
  say("connect");
  for (let n = 0; n < 44; n += 1) (pass(t, clock, 100), say("frame", JSON.stringify(V)));
  assert.equal(page.hellos.length, 3);
  for (const hello of page.hellos) assert.deepEqual([hello.v, hello.page, hello.epoch, hello.seq], [PROTOCOL_VERSION, "wall", "e", 5]);
});

test("three beats that know more than the page are a lost frame; one is a frame on its way", (t) => {
  withTimers(t);
  const { page, say, clock } = open(t);
  say("connect");
  for (const seq of [6, 6]) (say("beat", JSON.stringify({ epoch: "e", seq })), pass(t, clock, 1000));
  assert.equal(page.hellos.length, 1);
  pass(t, clock, 1000);
  say("beat", JSON.stringify({ epoch: "e", seq: 6 }));
  assert.equal(page.hellos.length, 2);
});

test("a browser that is told to sync asks, also when it has just asked", (t) => {
  withTimers(t);
  const { page, say, clock } = open(t);
  say("connect");
  pass(t, clock, 500);
  say("sync", {});
  assert.equal(page.hellos.length, 1);
  pass(t, clock, 2000);
  assert.equal(page.hellos.length, 2);
});

test("what began and ended unseen is handed over", (t) => {
  const { page, say } = open(t);
  say("missed", JSON.stringify({ ...V, n: 1, incidents: [] }));
  assert.deepEqual(page.missed, [{ ...V, n: 1, incidents: [] }]);
});

test("an answer is told from the frames that come for all, and a question without one is asked again", (t) => {
  withTimers(t);
  const { page, line, say, clock } = open(t);
  const frame = (from, to) => say("frame", JSON.stringify({ ...V, from, to }));
  say("connect");
  frame(5, 9); // on a new line the first that fits is the answer
  assert.equal(page.answers, 1);
  line.hello();
  frame(9, 12); // was on its way already
  assert.equal(page.answers, 1);
  pass(t, clock, 4000);
  line.renew();
  assert.equal(page.hellos.length, 2);
  pass(t, clock, 1000);
  line.renew();
  assert.equal(page.hellos.length, 3);
  page.position.seq = 12;
  frame(12, 12);
  assert.equal(page.answers, 2);
  pass(t, clock, 6000);
  line.renew();
  assert.equal(page.hellos.length, 3);
});

test("words of another version are not read; the page hears that it is outgrown", (t) => {
  const { page, say } = open(t);
  say("snapshot", JSON.stringify({ v: PROTOCOL_VERSION + 1 }));
  assert.deepEqual([page.outgrown, page.states], [1, []]);
});

test("a line that brings nothing for eight seconds is given up, one that brings beats is not", (t) => {
  withTimers(t);
  const { page, line, say, clock } = open(t);
  say("connect");
  for (let n = 0; n < 20; n += 1) (pass(t, clock, 1000), say("beat", JSON.stringify({ epoch: "e", seq: 5 })), line.renew());
  assert.equal(page.states.includes("lost"), false);
  pass(t, clock, 9000);
  line.renew();
  assert.equal(page.states.at(-1), "lost");
  assert.equal(page.connects.length, 0);
  pass(t, clock, 1000);
  assert.equal(page.connects.length, 1);
});

// Random numbers that are the same in every run.
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

for (const away_s of [0.2, 2, 5, 30, 300]) {
  test(`500 walls whose server was away for ${away_s} s do not come back in the same second`, (t) => {
    withTimers(t);
    const clock = { at: 0 };
    const back = [];
    const random = dice(7 + away_s * 10);
    for (let n = 0; n < 500; n += 1) {
      const onConnect = (say) => {
        if (clock.at < away_s * 1000) say("connect_error", new Error("refused"));
        else (back.push(clock.at), say("connect"));
      };
      const wall = open(t, { onConnect, random }, clock);
      wall.page.walls = 500;
      wall.say("connect");
      wall.say("disconnect", "transport close");
    }
    pass(t, clock, away_s * 1000 + 12_000, 100);
    assert.equal(back.length, 500);
    back.sort((a, b) => a - b);
    const busiest = Math.max(...back.map((at, i) => back.filter((other) => other >= at && other < at + 1000).length));
    assert.ok(busiest < 0.15 * 500, `${busiest} of 500 in one second`);
  });
}

test("one wall alone is back within a second of a server that restarts in two", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const retry = createRetry(dice(seed));
    let at = 0;
    while (at < 2000) at += retry.next(1);
    assert.ok(at < 3000, `${at}`);
  }
});

test("pauses grow to ten seconds and no further, and begin anew after an answer", () => {
  const retry = createRetry(() => 0.999);
  const pauses = Array.from({ length: 12 }, () => retry.next(1));
  assert.ok(pauses.at(-1) <= 10_000 && pauses.at(-1) > 9000);
  retry.reset();
  assert.ok(retry.next(1) < 1000);
});
