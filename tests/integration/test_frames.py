"""snapshot(t0) + frames == snapshot(t1): rows and values, whatever happens and however time passes."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import msgspec
import pytest

from svodka.domain import codec
from svodka.domain.clock import ManualClock
from svodka.domain.records import AppealStatus, IncidentStatus, Point
from svodka.ingest.commit import commit_page
from svodka.ingest.ticker import Ticker
from svodka.readmodels.pages import EVERYTHING
from svodka.readmodels.registry import READ_MODELS, TABLE_LIMITS
from svodka.realtime.reader import LogReader, Order
from tests import reducer
from tests.ingest_factory import (
    T0,
    PlainClassifier,
    appeal,
    appeal_source,
    incident,
    incident_source,
    page,
    tiny_profile,
)

APPEALS, INCIDENTS = appeal_source(), incident_source()
STEPS_N = 40


def random_appeal(chance: Random, now):
    """Return an appeal of few ids, so that most are corrections; some lie ahead of the clock, some far back."""
    received_at = now - timedelta(seconds=chance.choice([-300, 0, 5, 3590, 3600, 90_000, 86_400 * 7, 86_400 * 8]))
    status = chance.choice(list(AppealStatus))
    done = not status.is_open
    return appeal(
        f"a{chance.randrange(14)}",
        received_at=received_at,
        status=status,
        topic_code=chance.choice(["cold-flat", "pothole", "?"]),
        area_name=chance.choice(["north", "south", None]),
        answered_at=now - timedelta(seconds=chance.randrange(4000)) if done else None,
        due_at=chance.choice([None, now + timedelta(seconds=chance.randrange(-50, 900))]),
        rating=chance.choice([None, 1, 4, 5]) if done else None,
        point=chance.choice([None, Point(55.12345, 86.54321)]),
    )


def random_incident(chance: Random, now):
    return incident(
        f"i{chance.randrange(5)}",
        started_at=now - timedelta(seconds=chance.randrange(9000)),
        status=chance.choice(list(IncidentStatus)),
        level=chance.choice(["grave", "mild"]),
        area_name=chance.choice(["north", None]),
        affected_n=chance.choice([None, 40]),
    )


def commit_something(database, classifier, chance, now):
    if chance.random() < 0.6:
        told = [random_appeal(chance, now) for _ in range(chance.randrange(4))]
        commit_page(database, classifier, APPEALS, page(*told), now)
    if chance.random() < 0.4:
        told = [random_incident(chance, now) for _ in range(chance.randrange(4))]
        commit_page(database, classifier, INCIDENTS, page(*told), now)


def plain(page_state):
    return codec.decode(codec.encode(page_state))


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 7])
def test_a_page_kept_by_frames_is_the_page_of_a_fresh_snapshot(database, monkeypatch, seed):
    """Only the log leads on, the ticker tells what time alone changed; rows, order, cut and every value agree."""
    monkeypatch.setitem(TABLE_LIMITS, "appeals", 5)
    monkeypatch.setitem(TABLE_LIMITS, "incidents", 2)
    profile = msgspec.structs.replace(tiny_profile("Asia/Kolkata"), sources=(APPEALS, INCIDENTS))
    chance, clock, classifier = Random(seed), ManualClock(T0), PlainClassifier(profile)
    reader, ticker = LogReader(database, profile, clock), Ticker(database, profile, clock)

    def fresh():
        return reducer.start(reducer.read_snapshot(codec.decode(reader.read_moment(["overview"])["overview"])))

    kept, applied_n, ticks_n, whole_n = fresh(), 0, 0, 0
    for _ in range(STEPS_N):
        clock.advance(seconds=chance.choice([0.2, 1, 7, 61, 600, 3600, 20_000]))
        if chance.random() < 0.6:
            commit_something(database, classifier, chance, clock.now())
        # A term may end between a commit and the round that tells of it, and nothing but the round knows.
        clock.advance(seconds=chance.choice([0, 0, 0.5, 40]))
        ticks_n += ticker.tick()
        reading = reader.read(Order(epoch=kept.epoch, tip=kept.seq, heard={}, views=frozenset({EVERYTHING})))
        if reading.frames:
            assert reducer.reduce(kept, reducer.read_frame(codec.decode(reading.frames[EVERYTHING]))) == "applied"
            applied_n += 1
        elif reading.snapshots:
            kept = reducer.start(reducer.read_snapshot(codec.decode(reading.snapshots[EVERYTHING])))
            whole_n += 1
        expected = fresh()
        expected.at = kept.at
        assert plain(kept) == plain(expected)
    assert applied_n > STEPS_N / 3
    assert whole_n > 0, seed
    assert 0 < ticks_n < STEPS_N
    assert set(kept.values) == {model.stem for model in READ_MODELS}


def test_a_new_appeal_asks_for_no_number_of_answers_until_its_term_ends(database):
    """Most changes are new appeals; the page is right all the same, also when the term ends before the round."""
    profile = msgspec.structs.replace(tiny_profile(), sources=(APPEALS, INCIDENTS))
    clock, classifier = ManualClock(T0), PlainClassifier(profile)

    def stems_after(*told, later_s=0):
        reader = LogReader(database, profile, clock)  # a new one: it leaves out no value because the bytes are the same
        before = codec.decode(reader.read_moment(["overview"])["overview"])
        commit_page(database, classifier, APPEALS, page(*told), clock.now())
        clock.advance(seconds=later_s)
        reading = reader.read(Order(epoch=before["epoch"], tip=before["seq"], heard={}, views=frozenset({EVERYTHING})))
        return set(codec.decode(reading.frames[EVERYTHING])["values"])

    of_answers = {"in_time", "response", "satisfaction"}
    soon = T0 + timedelta(seconds=60)
    assert of_answers <= stems_after(appeal("first"))  # the history begins with it
    assert stems_after(appeal("a"), appeal("b", due_at=soon)).isdisjoint(of_answers)
    assert stems_after(appeal("a", status=AppealStatus.IN_WORK)).isdisjoint(of_answers)
    assert of_answers <= stems_after(appeal("a", status=AppealStatus.ANSWERED, answered_at=T0))
    assert of_answers <= stems_after(appeal("a", status=AppealStatus.IN_WORK, updated_at=T0))
    assert of_answers <= stems_after(appeal("c", due_at=soon), later_s=60)
    assert of_answers <= stems_after(appeal("b", due_at=None))
