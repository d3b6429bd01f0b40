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

const hasFigure = (id) => Boolean(document.querySelector(`#${id}-figure .main-svg`));

export async function waitUntilReady({ wall, t, render }) {
  const [map, others] = [true, false].map((isMap) => wall.panels().filter(({ kind }) => (kind === "map") === isMap));
  await until(() => others.every((panel) => panel.root.dataset.state !== "loading") && map.every((panel) => "known" in panel.root.dataset));
  for (const panel of others) if (panel.root.dataset.state === "loading") wall.fail(panel.id, t("state.not_ready.data"));
  const isKnown = ({ root }) => root.dataset.known === "something";
  await until(() => others.filter((panel) => panel.hasFigure && isKnown(panel)).every(({ id }) => hasFigure(id)));
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
