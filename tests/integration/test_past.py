"""The time machine: what was saved at instants of a generated week is built again, and corrections are told apart."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from svodka.domain.codec import decode, encode
from svodka.domain.records import AppealRecord
from svodka.past.archive import Basis, build_archive
from svodka.past.showing import make_snapshot
from svodka.realtime.reader import LogReader
from svodka.storage.cells import PERIODS, count_cells, save_cells
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.queries.past import load_first_known_at
from svodka.storage.source_states import load_first_at, load_states, pack_states
from svodka.storage.tables import appeal_versions, appeals, source_state_hours, source_states
from tests.ingest_factory import T0
from tests.scene_views import view_of
from tests.weeks import Week, draw_moments

DAYS = 4.0
SCENES = ("overview", "area:north", "sector:heat")


class Lived:
    """A week that has passed, and the snapshots that the live road made meanwhile."""

    def __init__(self, database, *, moments_n, per_day, days):
        self.database = database
        self.week = Week(database, 5, per_day=per_day, days=days)
        self.profile = self.week.profile
        reader = LogReader(database, self.profile, self.week.clock, view_of)
        self.saved = [(at, self._save(reader, at)) for at in self.week.run(draw_moments(5, moments_n, days))]
        for _ in range(2000):  # everything but the end is packed
            with database.write() as connection:
                if not pack_states(connection, self.week.clock.now()):
                    break

    def _save(self, reader, at):
        """Return what the live road shows, with cells of the map that were counted at this very instant."""
        for period in PERIODS:
            with self.database.write() as connection:
                save_cells(connection, period, count_cells(connection, period, at, self.profile.zone), at)
        return reader.read_moment(SCENES)

    def build(self, basis, at, until=None):
        with self.database.read() as connection:
            return build_archive(connection, self.profile, basis, at, until=until or at)

    def snapshots(self, archive):
        """Return what an archive shows of every scene."""
        return {scene: encode(make_snapshot(archive, view_of(scene), is_exercise=False)) for scene in SCENES}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('past') / 'week.sqlite3'}")
    migrate(database)
    yield Lived(database, moments_n=60, per_day=45, days=DAYS)
    database.close()


def shown(snapshots):
    """Return what pages show of some scenes."""
    told = {scene: decode(text) for scene, text in snapshots.items()}
    for one in told.values():
        one["values"] = {key: value for key, value in one["values"].items() if not key.startswith("stage")}
    return {scene: {name: one[name] for name in ("at", "values", "tables")} for scene, one in told.items()}


def test_the_week_has_everything_that_makes_a_past_hard(lived):
    """A week without corrections, outages and silence would prove nothing."""
    done = lived.week.done
    assert all(
        done[word] > 4
        for word in ("stored", "updated", "outdated", "quarantined", "vanished", "failed", "paused or not")
    ), done
    with lived.database.read() as connection:
        reversals = sa.select(sa.func.count()).where(appeal_versions.c.is_reversal == sa.true())
        assert connection.scalar(reversals) > 3
        withdrawn = sa.select(sa.func.count()).where(appeals.c.status == "withdrawn")
        assert connection.scalar(withdrawn) > 3


def test_what_was_known_then_is_built_again_to_the_byte(lived):
    """«Как видели тогда»: sixty random moments, each built anew, equal what the live road saved."""
    wrong = []
    for at, saved in lived.saved:
        archive = lived.build(Basis.SEEN, at)
        if shown(lived.snapshots(archive)) != shown(saved):
            wrong.append(at)
        archive.close()
    assert len(lived.saved) == 60
    assert wrong == []


def test_going_forward_equals_building_anew(lived):
    """One archive goes through the week; a copy of it goes on from the middle."""
    archive = lived.build(Basis.SEEN, lived.saved[0][0])
    copy = None
    for n, (at, saved) in enumerate(lived.saved):
        with lived.database.read() as connection:
            archive.advance(connection, at)
        assert shown(lived.snapshots(archive)) == shown(saved), at
        if n == 30:
            copy = archive.copy()
    with lived.database.read() as connection:
        copy.advance(connection, lived.saved[-1][0])
    assert shown(lived.snapshots(copy)) == shown(lived.saved[-1][1])


def test_how_it_was_goes_forward_as_it_is_built(lived):
    """«Как было» collects what is to come when it is built; each step equals a new building."""
    archive = lived.build(Basis.IS, lived.saved[0][0], lived.saved[-1][0])
    for at, _ in lived.saved[::6]:
        with lived.database.read() as connection:
            archive.advance(connection, at)
        anew = lived.build(Basis.IS, at)
        assert shown(lived.snapshots(archive)) == shown(lived.snapshots(anew)), at
        anew.close()


def test_later_words_are_invisible_then_and_visible_now(lived):
    """Each appeal at each of some moments: what was told after it shows in «как было» only."""
    told = load_versions(lived.database)
    found = Counter()
    for at, _ in lived.saved[::8]:
        seen, now = (facts_of(lived.build(basis, at)) for basis in (Basis.SEEN, Basis.IS))
        for appeal_id, versions in told.items():
            by_then = [record for known_at, record in versions if known_at <= at]
            last = versions[-1][1]
            mine, real = seen.get(appeal_id), now.get(appeal_id)
            assert (mine is not None) == bool(by_then)
            assert (real is not None) == (last.received_at <= at)
            if real is not None and mine is None:
                found["told late"] += 1
            if mine is None or real is None:
                continue
            assert mine.status == by_then[-1].status
            assert mine.area == by_then[-1].area_name
            assert real.area == last.area_name
            found["area"] += mine.area != real.area
            found["topic"] += mine.topic != real.topic
            found["receipt"] += mine.received_at != real.received_at
            if mine.is_open and not last.status.is_open and last.answered_at is not None and last.answered_at <= at:
                assert not real.is_open
                found["answer"] += 1
    assert all(found[word] > 2 for word in ("told late", "area", "topic", "receipt", "answer")), found


def load_versions(database):
    query = (
        sa.select(appeal_versions.c.appeal_id, appeal_versions.c.known_at, appeal_versions.c.facts)
        .where(appeal_versions.c.applied == sa.true())
        .order_by(appeal_versions.c.appeal_id, appeal_versions.c.version)
    )
    told = {}
    with database.read() as connection:
        for appeal_id, known_at, facts in connection.execute(query):
            record = decode_record(facts)
            told.setdefault(appeal_id, []).append((known_at, record))
    return told


def decode_record(facts):
    return msgspec.convert(decode(facts)["record"], AppealRecord)


def facts_of(archive):
    with archive.replica.database.read() as connection:
        found = {row.id: row for row in connection.execute(sa.select(appeals))}
    archive.close()
    return found


def test_packing_loses_nothing_of_what_was_said_of_sources(lived):
    """Nearly all states are packed by now; the equality above rested on them."""
    with lived.database.read() as connection:
        hours = connection.scalar(sa.select(sa.func.count()).select_from(source_state_hours))
        young = connection.scalar(sa.select(sa.func.count()).select_from(source_states))
        assert hours > 24 * 3 * DAYS * 0.7
        assert young < 200
        assert load_first_at(connection) <= T0 + timedelta(seconds=1)
        assert load_states(connection, ["portal"], T0 - timedelta(hours=1)) == {}


def test_where_nobody_noted_how_sources_stood_it_says_so(database):
    """A database from before that was noted: facts are there, and of the sources the archive claims nothing."""
    lived = Lived(database, moments_n=3, per_day=10, days=0.2)
    at = lived.saved[1][0]
    assert lived.build(Basis.SEEN, at).are_sources_known
    with database.write() as connection:
        for table in (source_states, source_state_hours):
            connection.execute(sa.delete(table))
    archive = lived.build(Basis.SEEN, at)
    told = decode(lived.snapshots(archive)["overview"])
    assert told["origin"]["are_sources_known"] is False
    assert {source["last_complete_at"] for source in told["values"]["sources"]["sources"]} == {None}
    assert told["tables"] == decode(lived.saved[1][1]["overview"])["tables"]
    assert lived.build(Basis.IS, at).are_sources_known


def test_the_past_is_the_same_on_postgresql(postgres_database):
    """A shorter week, both ways."""
    lived = Lived(postgres_database, moments_n=10, per_day=25, days=1.0)
    archive = lived.build(Basis.SEEN, lived.saved[0][0])
    for at, saved in lived.saved:
        anew = lived.build(Basis.SEEN, at)
        with postgres_database.read() as connection:
            archive.advance(connection, at)
        assert shown(lived.snapshots(anew)) == shown(lived.snapshots(archive)) == shown(saved), at
        anew.close()
    is_then = lived.build(Basis.IS, lived.saved[3][0], lived.saved[-1][0])
    with postgres_database.read() as connection:
        is_then.advance(connection, lived.saved[-1][0])
        assert load_first_known_at(connection) == T0
    assert shown(lived.snapshots(is_then)) == shown(lived.snapshots(lived.build(Basis.IS, lived.saved[-1][0])))
