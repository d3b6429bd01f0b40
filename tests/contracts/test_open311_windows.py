"""How the Open311 connector walks through time: windows, pages, clocks that differ, records that move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.domain.errors import ProfileError, SourceContractBrokenError
from svodka.domain.records import Completeness, Connector, PollResult
from svodka.profiles.model import SourceConfig
from tests.contracts.conftest import NOW
from tests.contracts.georeport import Requests
from tests.contracts.hostile import answer

XXE = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>
<service_requests><request><service_request_id>&e;</service_request_id></request></service_requests>"""
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<service_requests><request><description>&b;</description></request></service_requests>"""


def _source(**params: object) -> SourceConfig:
    return SourceConfig(
        id="city",
        name="City",
        connector="open311",
        records="appeals",
        channel="portal",
        url="{simulator}/v2",
        interval_s=5,
        ageing_s=30,
        stale_s=60,
        dead_s=300,
        backfill_h=72,
        params={"page_size": 3, **params},
    )


def _cycle(connector: Connector, cursor: str | None) -> tuple[list[PollResult], str]:
    """Poll until nothing waits."""
    results: list[PollResult] = []
    while not results or results[-1].completeness is Completeness.PARTIAL:
        assert len(results) < 200, "the cycle does not end"
        results.append(connector.poll(cursor))
        cursor = results[-1].cursor
    return results, results[-1].cursor


def _ids(results: list[PollResult]) -> set[str]:
    return {record.foreign_id for result in results for record in result.records}


@pytest.mark.parametrize("order", ["updated", "unknown"])
@pytest.mark.parametrize("last_page", ["short", "empty"])
def test_a_backfill_is_read_in_windows_until_the_present_of_the_source(server, connect, clock, order, last_page):
    requests = Requests(clock.now, order="updated" if order == "updated" else "requested")
    server.behaviour = requests
    for hour in range(80):
        requests.put(f"r{hour}", NOW - timedelta(hours=hour, minutes=30))
    results, _ = _cycle(connect(_source(max_window_h=24, order=order, last_page=last_page)), None)
    assert _ids(results) == {f"r{hour}" for hour in range(72)}
    assert [result.completeness for result in results[:-1]] == [Completeness.PARTIAL] * (len(results) - 1)
    ends = {question.get("updated_before") for question in requests.questions}
    assert len(ends) == 4
    assert None in ends


def test_the_next_cycle_reads_only_the_overlap_again(server, connect, clock):
    requests = Requests(clock.now)
    server.behaviour = requests
    requests.put("old", NOW - timedelta(hours=1))
    requests.put("late", NOW - timedelta(minutes=3))
    connector = connect(_source(overlap_s=300))
    _, cursor = _cycle(connector, None)
    clock.advance(seconds=10)
    requests.put("new", clock.now() - timedelta(seconds=1))
    results, cursor = _cycle(connector, cursor)
    assert _ids(results) == {"late", "new"}
    assert results[-1].completeness is Completeness.COMPLETE


@pytest.mark.parametrize("last_page", ["short", "empty"])
def test_a_record_that_changes_while_pages_are_read_pushes_no_other_out_of_sight(server, connect, clock, last_page):
    requests = Requests(clock.now)
    server.behaviour = requests
    for minute in range(30):
        requests.put(f"r{minute}", NOW - timedelta(hours=2) + timedelta(minutes=minute))
    # Those that change are read again in any case; the ones after them must not slip through.
    waiting = iter(["r0", "r1", "r2", "r3"])

    def change(_n: int) -> None:
        clock.advance(seconds=2)
        for _ in range(2):
            if (key := next(waiting, None)) is not None:
                requests.put(key, clock.now())

    requests.before_answer = change
    results, _ = _cycle(connect(_source(order="updated", last_page=last_page, max_window_h=100)), None)
    assert _ids(results) == {f"r{minute}" for minute in range(30)}


def test_many_records_of_one_instant_are_all_read(server, connect, clock):
    requests = Requests(clock.now)
    server.behaviour = requests
    for number in range(20):
        requests.put(f"r{number:02}", NOW - timedelta(hours=1))
    results, _ = _cycle(connect(_source(order="updated", last_page="short")), None)
    assert len(_ids(results)) == 20


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(days=1)], ids=["behind", "ahead"])
def test_a_source_whose_clock_is_a_day_behind_loses_nothing(server, connect, clock, ahead):
    """Records are stamped with the source's clock, whatever ours shows; a day ahead is the same case mirrored."""
    requests = Requests(lambda: clock.now() + ahead)
    server.behaviour = requests
    connector = connect(_source(order="updated"))
    _, cursor = _cycle(connector, None)
    seen: set[str] = set()
    for number in range(20):
        clock.advance(seconds=400)
        requests.put(f"r{number}", requests.now() - timedelta(seconds=1))
        results, cursor = _cycle(connector, cursor)
        seen |= _ids(results)
    assert seen == {f"r{number}" for number in range(20)}


def test_a_source_whose_clock_was_set_back_loses_nothing(server, connect, clock):
    skew = [timedelta(0)]
    requests = Requests(lambda: clock.now() + skew[0])
    server.behaviour = requests
    connector = connect(_source())
    _, cursor = _cycle(connector, None)
    skew[0] = timedelta(hours=-5)
    seen: set[str] = set()
    for number in range(3):
        clock.advance(seconds=400)
        requests.put(f"r{number}", requests.now() - timedelta(seconds=1))
        results, cursor = _cycle(connector, cursor)
        seen |= _ids(results)
    # What came in the very poll that noticed the change is found again by the next one.
    assert seen == {"r0", "r1", "r2"}


def test_windows_by_receipt_use_the_parameters_that_every_server_has(server, connect, clock):
    requests = Requests(clock.now)
    server.behaviour = requests
    _cycle(connect(_source(window="requested", query={"jurisdiction_id": "city.example"})), None)
    assert set(requests.questions[0]) == {"start_date", "end_date", "page", "page_size", "jurisdiction_id"}
    assert requests.questions[0]["start_date"] == "2026-11-18T05:55:30.000Z"


def test_names_of_services_are_asked_once_and_only_where_a_request_carries_none(server, connect, clock):
    requests = Requests(clock.now)
    server.behaviour = requests
    requests.put("a", NOW - timedelta(minutes=1))
    connector = connect(_source())
    results, cursor = _cycle(connector, None)
    _cycle(connector, cursor)
    assert requests.services == 1
    assert [record.text for result in results for record in result.records][:1] == ["Pothole"]
    _cycle(connect(_source(services=False)), None)
    assert requests.services == 1


@pytest.mark.attack(57)
@pytest.mark.parametrize("body", [XXE, LAUGHS], ids=["outside reference", "billion laughs"])
def test_xml_with_entities_or_outside_references_is_refused(server, connect, body):
    server.behaviour = answer(body, content_type="text/xml")
    with pytest.raises(SourceContractBrokenError, match="not XML"):
        connect(_source(format="xml")).poll(None)


def test_a_cursor_of_another_connector_is_noticed(server, connect):
    with pytest.raises(SourceContractBrokenError, match="cursor"):
        connect(_source()).poll('{"read_at":"2026-11-21T00:00:00Z","v":1}')


def test_the_position_survives_a_new_process(server, connect, clock):
    requests = Requests(clock.now)
    server.behaviour = requests
    for hour in range(40):
        requests.put(f"r{hour}", NOW - timedelta(hours=hour, minutes=30))
    cursor, seen, polls = None, set(), 0
    while True:
        result = connect(_source(order="updated", max_window_h=10)).poll(cursor)
        cursor, polls = result.cursor, polls + 1
        seen |= _ids([result])
        if result.completeness is Completeness.COMPLETE:
            break
        assert polls < 100
    assert len(seen) == 40


@pytest.mark.parametrize("overlap_s", [24 * 3600, 72 * 3600])
def test_a_window_that_would_never_lead_on_is_refused(overlap_s):
    """It would end before it began to be new: the same question for ever, and the present never read."""
    source = _source(max_window_h=24, overlap_s=overlap_s)
    with pytest.raises(ProfileError, match="overlap_s must be shorter than max_window_h"):
        build_connector(source, ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), simulator_url="http://127.0.0.1:9")


def test_incidents_cannot_come_from_open311():
    source = msgspec.structs.replace(_source(), records="incidents")
    with pytest.raises(ProfileError, match="appeals"):
        build_connector(source, ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), simulator_url="http://127.0.0.1:9")


@pytest.mark.parametrize("wrong_page", [0, 1, 2])
def test_what_a_clock_set_back_on_one_page_would_refuse_is_read_again(server, connect, clock, wrong_page):
    """The clock is an hour slow for one page of a window and right at its end: the next window begins an hour back."""
    requests = Requests(lambda: NOW)
    server.behaviour = requests
    for minute in range(8):
        requests.put(f"r{minute}", NOW - timedelta(minutes=20 - minute))
    connector, cursor, number = connect(_source(order="updated", last_page="short", max_window_h=100)), None, 0
    complete = False
    while not complete:
        clock.set(NOW - timedelta(hours=1) if number == wrong_page else NOW)
        result = connector.poll(cursor)
        cursor, number = result.cursor, number + 1
        complete = result.completeness is Completeness.COMPLETE
    assert number > wrong_page
    clock.set(NOW)
    results, _ = _cycle(connector, cursor)
    assert _ids(results) == {f"r{minute}" for minute in range(8)}


def test_an_empty_answer_in_the_middle_of_a_storm_passes_nothing_over(server, connect, clock):
    """The source names nothing for an hour, far longer than the overlap; what came meanwhile is read afterwards."""
    requests = Requests(clock.now)
    server.behaviour = requests
    requests.put("before", NOW - timedelta(minutes=1))
    connector = connect(_source(overlap_s=300, max_window_h=100, last_page="short"))
    _, cursor = _cycle(connector, None)
    for minute in range(0, 60, 5):
        clock.set(NOW + timedelta(minutes=minute))
        server.behaviour = Requests(clock.now)
        results, cursor = _cycle(connector, cursor)
        assert results[-1].completeness is Completeness.COMPLETE
        requests.put(f"r{minute}", clock.now())
    server.behaviour = requests
    results, _ = _cycle(connector, cursor)
    assert _ids(results) == {"before", *(f"r{minute}" for minute in range(0, 60, 5))}


def test_an_empty_answer_between_two_pages_passes_nothing_over(server, connect, clock):
    """The second question of a window is answered with nothing, though the last record read must be named again."""
    requests = Requests(clock.now)
    for minute in range(8):
        requests.put(f"r{minute}", NOW - timedelta(minutes=50 - minute))
    server.behaviour = requests
    connector = connect(_source(order="updated", overlap_s=60, max_window_h=100, last_page="short"))
    cursor = connector.poll(None).cursor
    server.behaviour = Requests(clock.now)
    result = connector.poll(cursor)
    assert result.completeness is Completeness.COMPLETE
    server.behaviour = requests
    results, _ = _cycle(connector, result.cursor)
    assert _ids(results) >= {f"r{minute}" for minute in range(3, 8)}


@pytest.mark.parametrize("backfill_window_h", [24, 100], ids=["windows of the past", "to the present"])
def test_an_empty_page_after_a_full_one_is_asked_for_once_more(server, connect, clock, backfill_window_h):
    """Pages without an order: the second is answered with nothing, once; what it holds must still be read."""
    requests = Requests(clock.now, order="requested")
    for minute in range(7):
        requests.put(f"r{minute}", NOW - timedelta(hours=60, minutes=minute))
    answered: set[str] = set()

    def behaviour(handler):
        if "page=2" in handler.path and handler.path not in answered:
            answered.add(handler.path)
            answer(b"[]")(handler)
            return
        requests(handler)

    server.behaviour = behaviour
    results, _ = _cycle(connect(_source(max_window_h=backfill_window_h)), None)
    assert _ids(results) == {f"r{minute}" for minute in range(7)}


def test_an_end_that_no_full_page_came_before_is_believed_at_once(server, connect, clock):
    requests = Requests(clock.now, order="requested")
    for minute in range(2):
        requests.put(f"r{minute}", NOW - timedelta(minutes=minute))
    server.behaviour = requests
    _cycle(connect(_source(max_window_h=100)), None)
    assert [question["page"] for question in requests.questions] == ["1", "2"]
