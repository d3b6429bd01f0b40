"""What «Доклады» says of a briefing on a wall that somebody gave to something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks.briefing_view import Words, render_head, render_pages, render_showings
from svodka.briefings.keeping import Briefing
from svodka.briefings.model import begin_story
from svodka.i18n.catalogue import load_catalogue
from svodka.storage.briefings import Showing, StoredBriefing
from svodka.storage.moments import StoredMoment

AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
SAY = Words(load_catalogue("ru"), ZoneInfo("Asia/Novokuznetsk"))
ID = "2026-03-02-1730-7f3a"


def briefing():
    story = begin_story("Доклад", ["overview"])
    moment = StoredMoment(id=ID, kind="briefing", title="Доклад", at=AT, epoch="e", seq=1, saved_by="А")
    row = StoredBriefing(id=ID, rev=1, story="", page=1, wall="main", is_shown=True, saved_at=AT, saved_by="А")
    return Briefing(moment=moment, row=row, story=story, scenes={"overview": "Обстановка"})


@pytest.mark.parametrize(("is_broken", "said"), [(False, "Идёт показ"), (True, "Показ прерван")])
def test_a_page_is_on_the_screen_only_while_the_wall_shows_it(is_broken, said):
    """Head, list of pages and the list of who was shown what say the same."""
    until = AT + timedelta(minutes=2)
    showing = Showing(id=1, briefing_id=ID, place="wall:main", page=1, from_at=AT, until_at=until)
    names = {"main": "Главная стена"}
    head = str(render_head(briefing(), names, SAY, is_broken=is_broken))
    pages = str(render_pages(briefing(), 1, SAY, is_broken=is_broken))
    showings = str(render_showings([showing], briefing(), names, SAY, is_broken=is_broken))
    assert said in head
    assert ("на экране" in pages) is not is_broken
    assert ("и сейчас" in showings) is not is_broken
    assert ("02.03.2026 17:30:00 – 17:32:00" in showings) is is_broken
