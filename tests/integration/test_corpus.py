"""The public corpus through connectors and mappings; read from ../shared/data, no part of the repository."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from bench.corpus import __main__ as corpus
from bench.corpus.counts import Told, count_csv, count_json, count_json_lines, count_requests
from bench.corpus.files import ATTACKS, Way
from bench.corpus.reading import Desk, read_file
from bench.ingest.road import make_classifier
from svodka.profiles.reader import load_profile
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate


@pytest.fixture(autouse=True)
def _quiet():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.mark.slow
def test_every_file_of_the_corpus_goes_through_and_equals_an_independent_count():
    """All but the three recorded feeds, which have tests of their own; read twice, the second time nothing is new."""
    if not corpus.DATA.exists():
        pytest.skip("recordings of ../shared/data are absent")
    readings, none = corpus.run(corpus.DATA, quick=True)
    assert [reading.file for reading in readings if not reading.is_good] == []
    assert (len(readings), len(none)) == (70, 4)
    assert sum(reading.is_blocked for reading in readings) == 4 + len(ATTACKS)


def test_a_count_that_differs_is_seen(tmp_path):
    """The judge itself: one row more than counted, one fewer, and a whole answer that should have been refused."""
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"n": 1}, {"n": 2}, {"n": 2}, {}]), encoding="utf-8")
    params = {"fields": {"id": ["n"], "started_at": "=2026-01-01T00:00:00Z"}, "status_default": "new"}
    told = {"right": (Told(4, 2, 1), False), "more": (Told(5, 2, 1), False), "fewer": (Told(4, 3, 1), False)}
    told |= {"unreadable": (Told(4, 2, 0), False), "refused": (Told(4, 2, 1), True)}
    found = {}
    profile = load_profile("kuzbass")
    classifier = make_classifier(profile, tmp_path)
    for name, (expected, refused) in told.items():
        way = Way(connector="http_json", mapping="", records="appeals", count=lambda _, expected=expected: expected,
                  params=params, refused=refused)  # fmt: skip
        database = open_database(f"sqlite:///{tmp_path / name}.sqlite3")
        migrate(database)
        found[name] = read_file(path, name, way, Desk(database, classifier, tmp_path))
        database.close()
    assert {name: reading.is_good for name, reading in found.items()} == {name: name == "right" for name in told}
    assert (found["right"].merged_n, found["right"].quarantined) == (1, {"missing_id": 1})


def test_counts_are_made_from_the_bytes_alone(tmp_path):
    table, lines, document, answer = (tmp_path / name for name in ("a.csv", "b.jsonl", "c.json", "d.xml"))
    table.write_text('Unique Key,b\n1,"x\ny"\n1,\n,z\n', encoding="utf-8")
    lines.write_text('{"n": 0}\n{"n": 1}\n', encoding="utf-8")
    document.write_text('[{"a": {"id": 5}}, {"a": null}]', encoding="utf-8")
    requests = "<request><service_request_id>{}</service_request_id>{}</request>"
    times = "<requested_datetime>2026</requested_datetime>"
    answer.write_text(requests.format(1, times) + requests.format(1, times) + requests.format(2, ""), encoding="utf-8")
    assert count_csv("unique key")(table) == Told(3, 1, 1)
    assert count_json_lines("n")(lines) == Told(2, 2)
    assert count_json(list, "a", "id")(document) == Told(2, 1, 1)
    assert count_requests(answer) == Told(3, 1, 1)
