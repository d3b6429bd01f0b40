"""How sources stood: what is known of the hour in which it begins, and of a source that nobody has asked for months."""

from __future__ import annotations

from datetime import timedelta

from svodka.storage.source_states import KEPT_D, load_first_at, load_states, note_state, pack_states
from svodka.storage.sources import SourceHealth
from tests.ingest_factory import T0

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def note(database, source_id, at, **facts):
    with database.write() as connection:
        note_state(connection, SourceHealth(source_id=source_id, last_attempt_at=at, **facts), at)


def pack_all(database, now):
    with database.write() as connection:
        while pack_states(connection, now):
            pass


def test_of_the_hour_in_which_it_begins_only_what_was_said_is_known(database):
    """Packed by whole hours: before the first word nothing is known, and nobody says that a source was never read."""
    begun_at = T0.replace(minute=0) + 37 * MINUTE
    note(database, "portal", begun_at)
    for now in (begun_at + MINUTE, begun_at + 5 * HOUR):
        pack_all(database, now)
        with database.read() as connection:
            assert load_first_at(connection) == begun_at


def test_a_source_that_was_paused_for_months_stays_paused(database):
    """Nothing is said of it meanwhile: its last word outlives the days that are kept, for each instant of them."""
    note(database, "phone", T0, paused_at=T0)
    for n in range(3 * KEPT_D):
        note(database, "portal", T0 + n * DAY, records_total=n)
    now = T0 + (3 * KEPT_D - 1) * DAY
    pack_all(database, T0 + 2 * KEPT_D * DAY)
    pack_all(database, now)
    with database.read() as connection:
        first_at = load_first_at(connection)
        assert now - (KEPT_D * DAY + HOUR) < first_at <= now - KEPT_D * DAY
        for at in (first_at, first_at + 30 * MINUTE, now - DAY, now):
            states = load_states(connection, ["phone", "portal"], at)
            assert states["phone"].paused
            assert states["portal"].records_total == (at - T0) // DAY
        assert load_states(connection, ["phone", "portal"], first_at - MINUTE) == {}
