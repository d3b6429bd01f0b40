"""A scene file that is saved stands on the wall without a restart; one that is broken changes nothing and says so."""

from __future__ import annotations

import pytest

SOON_S = 30.0
_NEW = """
title = "Проба"
[grid]
columns = ["1fr", "1fr"]
rows = ["1fr"]
[[panel]]
kind = "flow"
at = [1, 1]
{params}
[[panel]]
kind = "incidents"
at = [2, 1]
"""
_PLACE_JS = """() => ({
  scene: document.getElementById("scene").dataset.scene,
  title: document.getElementById("head-scene").textContent,
  keys: [...document.querySelectorAll("[data-panel]")].map((panel) => panel.dataset.key).sort(),
})"""

# What is seen of the flow's figure from when its panel is of another scope until Plotly has other bars: only those
# moments count in which the bars are not the panel's own.
_WATCH_JS = """() => {
  window.switches = [];
  const panel = document.getElementById("flow");
  const figure = panel.querySelector(".flow-figure");
  let [key, before] = [panel.dataset.key, null];
  const texts = (list, text) => JSON.stringify([...list].map(text));
  window.bars = () => texts(panel.querySelector(".js-plotly-plot").data[0].y, (y) => String(y ?? ""));
  window.told = () => texts(panel.querySelectorAll("[data-kpi^='flow_received:']"), (cell) => cell.dataset.value);
  const note = () => {
    if (panel.dataset.key !== key) [key, before] = [panel.dataset.key, window.bars()];
    if (before !== window.bars()) before = null;
    else if (window.told() !== before) window.switches.push([key, getComputedStyle(figure).visibility]);
  };
  const attributeFilter = ["data-key", "data-state", "data-figure", "data-seq"];
  new MutationObserver(note).observe(panel, {attributes: true, attributeFilter});
}"""
_BARS_JS = """() => [
  getComputedStyle(document.querySelector("#flow .flow-figure")).visibility, window.told() === window.bars(),
]"""


@pytest.fixture
def product(make_product, tmp_path):
    (tmp_path / "scenes").mkdir()
    made = make_product(scenes=str(tmp_path / "scenes"))
    made.start().wait_healthy()
    return made


@pytest.mark.timeout(300)
def test_a_saved_scene_stands_on_the_wall_and_a_broken_one_changes_nothing(product, open_wall, tmp_path):
    """The wall, its screen by its own address, and a page that stays at a scene of a sector."""
    wall = open_wall(product)
    wall.wait_drawn(60)
    wall.page.evaluate(_WATCH_JS)
    shipped = wall.page.evaluate(_PLACE_JS)
    assert (shipped["scene"], len(shipped["keys"])) == ("overview", 10)
    mine = tmp_path / "scenes" / "overview.toml"

    def stands(keys):
        return lambda: wall.page.evaluate(_PLACE_JS)["keys"] == keys

    mine.write_text(_NEW.format(params=""), encoding="utf-8")
    wall.wait_until(stands(["flow", "incidents"]), SOON_S, "the saved scene")
    assert wall.page.evaluate(_PLACE_JS)["title"] == "Проба"
    mine.write_text(_NEW.format(params='sector = "housing"'), encoding="utf-8")
    wall.wait_until(stands(["flow@sector=housing", "incidents"]), SOON_S, "another key")
    wall.wait_until(lambda: wall.page.evaluate(_BARS_JS) == ["visible", True], SOON_S, "bars of the sector")
    wall.wait_fresh(60)
    mine.write_text(_NEW.format(params='sector = "nowhere"'), encoding="utf-8")
    wall.wait_until(lambda: "scene_unusable" in product.read_output(20_000), SOON_S, "what is wrong")
    assert "sector = 'nowhere' is unknown" in product.read_output(20_000)
    assert stands(["flow@sector=housing", "incidents"])()
    mine.unlink()
    wall.wait_until(stands(shipped["keys"]), SOON_S, "the shipped scene again")
    wall.wait_fresh(60)
    switches = wall.page.evaluate("window.switches")
    assert {tuple(seen) for seen in switches} == {("flow@sector=housing", "hidden"), ("flow", "hidden")}, (
        "never other bars"
    )
    assert (wall.complaints, wall.outside) == ([], [])


@pytest.mark.timeout(300)
def test_each_screen_has_an_address_and_a_page_may_stay_at_a_scene(running, open_wall):
    """No other address below the wall is a page."""
    screen = open_wall(running, path="/wall/main/1")
    screen.wait_fresh(60)
    assert screen.page.evaluate(_PLACE_JS)["scene"] == "overview"
    housing = open_wall(running, path="/wall?scene=sector:housing")
    housing.wait_fresh(60)
    told = housing.page.evaluate(_PLACE_JS)
    assert told["scene"] == "sector:housing"
    assert "flow" not in told["keys"]
    assert "open@sector=housing" in told["keys"]
    view = housing.view()
    assert "open_now@sector=housing" in view.values
    assert view.conflicts == ()
    assert not running.answers("/wall/main/0")
    assert not running.answers("/wall/main")
    assert (screen.complaints, housing.complaints) == ([], [])
    stranger = open_wall(running, path="/wall/main/7")
    stranger.wait_until(
        lambda: "экрану 7 ничего не назначено" in stranger.page.inner_text("#message"), 30, "it says that it is none"
    )
    assert screen.page.inner_text("#message") == ""
