"""What a round reads: three answers, what was missed, values that differ, areas; on both databases."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from svodka.domain import codec
from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.domain.errors import StorageUnavailableError
from svodka.domain.records import IncidentStatus
from svodka.ingest.commit import commit_page
from svodka.ingest.cycle import run_cycle
from svodka.readmodels.keys import REGION, Extent
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime import round as round_module
from svodka.realtime.reader import Absence, LogReader, Order, Position
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.heartbeat import append_heartbeat
from svodka.storage.log_state import load_log_state
from svodka.storage.rollups import ensure_rollups
from svodka.storage.tables import meta, rollup_counts
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
from tests.scene_views import view_of

APPEALS, INCIDENTS = appeal_source(), incident_source()
PROFILE = msgspec.structs.replace(tiny_profile(), sources=(APPEALS, INCIDENTS))


class Road:
    """A reader on a clock that the test moves, and where its browsers stand."""

    def __init__(self, database):
        self.database, self.clock = database, ManualClock(T0)
        self.reader = LogReader(database, PROFILE, self.clock)
        with database.read() as connection:
            self.epoch = load_log_state(connection).epoch
        self.tip, self.at = 0, T0

    def appeals(self, *records):
        commit_page(self.database, PlainClassifier(PROFILE), APPEALS, page(*records), self.clock.now())

    def incidents(self, *records):
        commit_page(self.database, PlainClassifier(PROFILE), INCIDENTS, page(*records), self.clock.now())

    def heartbeat(self):
        with self.database.write() as connection:
            return append_heartbeat(connection, self.clock.now())

    def tick(self):
        with self.database.write() as connection:
            append_changes(connection, [Draft(kind=ChangeKind.TICK, key="clock")], self.clock.now())

    def read(self, *, views=(EVERYTHING,), **words):
        order = Order(
            epoch=self.epoch,
            tip=self.tip,
            at=self.at,
            heard={},
            views=frozenset(views),
            **{name: frozenset(value) for name, value in words.items()},
        )
        reading = self.reader.read(order)
        self.tip, self.at = reading.head, reading.at
        return reading

    def missed(self, since, area=None):
        absence = Absence(Extent(area=area), since)
        told = self.read(absences=[absence]).missed.get(absence)
        return None if told is None else codec.decode(told)


@pytest.fixture
def road(database):
    return Road(database)


def frame(reading, view=EVERYTHING):
    return codec.decode(reading.frames[view])


def opened(key, now, **fields):
    return incident(key, started_at=now, status=IncidentStatus.NEW, **fields)


def closed(key, started_at, **fields):
    return incident(key, started_at=started_at, status=IncidentStatus.CLOSED, **fields)


def test_a_hello_has_exactly_one_of_three_answers(road):
    """Nothing missed, the missed frames, or a snapshot; the same answer is made once for all who need it."""
    road.appeals(appeal("a", received_at=T0))
    road.read()
    tip = road.tip
    road.appeals(appeal("b", received_at=T0))
    here, behind = Position(EVERYTHING, road.epoch, tip + 2), Position(EVERYTHING, road.epoch, tip)
    lost = [
        Position(EVERYTHING),
        Position(EVERYTHING, "other", tip),
        Position(EVERYTHING, road.epoch, 10**6),
    ]
    reading = road.read(positions=[here, behind, *lost])
    assert set(reading.catch_ups) == {here, behind}
    nothing, missed = (codec.decode(reading.catch_ups[position]) for position in (here, behind))
    assert (nothing["from"], nothing["to"], nothing["rows"], nothing["values"]) == (tip + 2, tip + 2, [], {})
    assert (missed["from"], missed["to"], len(missed["rows"])) == (tip, tip + 2, 1)
    assert set(reading.snapshots) == {EVERYTHING}


def test_what_began_and_ended_is_told_from_the_facts(road):
    """Not what was shown already, not what still stands, not an archive; newest first, with a full count."""
    road.incidents(opened("shown", T0))
    road.clock.advance(seconds=60)
    gone_at = road.clock.now()
    road.clock.advance(seconds=60)
    brief_at = road.clock.now()
    road.incidents(opened("brief", brief_at, area_name="north", affected_n=7), opened("stands", brief_at))
    road.incidents(opened("shown", T0, affected_n=9))
    road.clock.advance(seconds=60)
    road.incidents(
        closed("shown", T0),
        closed("brief", brief_at, area_name="north", affected_n=7),
        closed("old", T0 - timedelta(days=30)),
        closed("late", gone_at + timedelta(seconds=5)),
    )
    told = road.missed(gone_at)
    assert told["n"] == 2
    assert [row["affected_n"] for row in told["incidents"]] == [7, None]
    assert set(told["incidents"][0]) == {
        "id",
        "kind",
        "level",
        "area",
        "source",
        "started_at",
        "ended_at",
        "affected_n",
    }
    assert road.missed(gone_at, "north")["n"] == 1
    assert road.missed(road.clock.now() + timedelta(seconds=10)) is None


def test_a_commit_that_waited_for_its_lock_hides_no_incident(road):
    """The answer came before the wall lost its line, the commit after it: the wall cannot have shown it."""

    class Waiting:
        read = road.database.read

        @staticmethod
        @contextmanager
        def write():
            with road.database.write() as connection:
                road.clock.advance(seconds=30)  # another one held it
                yield connection

    class Connector:
        @staticmethod
        def poll(_cursor):
            return page(opened("i", T0))

    gone_at = T0 + timedelta(seconds=20)
    report = run_cycle(Waiting(), PlainClassifier(PROFILE), INCIDENTS, Connector(), road.clock)
    assert report.opened_n == 1
    road.clock.advance(seconds=20)
    road.incidents(closed("i", T0))
    assert road.missed(gone_at)["n"] == 1
    assert road.missed(T0 + timedelta(seconds=40)) is None, "it was open on the wall"


def test_at_most_twenty_are_told_and_all_are_counted(road):
    """A storm while the wall was off."""
    road.clock.advance(seconds=60)
    now = road.clock.now()
    road.incidents(*(opened(f"i{n}", now) for n in range(30)))
    road.clock.advance(seconds=5)
    road.incidents(*(closed(f"i{n}", now) for n in range(30)))
    told = road.missed(T0 + timedelta(seconds=10))
    assert (told["n"], len(told["incidents"])) == (30, 20)


def test_an_incident_that_reopened_and_ended_again_was_missed_too(road):
    """It was over when the screen last showed anything."""
    road.incidents(opened("i", T0))
    road.clock.advance(seconds=10)
    road.incidents(closed("i", T0))
    road.clock.advance(seconds=10)
    gone_at = road.clock.now()
    for status in (IncidentStatus.IN_WORK, IncidentStatus.CLOSED):
        road.clock.advance(seconds=10)
        road.incidents(incident("i", started_at=T0, status=status))
    assert road.missed(gone_at)["n"] == 1


def test_an_incident_that_passes_within_one_frame_is_told_to_those_who_watch(road):
    """It never stands in a table, so it is told apart."""
    road.read()
    road.clock.advance(seconds=60)
    road.read()
    road.clock.advance(seconds=5)
    now = road.clock.now()
    road.incidents(opened("i", now))
    road.incidents(closed("i", now))
    reading = road.read()
    assert [(row["op"], row["row"]) for row in frame(reading)["rows"]] == [("del", None)]
    assert codec.decode(reading.missed_by_all[REGION])["n"] == 1


def test_a_jump_tells_those_who_watch_what_it_led_over(road, monkeypatch):
    """The snapshot alone would hide it."""
    monkeypatch.setattr("svodka.realtime.reader.MAX_FRAME_CHANGES", 1)
    road.read()
    road.clock.advance(seconds=60)
    road.at = now = road.clock.now()
    road.clock.advance(seconds=5)
    road.incidents(opened("i", now + timedelta(seconds=1)))
    road.incidents(closed("i", now + timedelta(seconds=1)))
    reading = road.read()
    assert reading.jumped
    assert set(reading.snapshots) == {EVERYTHING}
    assert codec.decode(reading.missed_by_all[REGION])["n"] == 1


def test_a_value_that_everybody_has_is_left_out(road):
    """The first frame brings all that a tick concerns, the next one only what differs."""
    road.appeals(appeal("a", received_at=T0))
    road.read()
    road.tick()
    assert frame(road.read())["values"] == {}
    road.appeals(appeal("b", received_at=T0))
    values = frame(road.read())["values"]
    assert "open" in values
    assert "satisfaction" not in values


def test_a_value_is_sent_again_when_somebody_may_have_another(road):
    """A browser that comes with a frame of another process, or a snapshot of a later moment, may show other bytes."""
    road.appeals(appeal("a", received_at=T0, due_at=T0 + timedelta(seconds=30)))
    road.read()
    road.tick()
    assert frame(road.read())["values"] == {}
    road.read(positions=[Position(EVERYTHING, road.epoch, road.tip)])
    road.tick()
    assert "open" in frame(road.read())["values"]
    road.clock.advance(seconds=60)  # the term ends, and nobody has been told
    road.read(positions=[Position(EVERYTHING)])
    road.clock.advance(seconds=-60)
    road.tick()
    assert "open" in frame(road.read())["values"]


def test_a_round_that_was_not_sent_is_not_taken_for_sent(road):
    """The next one begins where the browsers stand, with all values."""
    road.appeals(appeal("a", received_at=T0))
    road.read()
    tip = road.tip
    road.appeals(appeal("b", received_at=T0))
    first = frame(road.read())["values"]
    road.tip = tip
    assert frame(road.read())["values"].keys() >= first.keys()


def test_the_newest_heartbeat_is_seen(road):
    """Its number, whatever else the log holds."""
    assert road.read().heartbeat_seq == 0
    seq = road.heartbeat()
    assert road.read().heartbeat_seq == seq
    road.appeals(appeal("a", received_at=T0))
    assert road.read().heartbeat_seq == seq


def test_a_round_that_failed_half_way_is_not_taken_for_sent(road, monkeypatch):
    """What it had already noted as told was never told."""
    road.appeals(appeal("a", received_at=T0))
    road.read()
    road.appeals(appeal("b", received_at=T0))
    with monkeypatch.context() as broken:
        broken.setattr(LogReader, "_make_snapshots", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            road.read()
    assert "open" in frame(road.read())["values"]


@pytest.mark.parametrize("scene", ["area:north", "sector:roads"])
def test_a_page_of_a_part_is_kept_by_its_frames(road, scene):
    """Rows come, are corrected into another area or sector and back; the page is always that of a fresh snapshot."""
    from random import Random

    chance, view = Random(scene), view_of(scene)
    kept, frames_n = None, 0
    for n in range(60):
        road.clock.advance(seconds=chance.choice([7, 7, 7, 700]))
        road.tick()
        now = road.clock.now()
        area = chance.choice(["north", "south", None])
        told = {"area_name": area, "topic_code": chance.choice(["cold-flat", "pothole"]), "updated_at": now}
        road.appeals(appeal(f"a{chance.randrange(8)}", received_at=T0, **told))
        status = chance.choice(list(IncidentStatus))
        road.incidents(
            incident(f"i{chance.randrange(4)}", started_at=T0, status=status, area_name=area, updated_at=now)
        )
        reading = road.read(views=[view], positions=[Position(view)])
        fresh = reducer.start(reducer.read_snapshot(codec.decode(reading.snapshots[view])))
        if kept is not None and view in reading.frames:
            assert reducer.reduce(kept, reducer.read_frame(frame(reading, view))) == "applied"
            frames_n += 1
            fresh.at = kept.at
            assert codec.encode(kept) == codec.encode(fresh), n
        kept = fresh
        assert all(view.extent.holds(row.area, row.sector) for row in kept.appeals)
        assert set(kept.values) == set(map(str, view.keys))
    assert frames_n > 20


def test_numbers_that_a_poller_has_not_counted_anew_yet_are_not_shown(database):
    """After a migration facts are present and the rollups empty: zeros that look fresh."""
    road = Road(database)
    assert not ensure_rollups(database, PROFILE.zone, T0)
    road.appeals(appeal("a"))
    assert road.reader.read_moment(["overview"])["overview"]
    with database.write() as connection:
        connection.execute(sa.delete(rollup_counts))
        connection.execute(sa.update(meta).where(meta.c.key == "rollup_zone").values(value=PROFILE.zone.key))
    order = Order(epoch=road.epoch, tip=0, heard={})
    for read in (lambda: road.reader.read_moment(["overview"]), lambda: road.reader.read(order)):
        with pytest.raises(StorageUnavailableError, match="not counted anew yet"):
            read()
    assert ensure_rollups(database, PROFILE.zone, T0)
    assert road.reader.read_moment(["overview"])["overview"]
    assert road.reader.read(order)


def test_a_tick_computes_what_time_has_changed_and_nothing_else(road, monkeypatch):
    """A minute that ends nothing costs nothing; the end of a term concerns its own area and sector; an hour, all."""
    computed = []
    compute = round_module.compute_value
    monkeypatch.setattr(round_module, "compute_value", lambda *words: computed.append(str(words[1])) or compute(*words))
    views = [EVERYTHING, view_of("area:north"), view_of("area:south"), view_of("sector:roads")]

    def ticked(seconds):
        road.clock.advance(seconds=seconds)
        road.tick()
        computed.clear()
        road.read(views=views)
        return {key for key in computed if key.partition("@")[0] in {"in_time", "response", "open", "flow", "feed"}}

    road.clock.advance(seconds=180)
    due = {"received_at": T0 - timedelta(hours=3), "due_at": road.clock.now() + timedelta(minutes=9)}
    road.appeals(appeal("a", **due), appeal("b", received_at=road.clock.now() - timedelta(minutes=45)))
    assert ticked(1) >= {"open", "response@sector=roads"}, "nothing is known of what anybody has"
    assert ticked(60) == set()
    assert ticked(540) == {"in_time", "open", "in_time@area=north", "open@area=north"}
    assert ticked(360) == {"feed", "feed@area=north"}
    assert ticked(60) == set()
    assert ticked(3600) >= {"in_time", "response", "flow", "response@area=south", "flow@sector=roads"}
    assert ticked(-60) >= {"open", "flow@area=south"}, "a clock that was set back"
