// Following a presenter: another page is shown once, an end takes the picture away, a lost server is asked again.
import assert from "node:assert/strict";
import test from "node:test";

import { follow } from "../../assets/js/follow.mjs";
import { renderAnnotations } from "../../assets/js/panels/annotations.mjs";

/** A server that answers from a list of where the presenter stands; a number is a refusal with that status. */
function run(places) {
  const told = { said: [], pages: [], ended: 0, asked: [] };
  const fetchJson = async (path) => {
    told.asked.push(path);
    if (!path.includes("now.json")) return { path };
    const place = places.shift();
    if (typeof place === "number") throw Object.assign(new Error(String(place)), { status: place });
    return place;
  };
  const wait = (look) => (places.length ? look() : null);
  const options = { id: "2026-11-22-0930-7f3a", fetchJson, wait, t: (key) => key, say: (text) => told.said.push(text), onPage: (snapshot) => told.pages.push(snapshot.path), onEnd: () => (told.ended += 1) };
  return follow(options).then(() => told);
}

test("a page is fetched when the presenter goes on, and only then", async () => {
  const at = (rev, scene) => ({ rev, scene, is_shown: true });
  const told = await run([at(1, "overview"), at(1, "overview"), at(2, "sector:housing"), at(2, "sector:housing")]);
  assert.deepEqual(told.pages, ["/briefing/2026-11-22-0930-7f3a.json?scene=sector%3Ahousing"]);
  assert.deepEqual(told.said, ["", "", "", ""]);
});

test("whoever lost the right sees nothing more and asks nothing more", async () => {
  const told = await run([{ rev: 1, scene: "overview", is_shown: true }, 403, { rev: 2, scene: "sources", is_shown: true }]);
  assert.equal(told.ended, 1);
  assert.deepEqual(told.pages, []);
});

test("a server that is away is asked again, and a briefing that rests says so", async () => {
  const told = await run([500, { rev: 1, scene: "overview", is_shown: false }]);
  assert.deepEqual(told.said, ["follow.lost", "follow.rest"]);
  assert.equal(told.ended, 0);
});

test("text boxes stand on the grid of the scene as text", () => {
  const [box] = renderAnnotations([{ text: "<b>Мост</b>", column: 5, row: 7, span: 4 }]);
  assert.equal(box.props.style.gridArea, "7 / 5 / span 1 / span 4");
  assert.equal(box.props.children[0].props.children[0], "<b>Мост</b>");
  const [mirrored] = renderAnnotations([{ text: "Мост", column: 1, row: 7, span: 4 }], true);
  assert.equal(mirrored.props.style.gridArea, "7 / 9 / span 1 / span 4", "with the columns from right to left it stays with its panel");
  assert.deepEqual(renderAnnotations(undefined), []);
});
