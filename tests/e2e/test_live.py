"""What happens in a feedback system is on the wall without a reload, and a picture shows the same numbers."""

from __future__ import annotations

import io
import sqlite3
from datetime import date
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from PIL import Image

from layouts import WALLS
from svodka.domain.codec import decode_as
from svodka.reports.collect import PictureFacts
from svodka.reports.png_text import read_text
from tests.e2e.demonstration import Truth, at_local, load_demonstration, write_fast_sources

DAY = date(2026, 11, 18)  # a Wednesday
# Remembers on the page which numbers it showed at which seq.
REMEMBER_JS = """() => {
  window.shownAt = {};
  const remember = () => {
    const panels = [...document.querySelectorAll("[data-panel]")];
    const seqs = new Set(panels.map((panel) => panel.dataset.seq));
    if (seqs.size === 1) {
      const values = {};
      for (const el of document.querySelectorAll("[data-kpi]"))
        values[el.dataset.kpi] = el.dataset.value === "" ? null : Number(el.dataset.value);
      window.shownAt[[...seqs][0]] = values;
    }
    requestAnimationFrame(remember);
  };
  remember();
}"""


# How opaque the canvas of marks is where each of the given places ([lon, lat]) stands on the map.
OPACITY_JS = """async (places) => {
  const { fitView, MAP_PADDING_PX } = await import("/assets/js/projection.mjs");
  const { bounds } = (await (await fetch("/page/wall/config.json")).json()).map;
  const box = document.getElementById("map-box");
  const canvas = document.querySelector("#map-marks");
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 10;
  const view = fitView(bounds, box.clientWidth, box.clientHeight, MAP_PADDING_PX * unit);
  const scale = canvas.width / canvas.getBoundingClientRect().width;
  const copy = Object.assign(document.createElement("canvas"), {width: canvas.width, height: canvas.height});
  const pen = copy.getContext("2d", {willReadFrequently: true});
  pen.drawImage(canvas, 0, 0);
  return places.map(([lon, lat]) => {
    const [x, y] = view.toPixels(lon, lat);
    return pen.getImageData(Math.round(x * scale), Math.round(y * scale), 1, 1).data[3];
  });
}"""


def load_appeals(product):
    """What the database holds of every appeal: our id, its source's id, and its place."""
    connection = sqlite3.connect(f"file:{product.home / 'svodka.sqlite3'}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT id, foreign_id, lat, lon FROM appeals").fetchall()
    finally:
        connection.close()


def load_foreign_ids(product, ids):
    """The sources' own ids of our ids."""
    by_id = {str(ours): foreign for ours, foreign, _lat, _lon in load_appeals(product)}
    return {by_id[one] for one in ids}


@pytest.mark.timeout(240)
def test_an_appeal_in_the_simulator_becomes_a_row_a_mark_and_a_number(make_product, open_wall, tmp_path):
    """The clock moves by ten minutes; exactly the appeals that the simulator made then are new on the open page."""
    sources = write_fast_sources(tmp_path)
    profile = load_demonstration(sources)
    before, after = at_local(profile, DAY, 10), at_local(profile, DAY, 10, 10)
    truth = Truth(profile, first_poll_at=before)
    known = {row["foreign_id"] for row in truth.appeals(before)}
    new = [row for row in truth.appeals(after) if row["foreign_id"] not in known]
    assert new, "choose another ten minutes"

    product = make_product(sources=str(sources))
    product.set_clock(before)
    product.start().wait_healthy()
    screen = open_wall(product)
    screen.wait_fresh()
    truth.wait_shown(screen, before)
    screen.page.evaluate("window.isSamePage = true")
    old_rows, old_marks = set(screen.view().appeals), screen.read_marks()

    product.set_clock(after)
    truth.wait_shown(screen, after)
    rows = set(screen.view().appeals) - old_rows
    assert rows
    newest = {row["foreign_id"] for row in sorted(new, key=lambda row: row["received_at"])[-len(rows) :]}
    assert load_foreign_ids(product, rows) == newest
    expected, earlier = truth.numbers(after), truth.numbers(before)
    assert expected["received_today"] > earlier["received_today"]
    assert screen.view().values["received_today"] == expected["received_today"]
    new_ids = {row["foreign_id"] for row in new}
    places = [[lon, lat] for _, foreign, lat, lon in load_appeals(product) if foreign in new_ids and lat is not None]
    assert places
    screen.wait_until(lambda: screen.read_marks() != old_marks, 5, "the marks changed")
    assert min(screen.page.evaluate(OPACITY_JS, places)) > 0
    assert screen.page.evaluate("window.isSamePage") is True
    assert screen.complaints == []


def take_picture(product, query="path=/wall&width=1920&height=1080"):
    with urlopen(f"{product.url}/snapshot.png?{query}", timeout=120) as answer:
        assert answer.headers["Content-Type"] == "image/png"
        return answer.read()


@pytest.mark.timeout(300)
def test_a_picture_shows_the_numbers_of_the_live_page_at_the_same_seq(running, open_wall):
    """Every value, at one of the positions that the live page stood at; the size is as asked."""
    screen = open_wall(running)
    screen.wait_fresh()
    screen.page.evaluate(REMEMBER_JS)
    for _attempt in range(5):  # a picture may freeze between two frames of the page; then the next one
        png = take_picture(running)
        facts = decode_as(read_text(png, "svodka"), PictureFacts)
        shown = screen.page.evaluate("window.shownAt")
        if str(facts.seq) in shown:
            break
    else:
        pytest.fail(f"the page never stood at {facts.seq}, only at {sorted(map(int, shown))[-20:]}")
    assert facts.values == shown[str(facts.seq)]
    assert facts.ready
    assert facts.epoch
    assert facts.as_of
    assert "loading" not in facts.states.values()
    assert Image.open(io.BytesIO(png)).size == (1920, 1080)


@pytest.mark.parametrize(
    "query",
    [
        "path=/healthz&width=1920&height=1080",
        "path=http://127.0.0.1:1/&width=1920&height=1080",
        "path=/wall&width=99999&height=1080",
        "path=/wall&width=big&height=1080",
        "path=/wall&width=-1920&height=1080",
    ],
)
def test_a_picture_of_anything_else_is_refused_with_a_sentence(running, query):
    """400, in words, and no browser is started."""
    with pytest.raises(HTTPError) as error, urlopen(f"{running.url}/snapshot.png?{query}", timeout=30):
        pass
    with error.value as answer:
        assert answer.code == 400
        assert answer.read().strip()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", ["/", *(page.path for page in WALLS)])
def test_a_page_asks_nobody_else_and_complains_of_nothing(running, open_wall, path):
    """In a browser whose network ends at the server: no outside request, no error, no warning, also after updates."""
    screen = open_wall(running, path=path)
    screen.wait_fresh()
    screen.wait_seq(screen.view().seq + 5)
    assert screen.outside == []
    assert screen.complaints == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_every_text_on_the_wall_is_whole_apart_and_large_enough(running, open_wall, width, height):
    """The inspection of the running demonstration finds no fault, on both screens."""
    screen = open_wall(running, width=width, height=height)
    screen.wait_fresh(60)
    found = screen.inspect()
    assert found.texts_n > 40
    assert found.labels_n > 5
    assert [str(fault) for fault in found.faults] == []


@pytest.mark.timeout(240)
def test_the_english_wall_is_whole_too(make_product, open_wall):
    """The other language has longer words; they are as whole, as far apart and as large."""
    product = make_product(language="en")
    product.start().wait_healthy()
    screen = open_wall(product)
    screen.wait_fresh(60)
    assert screen.page.evaluate("document.documentElement.lang") == "en"
    assert [str(fault) for fault in screen.inspect().faults] == []
    assert screen.complaints == []
