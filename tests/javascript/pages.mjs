// Pages without a browser, for tests written in Python (tests/pages.py): the real connection and the real reducer.
// A line of standard input is an instant and a list of orders, a line of standard output what became of each of them.
// Time stands: each line brings its own, and timers of the product run when an order says that their time has come.

import { createInterface } from "node:readline";

const timers = new Map();
let nowMs = 0;
let timersN = 0;
globalThis.setTimeout = (call, ms = 0) => {
  timersN += 1;
  timers.set(timersN, { call, dueMs: nowMs + ms });
  return timersN;
};
globalThis.clearTimeout = (id) => timers.delete(id);

const { connect } = await import("../../assets/js/socket.mjs");
const { compareInstants, decideFrame, reduce } = await import("../../assets/js/reduce.mjs");
const { createSeen } = await import("../../assets/js/seen.mjs");

const newestFirst = (a, b) => compareInstants(b.feed_at, a.feed_at) || b.id - a.id;

class Page {
  /** @param {Page} before the same page before it was loaded again: it keeps until when it was seen, and what was counted */
  constructor(scene, before) {
    this.scene = scene;
    this.state = null;
    this.memory = before?.memory ?? { at: null };
    this.until = createSeen(this.memory); // every word is painted at once, before people
    this.handlers = {};
    this.counts = before?.counts ?? { applied: 0, dropped: 0, gap: 0, snapshot: 0 };
    this.seen = before?.seen ?? new Set(); // incidents that were shown as open, ever
    this.missed = before?.missed ?? new Set(); // incidents that were told of as over
    this.shown = "";
    this.said = [];
    this.socket = {
      active: true,
      connected: false,
      io: { engine: { close: () => this.said.push(["close", ""]) } },
      on: (event, handler) => (this.handlers[event] = handler),
      emit: (event, text) => this.said.push([event, text]),
      connect: () => this.said.push(["connect", ""]),
    };
    this.line = connect(
      {
        page: "wall",
        place: () => ({ wall: "main", screen: "1", scene: this.scene }),
        monotonicMs: () => nowMs,
        walls: () => 1,
        position: () => ({ view: this.state?.view ?? null, epoch: this.state?.epoch ?? null, seq: this.state?.seq ?? null, at: this.memory.at }),
        onSnapshot: (snapshot) => this.take(snapshot, "snapshot"),
        onFrame: (frame) => this.takeFrame(frame),
        onMissed: (missed) => missed.incidents.forEach((row) => this.missed.add(row.id)),
        onBeat: (beat, isTip) => {
          if (isTip) this.until.hearBeat(beat);
          this.until.paint();
        },
        onAnswered: () => {
          this.until.answered();
          this.until.paint();
        },
        onState: (name) => {
          if (name !== "live") this.until.leave();
          this.shown = name;
        },
        onRefused: () => {},
        onOutgrown: () => {
          throw new Error("a message of another version");
        },
      },
      () => this.socket,
    );
    this.socket.connect(); // as the library does by itself
  }

  say(event, payload) {
    if (event === "connect") this.socket.connected = true;
    if (event === "disconnect") this.socket.connected = false;
    this.handlers[event]?.(payload);
  }

  takeFrame(frame) {
    const decision = decideFrame(this.state, frame);
    if (decision === "apply") this.take(reduce(this.state, frame), "applied");
    else this.counts[decision === "drop" ? "dropped" : "gap"] += 1;
    return decision !== "gap";
  }

  take(state, how) {
    const before = this.state;
    this.state = state;
    this.until.take(state.at);
    this.until.paint();
    this.counts[how] += 1;
    for (const row of state.tables.incidents) this.seen.add(row.id);
    this.check(before, how);
  }

  /** What may never be seen, not even for a moment. */
  check(before, how) {
    const { tables, limits, seq, epoch } = this.state;
    const fail = (what) => {
      throw new Error(`${what} at ${seq} after ${how}`);
    };
    if (before?.epoch === epoch && (seq < before.seq)) fail(`back from ${before.seq}`);
    for (const [name, rows] of Object.entries(tables)) {
      const told = new Map((before?.epoch === epoch ? before.tables[name] : []).map((row) => [row.id, row]));
      if (new Set(rows.map((row) => row.id)).size !== rows.length) fail(`a row of ${name} twice`);
      if (rows.length > limits[name]) fail(`too many ${name}`);
      if (rows.some((row) => told.has(row.id) && compareInstants(row.known_at, told.get(row.id).known_at) < 0)) fail(`an old row of ${name}`);
    }
    if (tables.appeals.some((row, i) => i > 0 && newestFirst(tables.appeals[i - 1], row) >= 0)) fail("appeals out of order");
  }
}

const pages = new Map();

/** Orders: open (a new page, or one that was loaded again), say (an event of its socket), time, show. */
function obey({ page: name, word, event, payload, scene = null }) {
  if (word === "open") pages.set(name, new Page(scene, pages.get(name)));
  const page = pages.get(name);
  if (word === "say") page.say(event, payload);
  if (word === "time") {
    for (const [id, timer] of [...timers])
      if (timer.dueMs <= nowMs && timers.delete(id)) timer.call();
    page.line.renew();
  }
  const all = word === "show" && { state: page.state, counts: page.counts, seen: [...page.seen], missed: [...page.missed] };
  return { page: name, said: page.said.splice(0), seq: page.state?.seq ?? null, shown: page.shown, ...all };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = [];
  try {
    const { at_ms: atMs, orders } = JSON.parse(line);
    nowMs = atMs;
    for (const order of orders) answers.push(obey(order));
  } catch (error) {
    answers.push({ error: String(error.stack) });
  }
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
