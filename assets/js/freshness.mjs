// How old is too old. Pure; the same decisions as svodka/domain/freshness.py, held together by tests/golden.
// Age counts from the last complete poll, never from the newest record.

/** State of a source by its age in seconds (null: it was never read completely) and its limits. */
export function decideSourceState(age, limits) {
  if (age === null || age >= limits.dead_s) return "dead";
  if (age >= limits.stale_s) return "stale";
  return age >= limits.ageing_s ? "ageing" : "fresh";
}

/** State of a panel fed by `sources` ({age_s, limits, cover}). */
export function decidePanelState(sources, partialMinCover) {
  const states = sources.map((source) => decideSourceState(source.age_s, source.limits));
  const blind = states.map((state) => state === "stale" || state === "dead");
  const allBlind = blind.every(Boolean);
  if (states.length && !blind.includes(true)) return states.includes("ageing") ? "ageing" : "fresh";
  const sum = (chosen) => chosen.reduce((total, source) => total + source.cover, 0);
  const whole = sum(sources);
  const seen = sum(sources.filter((_, index) => !blind[index]));
  if (whole > 0 && seen / whole >= partialMinCover && !allBlind) return "partial";
  return states.includes("stale") || !allBlind ? "stale" : "dead";
}

/** Seconds since the last complete poll of the oldest source; Infinity where one never answered, null without sources. */
export const oldestAge = (sources) => (sources.length ? Math.max(...sources.map((source) => source.age_s ?? Infinity)) : null);

/** Everything a panel says about its age: state, as-of, the blind sources and how long they have been silent. */
export function readFreshness(sources, views, now, partialMinCover) {
  const read = sources.map((source) => {
    const at = views.get(source.id)?.last_complete_at ?? null;
    const since = at === null ? null : Date.parse(at);
    // A poll in the future means that a clock was set back: how old it is nobody knows, but it is not fresh for hours.
    const age = since === null ? null : Math.abs(now - since) / 1000;
    return { ...source, at, since, age_s: age, state: decideSourceState(age, source.limits) };
  });
  const isBlind = (source) => source.state === "stale" || source.state === "dead";
  const seeing = read.filter((source) => !isBlind(source) && source.at !== null);
  const known = read.filter((source) => source.at !== null);
  const pick = (list, better) => list.reduce((a, b) => (a && !better(b, a) ? a : b), null);
  const state = decidePanelState(read, partialMinCover);
  const isBlindWhole = state === "stale" || state === "dead";
  // What is shown holds everything up to the slowest source that still speaks; a blind panel everything up to the
  // last word of those whose silence made it blind.
  const asOf = isBlindWhole
    ? (pick(known.filter(isBlind), (a, b) => a.since > b.since) ?? pick(known, (a, b) => a.since > b.since))
    : pick(seeing, (a, b) => a.since < b.since);
  return {
    state,
    sources: read,
    blind: read.filter(isBlind),
    as_of: asOf?.at ?? "",
    age_s: asOf?.age_s ?? null,
    oldest_s: seeing.length ? Math.max(...seeing.map((source) => source.age_s)) : null,
  };
}
