"""The benchmark of ingest: what it tells is what it says it tells, and it lets nothing pass."""

from __future__ import annotations

import copy

import pytest

from bench.ingest import __main__ as ingest
from bench.ingest.appeals import feed_source, make_pages, rows_of
from bench.ingest.storing import NOW
from datasources._toolkit.params import read_params, read_zone
from datasources.http_json.normalise import Normaliser
from datasources.http_json.params import Params
from svodka.ingest.screening import screen_appeals
from svodka.profiles.reader import load_profile

GOOD = {
    "road": {
        name: {"per_s": ingest.MIN_DIRTY_PER_S, "is_right": True, "counts": {}}
        for name in ("plain sqlite", "dirty sqlite", "dirty postgres")
    },
    "storage": {"sqlite": {"share_of_plain": ingest.MIN_SHARE_OF_PLAIN}},
    "storing": {
        "new_cpu_us": ingest.MAX_NEW_US,
        "with_problems_cpu_us": ingest.MAX_WITH_PROBLEMS_US,
        "answered_cpu_us": ingest.MAX_ANSWERED_US,
    },
    "memory": {
        "csv": {
            "rows": 5,
            "stored": 5,
            "grown_mib": ingest.MAX_GROWN_MIB,
            "grown_after_warm_mib": ingest.MAX_GROWN_AFTER_WARM_MIB,
        }
    },
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("road.plain sqlite.is_right", False),
        ("road.dirty postgres.per_s", 1_499),
        ("storage.sqlite.share_of_plain", 0.249),
        ("storing.new_cpu_us", 101),
        ("storing.with_problems_cpu_us", 151),
        ("storing.answered_cpu_us", 121),
        ("memory.csv.stored", 4),
        ("memory.csv.grown_mib", 97),
        ("memory.csv.grown_after_warm_mib", 25),
    ],
)
def test_every_bound_of_ingest_is_judged(path, value):
    """At its bound each figure is good, beyond it the run fails."""
    assert ingest.judge(GOOD) == []
    figures = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    here = figures
    for name in way:
        here = here[name]
    here[last] = value
    assert len(ingest.judge(figures)) == 1


def test_dirty_appeals_are_as_dirty_as_they_say():
    """Counted by the benchmark while it makes them, and by the product while it reads and screens them."""
    profile = load_profile("kuzbass")
    pages, expected = make_pages(profile, "dirty", 1_500)
    source = feed_source("http://127.0.0.1/")
    items = list(rows_of(pages))
    records, rejected = Normaliser(
        read_params(source, Params), records="appeals", zone=read_zone(source)
    ).normalise_page(items)
    screened = screen_appeals(records, source, NOW)
    reasons = [one.reason.value for one in (*rejected, *screened.rejected)]
    assert {reason: reasons.count(reason) for reason in reasons} == expected.quarantined
    assert set(expected.outcomes) == {"stored", "updated", "duplicate", "quarantined"}
    assert sum(expected.outcomes.values()) == len(items) == 1_500
    assert len({told.record.foreign_id for told in screened.told}) == expected.outcomes["stored"]
    texts = [str(item["text"]) for item in items if isinstance(item, dict)]
    assert sum("<" in text for text in texts) > len(texts) / 2
    assert sum("base64" in text for text in texts) > 5
    assert not any("<" in told.record.text or "base64" in told.record.text for told in screened.told)
