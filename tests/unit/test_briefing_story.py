"""A storyline changes by pure steps, and what cannot be done says why; exports know when they are due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from svodka.briefings.model import (
    MAX_ANNOTATIONS,
    Annotation,
    Wrong,
    WrongChangeError,
    add_page,
    annotate,
    begin_story,
    give_order,
    make_id,
    move_page,
    remove_annotation,
    remove_page,
    set_notes,
    set_protocol,
    withdraw_order,
    written,
)
from svodka.briefings.schedule import Export, find_due, find_next, load_exports
from svodka.profiles.errors import ProfileError

ZONE = ZoneInfo("Asia/Novokuznetsk")
STORY = begin_story("Доклад", ["overview", "sector:housing", "sources"])


def wrong(act):
    with pytest.raises(WrongChangeError) as found:
        act()
    return found.value.wrong


def test_a_story_begins_with_a_page_for_each_scene():
    """In the order in which they were chosen; without title or scene there is none."""
    assert [page.scene for page in STORY.pages] == ["overview", "sector:housing", "sources"]
    assert wrong(lambda: begin_story("  ", ["overview"])) is Wrong.NO_TITLE
    assert wrong(lambda: begin_story("Доклад", [])) is Wrong.NO_SCENE
    assert wrong(lambda: begin_story("Д" * 161, ["overview"])) is Wrong.TOO_LONG


def test_pages_move_go_and_come_again():
    """At the ends nothing moves; the last one stays."""
    assert [page.scene for page in move_page(STORY, 2, -1).pages] == ["sector:housing", "overview", "sources"]
    assert move_page(STORY, 1, -1) == STORY
    assert move_page(STORY, 3, 1) == STORY
    alone = remove_page(remove_page(STORY, 3), 1)
    assert [page.scene for page in alone.pages] == ["sector:housing"]
    assert wrong(lambda: remove_page(alone, 1)) is Wrong.LAST_PAGE
    assert [page.scene for page in add_page(alone, "sources").pages] == ["sector:housing", "sources"]
    assert wrong(lambda: set_notes(STORY, 4, "x")) is Wrong.NO_PAGE
    assert set_notes(STORY, 2, " начать с ЖКХ ").pages[1].notes == "начать с ЖКХ"


def test_text_boxes_keep_to_the_grid_and_to_themselves():
    """Nobody's telephone goes on a wall; a box that would leave the picture is refused."""
    told = annotate(STORY, 1, Annotation(text=" Мост:  срок сегодня ", column=9, row=8, span=4))
    assert told.pages[0].annotations == (Annotation(text="Мост: срок сегодня", column=9, row=8, span=4),)
    assert remove_annotation(told, 1, 1) == STORY
    assert wrong(lambda: annotate(STORY, 1, Annotation(text="х", column=10, row=1, span=4))) is Wrong.NO_PLACE
    assert wrong(lambda: annotate(STORY, 1, Annotation(text=""))) is Wrong.NO_TEXT
    assert wrong(lambda: annotate(STORY, 1, Annotation(text="звонить 8-913-123-45-67"))) is Wrong.PERSONAL
    assert wrong(lambda: remove_annotation(STORY, 1, 1)) is Wrong.NO_TEXT
    full = STORY
    for _ in range(MAX_ANNOTATIONS):
        full = annotate(full, 1, Annotation(text="х"))
    assert wrong(lambda: annotate(full, 1, Annotation(text="х"))) is Wrong.TOO_MANY


def test_what_is_pasted_can_be_written_into_every_file():
    """A vertical tab of a slide, or half a letter, would be a memo that cannot be made."""
    pasted = " первая\x0bвторая\x00\ud800\uffff\nтретья\t\U0001f600 "
    kept = "первая вторая   \nтретья\t\U0001f600"
    assert set_notes(STORY, 1, pasted).pages[0].notes == kept
    assert set_protocol(STORY, pasted).protocol == kept == written(written(pasted))
    order = give_order(STORY, "а\x02б", "в\x02г", None).orders[0]
    assert (order.text, order.body) == ("а б", "в г")
    assert begin_story("а\x02б", ["overview"]).title == "а б"
    assert annotate(STORY, 1, Annotation(text="а\x02б")).pages[0].annotations[0].text == "а б"


def test_orders_keep_their_numbers():
    """A number that was said at a meeting never means another order."""
    first = give_order(STORY, "Закрыть просроченные", "Минстрой", date(2026, 3, 5))
    second = give_order(first, "Доложить", "", None)
    assert [order.number for order in give_order(withdraw_order(second, 1), "Третье", "", None).orders] == [2, 3]
    assert wrong(lambda: give_order(STORY, " ", "", None)) is Wrong.NO_TEXT
    assert set_protocol(STORY, " Заслушали. ").protocol == "Заслушали."


def test_an_id_is_read_by_people_and_sorts_by_time():
    """Local day and minute; letters tell two of one minute apart."""
    assert make_id(datetime(2026, 11, 22, 2, 30, tzinfo=UTC), ZONE, "7f3a99") == "2026-11-22-0930-7f3a"


MORNING = Export(id="morning", title="Утро", at="08:30", scenes=("overview",), days=("mon", "fri"))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 23, 1, 29, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 1, 30, tzinfo=UTC), datetime(2026, 11, 23, 1, 30, tzinfo=UTC)),
        (datetime(2026, 11, 23, 2, 29, tzinfo=UTC), datetime(2026, 11, 23, 1, 30, tzinfo=UTC)),
        (datetime(2026, 11, 23, 2, 30, tzinfo=UTC), None),  # an hour late is another report
        (datetime(2026, 11, 24, 1, 30, tzinfo=UTC), None),  # a Tuesday
    ],
)
def test_an_export_is_due_at_its_local_time_and_for_an_hour(now, due):
    """Monday 23 November 2026, seven hours ahead of Greenwich."""
    assert find_due(MORNING, now, ZONE) == due


def test_one_that_is_due_before_midnight_is_made_up_for_after_it():
    """The hour of grace goes over the end of the day."""
    late = Export(id="late", title="Ночь", at="23:50", scenes=("overview",), days=("sun",))
    now = datetime(2026, 11, 22, 17, 10, tzinfo=UTC)  # 00:10 on Monday there
    assert find_due(late, now, ZONE) == datetime(2026, 11, 22, 16, 50, tzinfo=UTC)


def test_the_next_time_is_told():
    """For the page."""
    assert find_next(MORNING, datetime(2026, 11, 23, 1, 30, tzinfo=UTC), ZONE) == datetime(
        2026, 11, 27, 1, 30, tzinfo=UTC
    )


def test_a_file_of_exports_is_read_strictly(tmp_path):
    """A misspelt key, a wrong time and two of one name are sentences; no file means no export."""
    path = tmp_path / "exports.toml"
    assert load_exports(path) == ()
    good = '[[export]]\nid = "a"\ntitle = "А"\nat = "08:30"\nscenes = ["overview"]\n'
    path.write_text(good, encoding="utf-8")
    assert load_exports(path)[0].formats == ("pptx", "docx", "xlsx")
    for bad in (good.replace("08:30", "8:30"), good + "zeit = 1\n", good + good, good.replace('"overview"', "")):
        path.write_text(bad, encoding="utf-8")
        with pytest.raises(ProfileError):
            load_exports(path)
