"""The browser's own code, run by node's test runner (no build step, no packages)."""

from __future__ import annotations

import subprocess

from tests.node import ROOT, node_command

LINE_LIMIT = 4300  # docs/adr/0190: more is the moment for a build


def test_the_javascript_tests_pass():
    """Reducer, freshness, clock, words, projection and labels; the reducer against tests/golden."""
    files = sorted(str(path) for path in (ROOT / "tests" / "javascript").glob("*.test.mjs"))
    done = subprocess.run(
        [*node_command(), "--test", *files], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "# pass 0" not in done.stdout


def test_the_javascript_stays_small():
    """One day it may need a build; until then it is read as it is."""
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in (ROOT / "assets" / "js").rglob("*.mjs"))
    assert lines <= LINE_LIMIT


def test_the_browser_never_asks_its_own_clock():
    """Walls are wrong by minutes; time comes from the server. Only the watch that tells so compares the two."""
    for path in (ROOT / "assets" / "js").rglob("*.mjs"):
        text = path.read_text("utf-8")
        assert text.count("Date.now(") == (1 if path.name == "clock.mjs" else 0), path.name
        assert "new Date()" not in text, path.name


def test_a_page_lets_itself_go_at_one_place_only():
    """The one of assets/js/renewal.mjs: after the server has just given the page. An error page has no JavaScript."""
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "assets" / "js").rglob("*.mjs")}
    assert [name for name, text in texts.items() for _ in range(text.count("location.reload("))] == ["live.mjs"]
    assert not [name for name, text in texts.items() if "location.href =" in text or "location.assign" in text]
