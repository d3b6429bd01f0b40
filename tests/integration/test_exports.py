"""Exports by schedule: asked for once, whoever looks, and of the moment at which they were due to be looked for."""

from __future__ import annotations

import pytest

from commands.packs import Exporter
from svodka.briefings.schedule import Export
from svodka.storage.moments import load_moments, load_scenes
from svodka.storage.packs import load_scheduled
from tests.integration.live import Live


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    yield live
    live.close()


def exporter(live, export):
    services = live.services
    return Exporter(
        (export,),
        live.profile,
        live.clock,
        ask=lambda call, *words: call(live.database, *words),
        wait=lambda call, *words: call(*words),
        reader=services.reader,
        scenes=services.scenes,
        words=services.words,
    )


def test_what_is_due_is_asked_for_once_by_whoever_looks(live):
    """Two processes, and one of them twice: one moment, one pack, of the scene with its panels."""
    here = live.clock.now().astimezone(live.profile.zone)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    export = Export(id="now", title="Сейчас", at=f"{here:%H:%M}", scenes=("overview",), days=days, formats=("docx",))
    first, second = exporter(live, export), exporter(live, export)
    for one in (first, second, first):
        one.step()
    with live.database.read() as connection:
        (pack,) = load_scheduled(connection, "now", 5)
        (moment,) = load_moments(connection, "export", 5)
        (scene,) = load_scenes(connection, moment.id)
    assert (pack.moment_id, pack.formats, pack.state) == (moment.id, "docx", "waiting")
    assert (scene.scene, moment.title) == ("overview", "Сейчас")
    assert '"kpi-in-time"' in scene.panels


def test_what_is_not_due_is_left_alone(live):
    """An hour that is yet to come."""
    here = live.clock.now().astimezone(live.profile.zone)
    later = f"{(here.hour + 2) % 24:02}:{here.minute:02}"
    exporter(live, Export(id="later", title="Потом", at=later, scenes=("overview",))).step()
    with live.database.read() as connection:
        assert load_scheduled(connection, "later", 5) == []
