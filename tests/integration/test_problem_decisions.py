"""People say what is the same problem and what is not; it is done at once, stands, and can be taken back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from svodka.domain.problems import EmptyProblem, OpenedProblem, ProblemFilter
from svodka.domain.reasons import JoinReason
from svodka.domain.records import AppealStatus
from svodka.readmodels.problems import read_problem, read_problems
from svodka.security.principals import Role
from svodka.storage.decisions import Answer, join_appeal, join_problem, take_out, undo
from svodka.storage.journal import JournalEntry, load_entries
from svodka.storage.links import StoredLink, save_link
from svodka.storage.tables import appeals, problem_appeals
from tests.ingest_factory import T0, appeal, appeal_source, minutes, tiny_profile
from tests.integration.test_grouping import HOUSE, PHONE, PORTAL, STATEMENT, commit, days, problems

ENTRY = JournalEntry(at=days(366), link_id="link", who="дежурный", action="act_on_problem", subject="1")


@pytest.fixture
def told(database):
    """Two problems of two appeals each (1: a, b by text; 2: c, d by house) and one appeal alone."""
    link = StoredLink(id="link", role=Role.OPERATOR, label="дежурный", one_time=False, created_at=T0)
    with database.write() as connection:
        save_link(connection, link, "hash")
    commit(database, appeal("a", text=STATEMENT), appeal("b", text=STATEMENT), at=1)
    commit(database, appeal("c", address=HOUSE), appeal("d", address=HOUSE), appeal("e"), source=PHONE, at=2)
    return database


def ids(database):
    with database.read() as connection:
        return {row.foreign_id: row.id for row in connection.execute(sa.select(appeals.c.foreign_id, appeals.c.id))}


def test_an_appeal_taken_out_stays_out_and_comes_back(told):
    """The next like it joins what told the words first; undoing puts everything where it was, reason included."""
    number = ids(told)
    with told.read() as connection:
        before = connection.execute(sa.select(problem_appeals).order_by("appeal_id")).all()
    assert take_out(told, ENTRY, 1, number["b"]) is Answer.DONE
    assert read_problem(told, 1).problem.appeals_n == 1
    assert take_out(told, ENTRY, 1, number["b"]) is Answer.NOT_THERE
    commit(told, appeal("b", text=STATEMENT, status=AppealStatus.IN_WORK, updated_at=T0 + minutes(1)), at=3)
    assert read_problem(told, 1).problem.appeals_n == 1
    assert undo(told, ENTRY, 1) is Answer.DONE
    assert undo(told, ENTRY, 1) is Answer.UNDONE
    with told.read() as connection:
        assert connection.execute(sa.select(problem_appeals).order_by("appeal_id")).all() == before
    decision = read_problem(told, 1).decisions[0]
    assert (decision.kind, decision.who, decision.undone_by) == ("take_out", "дежурный", "дежурный")


def test_whoever_is_like_an_appeal_that_was_taken_out_joins_it_and_not_the_rest(told):
    """The first to tell the words was taken out: the words are its own now."""
    number = ids(told)
    take_out(told, ENTRY, 1, number["a"])
    commit(told, appeal("f", text=STATEMENT), at=3)
    assert ["a", "f"] in problems(told)
    assert undo(told, ENTRY, 1) is Answer.CHANGED_SINCE
    assert ["a", "f"] in problems(told)


def test_two_problems_become_one_and_two_again(told):
    """All appeals of the other move; what joined it meanwhile stays where the decision put it."""
    assert join_problem(told, ENTRY, 1, 2) is Answer.DONE
    assert problems(told) == [["a", "b", "c", "d"]]
    empty = read_problem(told, 2)
    assert isinstance(empty, EmptyProblem)
    assert empty.decisions[0].problem_id == 1
    commit(told, appeal("f", address=HOUSE), at=3)
    assert problems(told) == [["a", "b", "c", "d", "f"]]
    assert undo(told, ENTRY, 1) is Answer.DONE
    assert problems(told) == [["a", "b", "f"], ["c", "d"]]


def test_an_appeal_alone_joins_and_leaves_without_a_trace(told):
    """It had no row before and has none after."""
    alone = ids(told)["e"]
    assert join_appeal(told, ENTRY, 1, alone) is Answer.DONE
    assert problems(told)[0] == ["a", "b", "e"]
    opened = read_problem(told, 1)
    assert isinstance(opened, OpenedProblem)
    assert {one.appeal.reason for one in opened.appeals} == {"first", "same_text", "person"}
    assert join_appeal(told, ENTRY, 1, alone) is Answer.SAME
    assert join_appeal(told, ENTRY, 2, alone) is Answer.ELSEWHERE
    assert undo(told, ENTRY, 1) is Answer.DONE
    assert problems(told) == [["a", "b"], ["c", "d"]]


def test_what_is_not_there_is_refused_and_leaves_no_entry(told):
    """Numbers that are nothing, the same number twice."""
    assert join_problem(told, ENTRY, 1, 1) is Answer.SAME
    assert join_problem(told, ENTRY, 1, 99) is Answer.NOT_THERE
    assert join_problem(told, ENTRY, 99, 1) is Answer.NOT_THERE
    assert join_appeal(told, ENTRY, 99, ids(told)["e"]) is Answer.NOT_THERE
    assert join_appeal(told, ENTRY, 1, 2**40) is Answer.NOT_THERE
    assert undo(told, ENTRY, 1) is Answer.NOT_THERE
    with told.read() as connection:
        assert load_entries(connection, ["act_on_problem"], "", 10) == []


def test_every_decision_stands_in_the_journal(told):
    """Who, what and about which problem."""
    take_out(told, ENTRY, 1, ids(told)["b"])
    undo(told, ENTRY, 1)
    with told.read() as connection:
        entries = load_entries(connection, ["act_on_problem"], "1", 10)
    assert [(one.who, one.detail.split()[0]) for one in entries] == [("дежурный", "undo"), ("дежурный", "take_out")]


def test_the_list_holds_open_problems_by_number_of_appeals(told):
    """Answered ones leave it; area and sector choose; who stands alone is counted beside it."""
    profile = tiny_profile()
    commit(told, appeal("g", address=HOUSE, due_at=T0 + minutes(5)), at=3)
    found = read_problems(told, profile, days(366), ProblemFilter(), 0)
    assert [(one.id, one.appeals_n, one.open_n) for one in found.problems] == [(2, 3, 3), (1, 2, 2)]
    assert found.problems[0].oldest_due_at == T0 + minutes(5)
    assert found.problems[0].sources == ("phone", "portal")
    assert (found.total_n, found.pages_n, found.singles_n) == (2, 1, 1)
    assert found.problems[0].address == "ул. Ленина, д. 5, [квартира]"
    nowhere = read_problems(told, profile, days(366), ProblemFilter(area="south"), 7)
    assert (nowhere.problems, nowhere.page, nowhere.singles_n) == ((), 0, 0)
    assert read_problems(told, profile, days(366), ProblemFilter(area="north", sector="heat"), 0).total_n == 2
    done = {"status": AppealStatus.ANSWERED, "text": STATEMENT, "updated_at": T0 + minutes(9)}
    commit(told, appeal("a", **done), appeal("b", **done), at=4)
    assert [one.id for one in read_problems(told, profile, days(366), ProblemFilter(), 0).problems] == [2]


def test_an_opened_problem_shows_masked_words_reversals_and_reasons(told):
    """A phone goes, the house stays; a step back is told as one; appeals of the kind that stand alone are offered."""
    told_text = STATEMENT + " Звоните +7 913 123-45-67, кв. 12."
    commit(told, appeal("x", text=told_text, status=AppealStatus.ANSWERED, updated_at=T0), source=PORTAL, at=3)
    commit(told, appeal("y", text=told_text), source=PHONE, at=4)
    commit(told, appeal("x", text=told_text, status=AppealStatus.IN_WORK, updated_at=T0 + minutes(9)), at=5)
    opened = read_problem(told, 3)
    assert isinstance(opened, OpenedProblem)
    steps = {one.appeal.id: one.steps for one in opened.appeals}
    assert [step.is_reversal for step in steps[ids(told)["x"]]] == [False, True]
    for one in opened.appeals:
        assert "123-45" not in one.appeal.text
        assert "кв. 12" not in one.appeal.text
        assert STATEMENT in one.appeal.text
    assert {one.appeal.reason for one in opened.appeals} == {JoinReason.FIRST, JoinReason.SAME_TEXT}
    assert [one.id for one in opened.singles] == [ids(told)["e"]]


def test_the_picture_says_which_sources_are_silent(told):
    """«Данные на» is the oldest answer of those in time; the others are named."""
    profile = tiny_profile()
    profile = type(profile)(
        **{name: getattr(profile, name) for name in profile.__struct_fields__}
        | {"sources": (appeal_source("portal", dead_s=9e9, stale_s=8e9, ageing_s=7e9), PHONE, appeal_source("none"))}
    )
    as_of = read_problems(told, profile, days(366), ProblemFilter(), 0).as_of
    assert as_of.at == days(365) + minutes(1)
    assert [(one.name, one.since) for one in as_of.silent] == [("phone", days(365) + minutes(2)), ("none", None)]
    before = read_problems(told, profile, days(364), ProblemFilter(), 0).as_of  # a clock that was set back by a day
    assert [one.name for one in before.silent] == ["phone", "none"]
