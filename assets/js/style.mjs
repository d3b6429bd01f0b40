// The operator's own map below the areas: asked for once; whoever asks decides what stands there without it.

const WAIT_MS = 5000;

/** A MapLibre style, from where it is; fails when nobody answers in time or what comes is none. */
export async function fetchStyle(told) {
  if (typeof told !== "string") return told;
  const answer = await fetch(told, { signal: AbortSignal.timeout(WAIT_MS), credentials: "omit" });
  const style = answer.ok ? await answer.json() : null;
  if (style?.version !== 8 || !Array.isArray(style.layers)) throw new Error(`${told}: no style`);
  return style;
}
