"""Every connector against its twin in the simulator: what it brings is what is true there, also while that changes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec
import pytest

from datasources.registry import build_connector
from simulator import lists, tables, vk
from simulator.alerts import SENDER
from simulator.alerts import UNREADABLE_N as UNREADABLE_ALERTS_N
from simulator.front import CLIENT, SECRET, TOKEN
from simulator.inbox import InboxWriter
from simulator.telegram import GROUP, message_id
from simulator.truth import truth_appeals, truth_incidents
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import Completeness, Record
from tests.contracts.twins import STARTS_AT, Simulated, Twin, load_twins, simulated_region

HERE = {"allow_private": True}


@pytest.fixture(scope="module")
def running():
    with simulated_region() as region:
        for _ in region.history.prepare(STARTS_AT, days_n=2):
            pass  # on a busy machine the first answer would else come too late
        yield region


@pytest.fixture
def region(running):
    running.clock.set(STARTS_AT)
    return running


@pytest.fixture(params=load_twins(), ids=lambda twin: f"{twin.source.connector}-{twin.source.id}")
def twin(request: pytest.FixtureRequest) -> Twin:
    return request.param


def _poll_to_the_end(region: Simulated, source, cursor=None, *, minutes_between_pages: int = 0):
    """Return what one cycle brought, by foreign id, and its last result."""
    connector = build_connector(source, region.clock, simulator_url=region.url)
    known: dict[str, Record] = {}
    results = []
    try:
        while not results or results[-1].completeness is Completeness.PARTIAL:
            results.append(connector.poll(cursor))
            cursor = results[-1].cursor
            known |= {record.foreign_id: record for record in results[-1].records}
            region.clock.advance(seconds=60 * minutes_between_pages)
            assert len(results) < 200
    finally:
        connector.close()
    return known, results


def _truth(region: Simulated, source, since):
    """Return what the address should tell: by foreign id as the connector writes it, status and time of change."""
    now = region.clock.now()
    if source.records == "appeals":
        rows = truth_appeals(region.history, now, since=since)
        if source.connector == "vk":
            return _truth_of_wall(rows, since)
        if source.connector == "telegram":
            return _truth_of_chats(rows, since, source.url.rsplit("/", 1)[1])
        system = source.url.split("/open311/")[1].split("/")[0] if "/open311/" in source.url else None
        return {row["foreign_id"]: row for row in rows if system in {None, row["system"]}}
    rows = truth_incidents(region.history, now)
    is_alert = source.connector == "cap"
    return {f"{SENDER}|{row['foreign_id']}.0" if is_alert else row["foreign_id"]: row for row in rows}


def _truth_of_chats(rows, since, system):
    """Return what is said in a chat: a question, which is new until it is answered, and the answer."""
    told = {}
    for row in rows:
        answered = row["status"] == "answered"
        changed_at = row["answered_at"] if answered else row["received_at"]
        if row["system"] == system and changed_at > since:
            told[f"{GROUP}/{message_id(row['foreign_id'])}"] = {
                "status": "answered" if answered else "new",
                "updated_at": changed_at,
            }
    return told


def _truth_of_wall(rows, since):
    """Return what is said on a wall, under its posts since then, and about it elsewhere."""
    told = {}
    for row in rows:
        number, kind = message_id(row["foreign_id"]), vk.kind_of(row["foreign_id"])
        post = vk.post_before(row["received_at"])
        said_at = row["received_at"]
        if kind == vk.POSTS:
            key = f"wall-1_{number}"
        elif kind == vk.MENTIONS:
            page = f"wall{vk.own_page(number)}_{number}"
            key = "wall~" + blake2b(page.encode(), digest_size=12).hexdigest()
        else:
            key, said_at = f"wall-1_{post}_r{number}", datetime.fromtimestamp(post * vk.POST_EVERY_S, UTC)
        if row["system"] == "social" and said_at >= since:
            is_answered = row["status"] == "answered" and kind != vk.MENTIONS
            told[key] = {"status": "answered" if is_answered else "new", "updated_at": None}
    return told


def _open(known: dict[str, Record], source) -> dict[str, Record]:
    return known if source.records == "appeals" else {k: r for k, r in known.items() if r.status.is_open}


def _says(record: Record, source):
    """Return a record's stage and time of change; an alert tells of a stage only whether it is over."""
    return record.status.is_open if source.connector == "cap" else record.status.value, record.updated_at


def _is(row, source):
    return row["is_open"] if source.connector == "cap" else row["status"], row["updated_at"]


def test_a_twin_is_read_whole_and_says_what_is_true(twin, region):
    source, since = twin.source, region.clock.now() - timedelta(hours=twin.source.backfill_h)
    known, results = _poll_to_the_end(region, source)
    truth = _truth(region, source, since)
    told = _open(known, source)
    assert told.keys() == truth.keys()
    assert len(truth) > (100 if source.records == "appeals" else 3)
    for key, record in told.items():
        assert _says(record, source) == _is(truth[key], source), key
    rejected_n = sum(len(result.rejected) for result in results)
    if not twin.is_rough:
        assert rejected_n == 0
    elif source.connector in {"telegram", "vk"}:
        assert rejected_n > 0
        assert sum(sum(result.skipped.values()) for result in results) > 0
    elif source.connector == "http_json":
        assert rejected_n == lists.UNREADABLE_N * sum(1 for result in results if result.read_n)
    else:
        assert rejected_n == {"cap": UNREADABLE_ALERTS_N, "table": tables.UNREADABLE_N}[source.connector]


def test_a_twin_that_changes_while_it_is_read_loses_nothing(twin, region):
    """Ten minutes pass between two pages, in which appeals arrive and change; the next cycle ends the matter."""
    source, since = twin.source, region.clock.now() - timedelta(hours=twin.source.backfill_h)
    known, results = _poll_to_the_end(region, source, minutes_between_pages=10)
    after, _ = _poll_to_the_end(region, source, results[-1].cursor)
    known |= after
    truth = _truth(region, source, max(since, region.clock.now() - timedelta(days=1)))
    told = _open(known, source)
    assert truth.keys() <= told.keys()
    for key, row in truth.items():
        assert _says(told[key], source) == _is(row, source), key


def test_a_twin_asked_again_from_the_beginning_tells_the_same(twin, region):
    first, _ = _poll_to_the_end(region, twin.source)
    again, _ = _poll_to_the_end(region, twin.source)
    assert first == again


@pytest.mark.parametrize("manner", ["401", "403", "404", "html", "nothing", "cut", "redirect"])
def test_a_twin_with_bad_manners_that_a_person_must_mend(twin, region, manner):
    with pytest.raises(SourceContractBrokenError):
        _poll_to_the_end(region, _rough(twin.source, manner))


@pytest.mark.parametrize(("manner", "wait_s"), [("429", 5), ("long-wait", 3600), ("503", None), ("half", None)])
def test_a_twin_with_bad_manners_that_pass_is_asked_again_later(twin, region, manner, wait_s):
    with pytest.raises(SourceUnavailableError) as caught:
        _poll_to_the_end(region, _rough(twin.source, manner))
    assert caught.value.retry_after_s == wait_s


def test_a_moody_twin_is_read_whole_in_the_end(twin, region):
    """Each question may fail; who keeps the cursor and asks again has everything."""
    source, since = _rough(twin.source, "moody"), region.clock.now() - timedelta(hours=twin.source.backfill_h)
    connector = build_connector(source, region.clock, simulator_url=region.url)
    known: dict[str, Record] = {}
    cursor, complete, failures = None, False, 0
    for _ in range(400):
        try:
            result = connector.poll(cursor)
        except (SourceUnavailableError, SourceContractBrokenError):
            failures += 1
            continue
        cursor, complete = result.cursor, result.completeness is Completeness.COMPLETE
        known |= {record.foreign_id: record for record in result.records}
        if failures > 2 and complete and _open(known, source).keys() == _truth(region, source, since).keys():
            break
    connector.close()
    assert complete
    assert failures > 2
    assert _open(known, source).keys() == _truth(region, source, since).keys()


def _rough(source, manner):
    return msgspec.structs.replace(source, url=source.url.replace("{simulator}/", f"{{simulator}}/rough/{manner}/"))


def _locked(region: Simulated, http: dict[str, object]):
    source = next(twin.source for twin in load_twins() if twin.source.id == "twin-cursor")
    return msgspec.structs.replace(
        source, url=f"{region.url}/locked/lists/cursor.json", params={**source.params, "http": HERE | http}
    )


def test_the_lock_of_the_simulator_opens_to_each_kind_of_secret(region, tmp_path):
    def kept(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    client = kept("client", f"{CLIENT}:{SECRET}")
    token_url = f"{region.url}/oauth/token"
    for http in (
        {"bearer_file": kept("token", TOKEN)},
        {"basic_file": client},
        {"header_files": {"X-Api-Key": kept("key", TOKEN)}},
        {"oauth": {"token_url": token_url, "client_file": client}},
        {"oauth": {"token_url": token_url, "client_file": client, "send": "body"}},
    ):
        known, _ = _poll_to_the_end(region, _locked(region, http))
        assert len(known) > 100
    wrong = kept("wrong", "nobody:guess")
    for http in ({}, {"basic_file": wrong}, {"oauth": {"token_url": token_url, "client_file": wrong}}):
        with pytest.raises(SourceContractBrokenError, match="401"):
            _poll_to_the_end(region, _locked(region, http))


def test_a_token_of_the_simulator_that_ran_out_while_pages_are_read_is_renewed(region, tmp_path):
    path = tmp_path / "client"
    path.write_text(f"{CLIENT}:{SECRET}")
    path.chmod(0o600)
    source = _locked(region, {"oauth": {"token_url": f"{region.url}/oauth/token", "client_file": str(path)}})
    known, results = _poll_to_the_end(region, source, minutes_between_pages=11)
    assert len(results) > 3
    assert len(known) > 100


def test_a_watched_folder_that_the_simulator_fills_is_read_whole(region, tmp_path):
    """Whole, in halves, renamed over, rough, cut off and mended: each turn is looked at, what is true is known."""
    source = next(twin.source for twin in load_twins() if twin.source.id == "twin-csv")
    folder = tmp_path / "inbox"
    source = msgspec.structs.replace(source, url=f"file://{folder}/appeals-*.csv")
    writer = InboxWriter(folder, region.site.tables, region.clock, every_s=0.001)
    connector = build_connector(source, region.clock, folders=[tmp_path])
    known: dict[str, Record] = {}
    cursor, rejected_n, named = None, 0, set()
    for turn in range(18):
        writer.turn()
        changed_s = region.clock.now().timestamp()
        for path in folder.iterdir():
            if path.stat().st_mtime > changed_s:
                os.utime(path, (changed_s, changed_s))
        for _ in range(12):
            region.clock.advance(seconds=30)
            try:
                result = connector.poll(cursor)
            except SourceContractBrokenError as error:
                named.add(str(error).split("-")[-1][:3])
                continue
            cursor = result.cursor
            rejected_n += len(result.rejected)
            known |= {record.foreign_id: record for record in result.records}
        assert named == ({"cut"} if turn >= 4 else set()), "a table that was cut off is named, and no other"
    connector.close()
    truth = truth_appeals(region.history, region.clock.now() - timedelta(minutes=10), since=STARTS_AT)
    assert {row["foreign_id"] for row in truth} <= known.keys()
    assert rejected_n == 3 * tables.UNREADABLE_N
    assert len(list(folder.iterdir())) <= 12
