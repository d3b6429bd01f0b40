"""Several pollers write at once: no deadlock, no lost page, no hole, and rollups that agree with the facts."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from svodka.domain.reasons import Outcome
from svodka.domain.records import AppealStatus
from svodka.ingest.commit import commit_page
from svodka.storage.change_log import load_changes, load_head
from svodka.storage.rollups import compute_rollups, load_rollups
from svodka.storage.sources import load_sources
from svodka.storage.tables import appeals
from tests.ingest_factory import (
    T0,
    PlainClassifier,
    appeal,
    appeal_source,
    incident,
    incident_source,
    minutes,
    page,
)

WRITERS, PAGES, RECORDS = 6, 12, 40


def test_pollers_of_many_sources_do_not_get_in_each_others_way(database):
    """Five sources of appeals that meet in the same rollup cells, and one of incidents, all at the same moment."""
    classifier = PlainClassifier()
    start = threading.Barrier(WRITERS)

    def tell(draw, n, is_appeals):
        at = T0 + minutes(n)
        if not is_appeals:
            return [incident(f"{k}") for k in range(RECORDS) if draw.random() < 0.8]
        return [
            appeal(
                f"{draw.randrange(200)}",
                received_at=T0 - minutes(draw.randrange(300)),
                updated_at=at,
                status=draw.choice(list(AppealStatus)),
                topic_code=draw.choice(["cold-flat", "pothole"]),
                area_name=draw.choice(["north", "south", None]),
                rating=draw.choice([None, 1, 5]),
            )
            for _ in range(RECORDS)
        ]

    def write(number):
        draw = random.Random(number)
        source = appeal_source(f"s{number}") if number else incident_source("s0")
        start.wait()
        return sum(
            commit_page(database, classifier, source, page(*tell(draw, n, number)), T0 + minutes(n)).outcomes[
                Outcome.STORED
            ]
            for n in range(PAGES)
        )

    with ThreadPoolExecutor(WRITERS) as pool:
        stored = list(pool.map(write, range(WRITERS)))
    with database.read() as connection:
        assert [health.polls_total for health in load_sources(connection).values()] == [PAGES] * WRITERS
        assert connection.scalar(sa.select(sa.func.count()).select_from(appeals)) == sum(stored[1:])
        assert connection.scalar(sa.select(sa.func.max(appeals.c.id))) == sum(stored[1:])
        assert load_rollups(connection) == compute_rollups(connection, classifier.profile.zone)
        head = load_head(connection)
        assert [change.seq for change in load_changes(connection, 0, head)] == list(range(1, head + 1))


def test_two_pollers_that_both_believe_they_hold_a_source_store_each_record_once(database):
    """The source's row is the lock, also at the very first page, when there is no row yet."""
    classifier = PlainClassifier()
    start = threading.Barrier(4)
    told = [appeal(f"{n}") for n in range(50)]

    def write(_number):
        start.wait()
        return commit_page(database, classifier, appeal_source(), page(*told), T0).outcomes[Outcome.STORED]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(write, range(4))) == [0, 0, 0, 50]
