"""What the wall writes into its panels: only what differs changes, rows keep their elements, text stays text."""

from __future__ import annotations

import pytest

from tests.e2e.product import ROOT

ORIGIN = "http://elements.invalid"
SETUP_JS = """async () => {
  const { show } = await import("/elements.mjs");
  const { h } = await import("/components.mjs");
  Object.assign(window, { show, h, box: document.querySelector("#box") });
}"""


@pytest.fixture
def box(page):
    """A page with the module, an element as Dash leaves it, and nothing else."""

    def answer(route):
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name:
            route.fulfill(path=ROOT / "assets" / "js" / name)
        else:
            route.fulfill(content_type="text/html", body='<!doctype html><div id="box"><p>загрузка</p></div>')

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    page.evaluate(SETUP_JS)
    return page


def test_contents_become_what_they_should_be(box):
    """Tags, texts, attributes and styles; what stood there before is gone; what vanishes later, vanishes."""
    box.evaluate("""() => show(box, [h("Span", {className: "a", "data-kpi": "x", "data-value": "",
        style: {width: "5%"}}, "1", h("B", {}, "2")), "3"])""")
    first = '<span class="a" data-kpi="x" data-value="" style="width: 5%;">1<b>2</b></span>3'
    assert box.evaluate("box.innerHTML") == first
    box.evaluate("show(box, h('Span', {className: 'b'}, '1'))")
    assert box.evaluate("box.innerHTML") == '<span class="b">1</span>'
    box.evaluate("show(box, '')")
    assert box.evaluate("box.innerHTML") == ""


def test_what_stays_the_same_is_not_touched(box):
    """The same contents a second time are no change at all; one other number is one change."""
    assert box.evaluate("""async () => {
      const tree = (n) => [h("Div", {title: "t"}, h("B", {"data-value": n}, n)), h("P", {}, "x")];
      show(box, tree("1"));
      let seen = 0;
      new MutationObserver((all) => { seen += all.length; }).observe(box, {subtree: true, childList: true,
        attributes: true, characterData: true});
      const after = async (n) => { show(box, tree(n)); await 0; const was = seen; seen = 0; return was; };
      return [await after("1"), await after("2")];
    }""") == [0, 2]


def test_a_row_keeps_its_element_when_another_comes_before_it(box):
    """An animation of the newest row does not start again on all others; rows that leave are gone."""
    assert box.evaluate("""() => {
      const rows = (...ids) => ids.map((id) => h("Div", {"data-appeal-id": id}, id));
      show(box, rows("2", "1"));
      const [two] = box.children;
      show(box, rows("3", "2"));
      return [box.innerText.split(/\\s+/).join(""), box.children[1] === two];
    }""") == ["32", True]


def test_text_never_becomes_markup(box):
    """A name with angle brackets is shown as it is."""
    box.evaluate("show(box, h('Span', {title: '\"><i>'}, '<img src=x onerror=alert(1)>'))")
    assert box.evaluate("box.querySelectorAll('img, i').length") == 0
    assert box.evaluate("box.textContent") == "<img src=x onerror=alert(1)>"
