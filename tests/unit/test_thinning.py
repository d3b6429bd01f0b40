"""Which rows of a range of the log are sent."""

from __future__ import annotations

from datetime import timedelta

from svodka.domain.changes import Change, ChangeKind
from svodka.readmodels.keys import Extent
from svodka.realtime.thinning import thin
from tests.golden.examples import AT, appeal, incident

LIMITS = {"appeals": 3, "incidents": 500}
BOTH = frozenset(LIMITS)


def appeal_change(seq, id_, minutes=0, left_area=None, left_sector=None, **fields):
    row = appeal(id_, AT + timedelta(minutes=minutes), **fields)
    left = {"left_area": left_area, "left_sector": left_sector}
    return Change(seq=seq, at=AT, kind=ChangeKind.APPEAL, key=str(id_), op="put", appeal=row, **left)


def incident_change(seq, id_, op="put", **fields):
    row = incident(id_, **fields) if op == "put" else None
    return Change(seq=seq, at=AT, kind=ChangeKind.INCIDENT, key=str(id_), op=op, incident=row)


def thinned(*changes, tables=BOTH, **extent):
    return thin(changes, tables=tables, extent=Extent(**extent), sectors={"heat": "housing"}, limits=LIMITS)


def names(found):
    return [(row.table, row.op, row.key) for row in found.rows]


def test_only_the_newest_appeals_that_a_table_can_hold_are_sent_in_the_order_of_the_log():
    """Newest by their place in the feed, not by the log; each once, as it was last."""
    found = thinned(
        *(appeal_change(n, n, minutes=n) for n in range(1, 6)),
        appeal_change(6, 4, minutes=4, status="answered"),
        appeal_change(7, 1, minutes=1, status="answered"),
    )
    assert names(found) == [("appeals", "put", "3"), ("appeals", "put", "5"), ("appeals", "put", "4")]
    assert found.rows[-1].row.status == "answered"


def test_the_last_word_about_an_incident_is_sent_and_what_passed_within_the_range_is_named():
    """A removal is sent also for one that was there before; only those that were put as well may have been missed."""
    found = thinned(
        incident_change(1, 1),
        incident_change(2, 2),
        incident_change(3, 1, level="first"),
        incident_change(4, 2, "del"),
        incident_change(5, 3, "del"),
        incident_change(6, 4),
        incident_change(7, 4, "del"),
        incident_change(8, 4),
    )
    assert names(found) == [
        ("incidents", "put", "1"),
        ("incidents", "del", "2"),
        ("incidents", "del", "3"),
        ("incidents", "put", "4"),
    ]
    assert found.passed_ids == {2}


def test_an_area_gets_its_own_rows_and_loses_what_left_it():
    """An incident that moved away is removed; of an appeal that did, the database must say who takes its place."""
    moved = incident_change(3, 7, area="south-town")
    found = thinned(
        appeal_change(1, 1), appeal_change(2, 2, area="south-town"), moved, incident_change(4, 8), area="north-town"
    )
    assert names(found) == [("appeals", "put", "1"), ("incidents", "del", "7"), ("incidents", "put", "8")]
    left = appeal_change(1, 1, area="south-town", left_area="north-town")
    assert thinned(left, area="north-town") is None
    assert names(thinned(left, area="south-town")) == [("appeals", "put", "1")]
    assert names(thinned(left)) == [("appeals", "put", "1")]


def test_a_sector_gets_its_own_rows_and_loses_what_left_it():
    """As an area does; an incident belongs to the sector of its kind, one of another kind is removed."""
    found = thinned(
        appeal_change(1, 1, sector="roads"),
        appeal_change(2, 2),
        incident_change(3, 3, kind="heat"),
        incident_change(4, 4, kind="fire"),
        sector="housing",
    )
    assert names(found) == [("appeals", "put", "2"), ("incidents", "put", "3"), ("incidents", "del", "4")]
    left = appeal_change(1, 1, sector="roads", left_sector="housing")
    assert thinned(left, sector="housing") is None
    assert names(thinned(left, sector="roads")) == [("appeals", "put", "1")]
    elsewhere = appeal_change(1, 1, sector="roads", area="south-town", left_sector="housing", left_area="north-town")
    assert thinned(elsewhere, sector="housing", area="north-town") is None
    assert names(thinned(elsewhere, sector="housing", area="south-town")) == []


def test_a_page_without_a_table_gets_none_of_its_rows():
    """What a page does not show does not reach it."""
    changes = (appeal_change(1, 1), incident_change(2, 2))
    assert names(thinned(*changes, tables={"incidents"})) == [("incidents", "put", "2")]
    assert names(thinned(*changes, tables=frozenset())) == []
