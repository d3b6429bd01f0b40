"""The canvas of marks lies exactly on the areas that MapLibre draws."""

from __future__ import annotations

import io

from PIL import Image

from tests.e2e.processes import wait_until

MEASURE = """async (area) => {
  const { fitView, MAP_PADDING_PX } = await import("/assets/js/projection.mjs");
  const config = (await (await fetch("/page/wall/config.json")).json()).map;
  const bounds = area ? config.area_bounds[area] : config.bounds;
  const box = document.getElementById("map-box");
  if (!box) return null;
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 10;
  const view = fitView(bounds, box.clientWidth, box.clientHeight, MAP_PADDING_PX * unit);
  const map = document.querySelector("#map-figure .js-plotly-plot")?._fullLayout?.map?._subplot?.map;
  if (!map?.loaded()) return null;
  const [outer, inner] = [box.getBoundingClientRect(), map.getCanvas().getBoundingClientRect()];
  const [west, south, east, north] = bounds;
  const places = [[west, south], [east, north], [west, north], [(west + east) / 2, (south + north) / 2]];
  const misses = places.map(([lon, lat]) => {
    const theirs = map.project([lon, lat]);
    const [x, y] = view.toPixels(lon, lat);
    return Math.hypot(theirs.x - x, theirs.y - y);
  });
  return Math.max(...misses, Math.abs(outer.left - inner.left), Math.abs(outer.top - inner.top));
}"""


def test_marks_meet_the_areas_at_both_sizes_of_the_wall(running, open_wall):
    """Corners and centre of the region, by our projection and by MapLibre's, differ by less than a pixel."""
    for width, height in ((1920, 1080), (1280, 720)):
        screen = open_wall(running, width=width, height=height)
        misses = []

        def measured(page=screen.page, misses=misses):
            misses.append(page.evaluate(MEASURE))
            return misses[-1] is not None

        wait_until(measured, 60, "the map drawn")
        assert misses[-1] < 1.0


NEAR = """title = "Near"
takes = "area"
[grid]
columns = ["1fr"]
rows = ["1fr"]
[[panel]]
kind = "map"
at = [1, 1]
marks = "clusters"
"""


def test_looking_at_one_area_marks_and_areas_still_meet(running, open_wall):
    """A scene of a municipality: its settlements have names, and MapLibre looks where the canvas does."""
    folder = running.home / "scenes"
    folder.mkdir(exist_ok=True)
    (folder / "near.toml").write_text(NEAR, encoding="utf-8")
    screen = open_wall(running, path="/wall?scene=near:kemerovo")
    wait = screen.page.wait_for_timeout
    misses = []

    def near():
        misses.append(screen.page.evaluate(MEASURE, "kemerovo"))
        return misses[-1] is not None and misses[-1] < 1.0

    wait_until(near, 60, "the map at the area", pause=lambda s: wait(1000 * s))
    words = screen.page.locator("#map-labels").inner_text()
    assert "Ягуновский" in words
    assert screen.page.locator("#scene").get_attribute("data-scene") == "near:kemerovo"
    assert not screen.complaints


def test_a_fresh_map_has_its_areas(running, open_wall):
    """The moment the map says that it is fresh its areas are painted: an empty ground would look like a calm region."""
    screen = open_wall(running)
    screen.wait_fresh()
    box = screen.page.evaluate(
        "(() => { const b = document.getElementById('map-box').getBoundingClientRect();"
        " return {x: b.x, y: b.y, width: b.width, height: b.height}; })()"
    )
    picture = Image.open(io.BytesIO(screen.page.screenshot(clip=box))).convert("RGB")
    counts = {pixel: n for n, pixel in picture.getcolors(maxcolors=2**24) or []}
    assert counts[picture.getpixel((2, 2))] / (picture.width * picture.height) < 0.8
