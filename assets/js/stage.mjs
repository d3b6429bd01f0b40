// What a wall is told by its director, done on the page: look, pointer, message, dimming, place on the glass. Which scene and
// moment it shows is decided in live.mjs.

const UNTOLD_MS = 40_000; // longer than a poller may be silent until it counts as away
const MIRRORED = { isMirrored: true };
const STRAIGHT = { isMirrored: false };

/** Which wall and screen a page is: `/wall/<name>/<screen>`, of the main wall's first screen where nothing is said. */
export function placeOf(pathname) {
  const [, , wall = "main", screen = "1"] = pathname.split("/");
  return { wall: wall || "main", screen: screen || "1" };
}

/** Whether the server must be asked for a scene: `asked` it was for another one last, also where that answer is still on its way. */
export const isOtherScene = (wanted, asked, shown) => wanted !== asked && !(asked === null && wanted === shown);

/** Whether nothing is meant for a screen: its wall has others, or a poller that was there for so long told the wall nothing. */
export const isUnplaced = ({ screens }, screen, untoldMs) => !(screen in screens) && (Object.keys(screens).length > 0 || untoldMs > UNTOLD_MS);

/** What places panels: the same object while nothing of it changes. */
export const layoutOf = (stage) => (stage.mirrored ? MIRRORED : STRAIGHT);

/** @returns {(stage: object, panels: object[]) => boolean} does what `stage` says; true when colours are others now */
export function createDirected({ document, put, asked }) {
  const html = document.documentElement;
  const [scene, dim] = ["scene", "dim"].map((id) => document.getElementById(id));
  const own = { theme: asked.get("theme"), vision: asked.get("vision") }; // a page that was opened with a look keeps it
  return (stage, panels) => {
    const look = { theme: own.theme ?? stage.theme ?? "dark", vision: own.vision ?? (stage.vision === "low" ? "low" : "usual") };
    const isOther = Object.entries(look).some(([name, value]) => (html.dataset[name] ?? (name === "theme" ? "dark" : "usual")) !== value);
    Object.assign(html.dataset, look);
    const [x, y] = stage.shift ?? [0, 0];
    scene.style.transform = x || y ? `translate(${x / 10}rem, ${y / 10}rem)` : "";
    scene.dataset.mirrored = String(Boolean(stage.mirrored));
    dim.style.opacity = String((stage.dim ?? 0) / 100);
    put("message", stage.message ? stage.message : []);
    for (const { kind, root } of panels) root.classList.toggle("is-pointed", kind === stage.pointed);
    return isOther;
  };
}
