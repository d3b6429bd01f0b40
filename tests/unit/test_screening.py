"""Every text of a record is plain when it is stored, whatever its connector did."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from svodka.domain.records import AppealRecord, AppealStatus, IncidentRecord, IncidentStatus
from svodka.ingest.screening import screen_appeals, screen_incidents
from svodka.profiles.model import SourceConfig

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SOURCE = SourceConfig(
    id="s", name="s", connector="table", records="appeals", interval_s=60, ageing_s=120, stale_s=300, dead_s=900
)
APPEAL = AppealRecord(
    foreign_id="<1>",
    received_at=NOW,
    status=AppealStatus.NEW,
    topic_code="Дороги&nbsp;<b>ямы</b>",
    text="<p>Яма&nbsp;у&amp;nbsp;дома</p>\u202e\x00",
    area_name="г.&nbsp;Кемерово",
    address="ул.<br>Ленина",
    body_name="<script>alert(1)</script>УК",
)


def test_markup_is_gone_from_every_text_and_the_id_stays_as_it_is():
    [told] = screen_appeals([APPEAL], SOURCE, NOW).told
    assert told.record == msgspec.structs.replace(
        APPEAL,
        topic_code="Дороги ямы",
        text="Яма у дома",
        area_name="г. Кемерово",
        address="ул. Ленина",
        body_name="УК",
    )


def test_an_incident_is_made_plain_too():
    record = IncidentRecord(
        foreign_id="1", started_at=NOW, status=IncidentStatus.NEW, title="<b>Обрыв</b>", address="Мира&nbsp;5"
    )
    [told] = screen_incidents([record], SOURCE, NOW).told
    assert (told.record.title, told.record.address) == ("Обрыв", "Мира 5")


def test_a_record_that_its_connector_has_made_plain_keeps_its_fingerprint():
    """Or an upgrade would make news of everything that is known."""
    [once] = screen_appeals([APPEAL], SOURCE, NOW).told
    [twice] = screen_appeals([once.record], SOURCE, NOW).told
    assert twice.fingerprint == once.fingerprint


def test_a_text_of_nothing_but_markup_is_none():
    [told] = screen_appeals([msgspec.structs.replace(APPEAL, address="<br>", text="<p></p>")], SOURCE, NOW).told
    assert (told.record.address, told.record.text) == (None, "")
