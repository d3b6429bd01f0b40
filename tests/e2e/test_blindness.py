"""Nothing frozen looks alive: for each cause exactly the panels that depend on it change, and recover by themselves.

The causes and what they do are read from docs/wall.md; the product runs in separate processes.
"""

from __future__ import annotations

import logging
import re
import time

import pytest

from tests.e2e.blind import STALE_S, Dress, Look, Stage, expected_panels, read_truth

MARGIN_S = 5.0  # on top of the time to live
HEARTBEAT_LIMIT_S = 30.0
RECOVERY_S = 90.0  # a web process that starts again on a busy machine; all else takes a few seconds
HOLD_S = 1.0
LOG = logging.getLogger(__name__)
TRUTH = read_truth()


@pytest.fixture(scope="module")
def stage(tmp_path_factory, browser):
    """The whole way from the sources to one screen, for all causes one after the other."""
    made = Stage(tmp_path_factory.mktemp("blind"), browser)
    yield made
    made.close()


def wrong_panels(look: Look, expected: dict[str, str]) -> dict[str, str]:
    return {panel: state for panel, state in look.panels.items() if state != expected[panel]}


_AGE = r" \d+ (с|мин)$"
_NOTES = {"fresh": "^$", "partial": "^без .+" + _AGE, "stale": "^нет новых данных" + _AGE}


def wrong_dress(look: Look) -> dict[str, Dress]:
    """Return the panels that people would take for something else than their state says."""
    wrong = {}
    for panel, state in look.panels.items():
        dress = look.dress[panel]
        if panel == "sources":  # has no note: its chips speak, and they alone are hatched
            is_right = (dress.hatched_chips_n > 0) == (state != "fresh") and not dress.is_hatched
        else:
            # Nothing is written into a panel that the browser cannot lay out; the banner has the age.
            has_words = look.banner == "rendering" or re.search(_NOTES[state], dress.note)
            is_blind = state == "stale"
            has_grey = dress.filter == ("grayscale(1)" if is_blind else "none")
            is_right = bool(has_words) and has_grey and dress.is_hatched == is_blind
        if not is_right:
            wrong[panel] = dress
    return wrong


def test_every_source_and_every_cause_has_its_row(stage):
    """A source or a panel that the table forgot would not be tested."""
    causes = set(stage.sources.paths)
    causes |= {"appeals", "redis", "database", "poller", "socket", "line", "web", "rendering", "clock"}
    assert set(TRUTH) == causes
    assert len(stage.look().panels) == 10


@pytest.mark.timeout(180)
@pytest.mark.parametrize("cause", list(TRUTH))
def test_exactly_the_panels_that_depend_on_a_cause_change_and_come_back(stage, cause):
    """Within time to live and five seconds; the banner of the pipeline when three heartbeats are missing."""
    row = TRUTH[cause]
    before = stage.look()
    expected = expected_panels(row, before.panels)
    assert set(before.panels.values()) == {"fresh"}
    assert wrong_dress(before) == {}
    assert before.banner == ""
    limit_s = MARGIN_S + (STALE_S if "fresh" in row.values() or row["banner"] != "pipeline" else HEARTBEAT_LIMIT_S)
    stage.begin(cause)
    began = time.monotonic()
    try:
        touched = None
        while touched is None or time.monotonic() - began < touched + HOLD_S:
            look = stage.look()
            kept = {panel: state for panel, state in look.panels.items() if expected[panel] == "fresh"}
            assert set(kept.values()) <= {"fresh"}, f"touched although they do not depend on {cause}: {kept}"
            if not wrong_panels(look, expected) and look.banner == row["banner"] and _says_its_remark(cause, look):
                touched = touched or time.monotonic() - began
            else:
                assert touched is None, f"changed again: {look}"
            assert time.monotonic() - began < limit_s + HOLD_S, f"not within {limit_s} s: {look}"
            stage.screen.page.wait_for_timeout(150)
        assert wrong_dress(look) == {}
        if row["banner"]:
            assert stage.screen.inspect().faults == ()
    finally:
        stage.end(cause)
    LOG.info("%s: shown after %.1f s", cause, touched)
    after_s = stage.screen.wait_until(lambda: _is_well(stage.look()), RECOVERY_S, f"well again, is {stage.look()}")
    LOG.info("%s: well again after %.1f s", cause, after_s)
    assert stage.screen.page.evaluate("window.isSamePage") is True


def _says_its_remark(cause: str, look: Look) -> bool:
    if cause == "redis":
        return look.broker == "away" and look.remark != ""
    if cause == "clock":
        return look.clock_off != "" and look.remark != ""
    return True


def _is_well(look: Look) -> bool:
    return set(look.panels.values()) == {"fresh"} and not look.banner and look.broker == "on" and not look.remark
