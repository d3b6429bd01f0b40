// The one reducer of frames. Pure: it inserts, replaces and removes, and never computes a number.
// Rows of `appeals` stand in the order of (feed_at, id), newest first, and are cut to the limit of the page;
// rows of `incidents` in the order of their id, newest first (never more than their limit: beyond it the server sends
// snapshots). tests/golden holds Python and JavaScript to one answer.

/** What to do with a frame when the page is at `state`: "apply", "drop" (seen already) or "gap" (ask again). */
export function decideFrame(state, frame) {
  if (!state || frame.epoch !== state.epoch || frame.from > state.seq) return "gap";
  if (frame.to <= state.seq) return "drop";
  return frame.from === state.seq ? "apply" : "gap";
}

/** Compare two RFC 3339 instants in UTC to the microsecond; as text they do not sort ("…00Z" > "…00.5Z"). */
export function compareInstants(a, b) {
  // Of one form, as the server writes nearly all of them, they do sort as text.
  if (a.length === b.length && a.endsWith("Z") && b.endsWith("Z")) return a === b ? 0 : a < b ? -1 : 1;
  const [wholeA, restA = ""] = a.replace(/Z|\+00:00$/, "").split(".");
  const [wholeB, restB = ""] = b.replace(/Z|\+00:00$/, "").split(".");
  if (wholeA !== wholeB) return wholeA < wholeB ? -1 : 1;
  const [fineA, fineB] = [restA.padEnd(6, "0"), restB.padEnd(6, "0")];
  return fineA === fineB ? 0 : fineA < fineB ? -1 : 1;
}

const ORDERS = {
  appeals: (a, b) => compareInstants(b.feed_at, a.feed_at) || b.id - a.id,
  incidents: (a, b) => b.id - a.id,
};

/** Merge changed rows into the others; rows that stand in order already cost one comparison each. */
function changeTable(rows, changes, order, limit) {
  const changed = new Map(changes.map((change) => [change.key, change])); // the last word about a row counts
  const put = [...changed.values()].filter((change) => change.op === "put").map((change) => change.row).sort(order);
  const kept = rows.filter((row) => !changed.has(String(row.id))).sort(order); // a snapshot may order them otherwise
  const merged = [];
  let at = 0;
  for (const row of put) {
    while (at < kept.length && order(kept[at], row) < 0) merged.push(kept[at++]);
    merged.push(row);
  }
  return merged.concat(kept.slice(at)).slice(0, limit);
}

/** Return the state of the page after `frame`, which must continue it (see decideFrame). */
export function reduce(state, frame) {
  const tables = { ...state.tables };
  for (const name of new Set(frame.rows.map((change) => change.table))) {
    const changes = frame.rows.filter((change) => change.table === name);
    tables[name] = changeTable(tables[name] ?? [], changes, ORDERS[name], state.limits[name] ?? Infinity);
  }
  return { ...state, seq: frame.to, at: frame.at, tables, values: { ...state.values, ...frame.values } };
}
