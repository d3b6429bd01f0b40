"""The table of metrics in docs/operations.md is the catalogue, and the catalogue follows the conventions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from svodka.observability import catalogue
from svodka.observability.catalogue import POLL_METRICS, WEB_METRICS, Metric
from svodka.observability.metrics import Metrics
from tests.scrape import Scrape

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `(svodka_\w+)` \| (\w+) \| (.*?) \| (.*?) \| (.*) \|$", flags=re.MULTILINE)
ALL = {metric.name: metric for metric in (*POLL_METRICS, *WEB_METRICS)}


def test_the_page_has_every_metric_as_it_is():
    """Name, kind, labels, process and meaning."""
    written = {row[0]: row[1:] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    told = {
        metric.name: (
            metric.kind,
            ", ".join(f"`{label}`" for label in metric.labels),
            ", ".join(w for w, some in (("poll", POLL_METRICS), ("web", WEB_METRICS)) if metric in some),
            metric.meaning,
        )
        for metric in ALL.values()
    }
    assert written == told


def test_every_metric_belongs_to_a_process():
    named = {value.name for value in vars(catalogue).values() if isinstance(value, Metric)}
    assert named == set(ALL)


@pytest.mark.parametrize("metric", ALL.values(), ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Metric):
    """Counters end in _total and nothing else does; lengths are seconds; no name has a unit that is not a base unit."""
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert re.fullmatch(r"svodka_[a-z]+(_[a-z]+)*", metric.name)
    assert not re.search(r"_(ms|minutes|hours|kb|mb)(_|$)", metric.name)


def test_what_is_unknown_is_left_out():
    """None is no number; 0 is one."""
    metrics = Metrics("web", "test")
    metrics.tell(catalogue.SOURCE_AGE, lambda: [(("known",), 0.0), (("unknown",), None)])
    told = Scrape(metrics.render().decode())
    assert told.value("svodka_source_age_seconds", source="known") == 0
    assert told.value("svodka_source_age_seconds", source="unknown") is None
