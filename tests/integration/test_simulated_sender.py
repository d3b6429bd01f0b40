"""The simulator's sender against the real door: what it pushed is what the truth says, whatever its manners."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from simulator.history import History
from simulator.pushing import Sender
from simulator.region import Region
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from svodka.profiles.reader import load_profile
from svodka.storage.tables import appeals, change_log, quarantine
from tests.integration.pushing import SECRET, Door, source_of
from tests.profile_factory import write_profile

FIELDS = {
    "id": ["service_request_id"],
    "started_at": "requested_datetime",
    "updated_at": "updated_datetime",
    "status": "stage",
    "text": "description",
}
STATUSES = {"received": "new", "in_work": "in_work", "answered": "answered", "rejected": "rejected"}


@pytest.mark.parametrize("is_rough", [False, True], ids=["good", "rough"])
def test_the_sender_of_the_simulator_brings_the_truth_whatever_its_manners(is_rough, sqlite_database, tmp_path):
    """Six deliveries over six hours; each bad manner comes by, and nothing is lost, doubled or set aside."""
    profile = load_profile(str(write_profile(tmp_path / "region")))
    history = History(Region(profile, load_simulation(profile), 7))
    system = history.region.simulation.systems[0].id
    source = source_of(tmp_path, fields=FIELDS, statuses=STATUSES, records="items", per_minute=1000)
    with contextlib.closing(Door(sqlite_database, source)) as door:
        began = door.clock.now() - timedelta(days=1)
        sender = Sender(
            RegionSite(history),
            system,
            url=f"http://127.0.0.1:{door.port}/ingest/pushed",
            secret=SECRET,
            clock=door.clock,
            real_clock=door.real_clock,
            since=began,
            is_rough=is_rough,
        )
        for _ in range(6):
            assert sender.turn()
            door.clock.advance(seconds=3600)
            door.real_clock.advance(seconds=3600)
        now = door.clock.now() - timedelta(seconds=3600)
        truth = {known.appeal.id: known.state for known in history.changed(system, after=began, before=now, now=now)}
        with sqlite_database.read() as connection:
            query = sa.select(appeals.c.foreign_id, appeals.c.status)
            stored = {str(key): str(status) for key, status in connection.execute(query)}
            lines = connection.scalar(
                sa.select(sa.func.count()).where(change_log.c.kind == "appeal").select_from(change_log)
            )
            assert connection.scalar(sa.select(sa.func.count()).select_from(quarantine)) == 0
    assert truth
    assert stored == {key: state.status.value for key, state in truth.items()}
    assert lines >= len(truth)
    expected = {202} if not is_rough else {202, 401, 422, 0}
    assert set(sender.answers) == expected
