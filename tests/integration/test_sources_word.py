"""`python app.py sources`: the figures of the page as text."""

from __future__ import annotations

import pytest

import app
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Rejected
from svodka.ingest.commit import commit_page
from svodka.profiles.reader import load_profile
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests.ingest_factory import T0, PlainClassifier, appeal, page
from tests.integration.test_sources_page import PERSONAL, SOURCES, TEXT
from tests.profile_factory import write_profile


@pytest.fixture
def home(tmp_path, monkeypatch):
    profile = load_profile(str(write_profile(tmp_path / "region", sources=SOURCES)))
    url = f"sqlite:///{tmp_path / 'one.sqlite3'}"
    database = open_database(url)
    migrate(database)
    rejected = (Rejected(reason=RejectReason.STATUS_UNKNOWN, foreign_id="7", raw=TEXT, word="чудо"),)
    commit_page(database, PlainClassifier(), profile.sources[0], page(appeal("1"), rejected=rejected, read_n=2), T0)
    database.close()
    for name, value in (("HOME", tmp_path), ("DATABASE_URL", url), ("PROFILE", tmp_path / "region")):
        monkeypatch.setenv(f"SVODKA_{name}", str(value))


def test_the_list_and_a_passport_have_the_figures_and_no_personal_data(home, capsys):
    """The same read model as the page; examples masked."""
    assert app.main(["sources"]) == 0
    silent, line = capsys.readouterr().out.splitlines()
    assert silent.split()[:3] == ["portal", "never", "never"]
    assert line.split() == [
        *("calls", "dead", "2026-03-02", "05:00:00Z", "read", "2", "stored", "1", "quarantine", "1", "notices", "1")
    ]
    assert app.main(["sources", "calls"]) == 0
    said = capsys.readouterr().out
    for expected in (
        "owner: Управление связи",
        "legal_basis: not given",
        "status_unknown 1",
        "notice: status_unknown чудо",
    ):
        assert expected in said
    for personal in PERSONAL:
        assert personal not in said


def test_a_source_that_is_not_there_is_one_sentence(home, capsys):
    """It names those that are."""
    assert app.main(["sources", "cals"]) == 2
    assert "known are: calls" in capsys.readouterr().err
