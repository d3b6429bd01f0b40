"""What «Доклады» says of packs."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callbacks.briefing_view import Words, render_packs
from svodka.i18n.catalogue import load_catalogue
from svodka.reports.packing import PackRefusal
from svodka.storage.packs import PackState, StoredPack

AT = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def make_pack(**words) -> StoredPack:
    told = {"what": "", "error": "", "file": "a.zip", "bytes": 9, "sha256": "ab", "state": PackState.DONE.value}
    told |= {"schedule": None, "due_at": None, "asked_at": AT, "asked_by": "", "alive_at": AT, "ended_at": AT}
    return StoredPack(**({"id": 1, "moment_id": "m", "formats": "pdf,png,docx", "done": 3, "steps": 3} | told | words))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("why", PackRefusal)
def test_a_finished_pack_that_lacks_formats_says_which_and_why(language, why):
    say = Words(load_catalogue(language), ZoneInfo("Asia/Novokuznetsk"))
    said = str(render_packs([make_pack(what="png,pdf", error=why.value)], say))
    assert say("briefing.pack.lacks", formats="PNG, PDF") in said
    assert say(f"briefing.pack.error.{why.value}") in said
    assert "/pack/1.zip" in said


def test_a_whole_pack_says_nothing_of_the_kind():
    say = Words(load_catalogue("ru"), ZoneInfo("Asia/Novokuznetsk"))
    assert "desk-bad" not in str(render_packs([make_pack()], say))
