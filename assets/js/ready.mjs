// When a frozen page may be pictured: fonts loaded, figures drawn, map idle, no panel loading. What cannot get ready
// within its time says why in its place; a picture never shows a spinner.

import { isMapIdle } from "./map.mjs";

const LIMIT_MS = 10_000;
const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));

async function until(condition, limitMs = LIMIT_MS) {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > limitMs) return false;
    await frame();
  }
  return true;
}

/** Whether a panel's chart is drawn: its frame stands before anything is in it, and what another scene drew is hidden. */
const isDrawn = ({ id, root }) => !root.dataset.figure && Boolean(document.querySelector(`#${id}-figure .main-svg .trace`));

export async function waitUntilReady({ wall, t, render }) {
  const [map, others] = [true, false].map((isMap) => wall.panels().filter(({ kind }) => (kind === "map") === isMap));
  await until(() => others.every((panel) => panel.root.dataset.state !== "loading") && map.every((panel) => "known" in panel.root.dataset));
  for (const panel of others) if (panel.root.dataset.state === "loading") wall.fail(panel.id, t("state.not_ready.data"));
  const isKnown = ({ root }) => root.dataset.known === "something";
  const undrawn = () => others.filter((panel) => panel.hasFigure && isKnown(panel) && !isDrawn(panel));
  await until(() => undrawn().length === 0);
  for (const panel of undrawn()) wall.fail(panel.id, t("state.not_ready.figure"));
  const hasMap = wall.canDrawAreas && map.some(isKnown);
  if (hasMap && !(await until(isMapIdle))) wall.fail("map", t("state.not_ready.map"));
  render();
  // Two frames: one in which React commits, one in which the browser paints.
  await frame();
  render();
  await frame();
  await frame();
  document.documentElement.dataset.ready = "true";
}
