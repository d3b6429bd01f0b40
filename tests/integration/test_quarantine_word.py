"""`python app.py quarantine`: the operator sees what could not be used, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import app
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Rejected
from svodka.settings import read_settings
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.quarantine import save_quarantine
from svodka.storage.sources import SourceHealth, save_source

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SVODKA_HOME", str(tmp_path))
    database = open_database(read_settings().sqlalchemy_url)
    migrate(database)
    record = Rejected(reason=RejectReason.STATUS_UNKNOWN, foreign_id="112-4", detail="state", raw='{"state": "ajar"}')
    with database.write() as connection:
        save_quarantine(connection, "duty", [record, record], NOW)
        save_source(connection, SourceHealth(source_id="duty", quarantined_total=1))
    database.close()
    return tmp_path


def test_a_record_is_listed_with_its_reason_and_without_its_words(home, capsys):
    """What it says may be personal: only --raw shows it."""
    assert app.main(["quarantine"]) == 0
    said = capsys.readouterr().out
    assert "duty  112-4  status_unknown (state)  read 2 times" in said
    assert "ajar" not in said
    assert app.main(["quarantine", "duty", "--raw"]) == 0
    assert "ajar" in capsys.readouterr().out


def test_a_source_that_nobody_polled_is_one_sentence(home, capsys):
    """It names those that were."""
    assert app.main(["quarantine", "dty"]) == 2
    said = capsys.readouterr().err
    assert "known are: duty" in said
    assert len(said.splitlines()) == 1
