"""`POST /ingest/<source>`: signed deliveries are stored once and answered alike; everything else changes nothing."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
import sqlalchemy as sa

from callbacks.intake import MAX_BODY_BYTES
from svodka.domain.errors import StorageUnavailableError
from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.security.signatures import sign
from svodka.storage.journal import JournalEntry
from svodka.storage.sources import load_sources
from svodka.storage.tables import appeal_versions, appeals, change_log, deliveries, quarantine
from svodka.storage.wishes import pause_source
from tests.integration.pushing import OLD_SECRET, SECRET, SENT, Door, record, source_of, write_secret


@pytest.fixture
def door(database, tmp_path):
    with contextlib.closing(Door(database, source_of(tmp_path))) as opened:
        yield opened


@pytest.fixture
def sqlite_door(sqlite_database, tmp_path):
    with contextlib.closing(Door(sqlite_database, source_of(tmp_path))) as opened:
        yield opened


def count(database, table):
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def counts(database):
    return [count(database, table) for table in (appeals, appeal_versions, change_log, quarantine, deliveries)]


def health(door):
    with door.database.read() as connection:
        return load_sources(connection).get("pushed")


def later(door, seconds):
    door.clock.advance(seconds=seconds)
    door.real_clock.advance(seconds=seconds)
    return str(int(door.real_clock.now().timestamp()))


def test_a_delivery_is_committed_before_it_is_answered_with_counts(door):
    """Stored, updated, duplicate, outdated and quarantined are told apart, as a poll's log line tells them."""
    first = [record(1), record(2, changed="2026-11-21T05:30:00Z"), {"id": "a-3", "state": "new"}, record(4, state="?")]
    status, told, headers = door.post(first)
    assert status == 202
    assert told == {
        "read": 4,
        "stored": 2,
        "updated": 0,
        "duplicate": 0,
        "outdated": 0,
        "quarantined": 2,
        "reasons": {"missing_time": 1, "status_unknown": 1},
    }
    assert headers["Cache-Control"] == "no-store"
    assert (count(door.database, appeals), count(door.database, quarantine), door.committed) == (2, 2, 1)
    again = [record(1), record(2, changed="2026-11-21T05:10:00Z"), record(1, state="done")]
    status, told, _headers = door.post(again, timestamp=later(door, 10))
    assert (status, told["updated"], told["duplicate"], told["outdated"]) == (202, 1, 1, 1)
    assert health(door).records_total == 2


def test_a_delivery_that_comes_again_adds_no_row_and_is_answered_alike(door):
    """The same request byte for byte, and the same delivery signed anew a minute later under the same name."""
    body = [record(1), record(2), {}]
    first = door.post(body, Svodka_Delivery="d-1")
    stood = counts(door.database)
    for timestamp in (SENT, later(door, 60)):
        status, told, headers = door.post(body, Svodka_Delivery="d-1", timestamp=timestamp)
        assert (status, told, headers["Svodka-Repeated"]) == (202, first[1], "1")
    assert door.post(body, timestamp=SENT)[1] == first[1]
    assert counts(door.database) == stood
    assert health(door).polls_total == 1
    assert door.committed == 1


def test_what_was_recorded_on_the_way_takes_no_status_back(door):
    """A replay of an older delivery, within the window and without a name, must not undo what came after it."""
    door.post([record(1)])
    door.post([record(1, state="done")], timestamp=later(door, 5))
    stood = counts(door.database)
    assert door.post([record(1)], timestamp=SENT, Svodka_Delivery="another-name")[2]["Svodka-Repeated"] == "1"
    assert counts(door.database) == stood


def test_another_body_under_the_same_name_is_a_conflict(door):
    door.post([record(1)], Svodka_Delivery="d-1")
    status, told, _headers = door.post([record(2)], Svodka_Delivery="d-1")
    assert (status, told["error"]) == (409, "delivery_id_used")
    assert count(door.database, appeals) == 1


def test_the_same_delivery_to_two_doors_at_once_is_stored_once(database, tmp_path):
    """Two web processes; the sender was impatient."""
    source = source_of(tmp_path)
    barrier = threading.Barrier(2, timeout=10)

    def together(call):
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait()
        return call()

    with (
        contextlib.closing(Door(database, source, in_time=together)) as one,
        contextlib.closing(Door(database, source, in_time=together)) as two,
    ):
        answers = []
        body = [record(n) for n in range(50)]
        threads = [
            threading.Thread(target=lambda d=d: answers.append(d.post(body, Svodka_Delivery="d-1"))) for d in (one, two)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert [status for status, _told, _headers in answers] == [202, 202]
    assert answers[0][1] == answers[1][1]
    assert answers[0][1]["stored"] == 50
    assert (count(database, appeals), count(database, appeal_versions), count(database, deliveries)) == (50, 50, 1)


def test_whoever_has_not_signed_learns_nothing_and_changes_nothing(sqlite_door):
    """A wrong signature and a source that is not there are answered alike, to the byte."""
    door = sqlite_door
    body = [record(1)]
    wrong = [
        door.post(body, secret="not the secret of this source at all"),
        door.post(body, path="/ingest/nobody"),
        door.post(body, path="/ingest/nobody", secret="x" * 40),
        door.post(body, Svodka_Signature=sign(SECRET.encode(), SENT, b"[]")),
        door.post(body, Svodka_Timestamp=str(int(SENT) + 1)),
        door.post(b"not even json", secret="x" * 40),
    ]
    assert {status for status, _told, _headers in wrong} == {401}
    assert len({str(told) for _status, told, _headers in wrong}) == 1
    assert {tuple(sorted(headers)) for _status, _told, headers in wrong} == {tuple(sorted(wrong[0][2]))}
    assert counts(door.database) == [0, 0, 0, 0, 0]
    assert health(door) is None


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({"Svodka_Timestamp": None}, 400, "timestamp"),
        ({"Svodka_Timestamp": "2026-11-21T06:00:00Z"}, 400, "timestamp"),
        ({"Svodka_Timestamp": "9" * 40}, 400, "timestamp"),
        ({"Svodka_Signature": None}, 400, "signature"),
        ({"Svodka_Signature": "sha1=abc"}, 400, "signature"),
        ({"Svodka_Delivery": "x" * 129}, 400, "delivery"),
        ({"Svodka_Delivery": "a b"}, 400, "delivery"),
        ({"Content_Encoding": "gzip"}, 415, "encoding"),
        ({"Content_Type": "text/csv"}, 415, "content_type"),
        ({"Content_Type": None}, 415, "content_type"),
    ],
)
def test_a_head_that_is_not_one_of_a_delivery_is_refused(sqlite_door, headers, status, error):
    found, told, _headers = sqlite_door.post([record(1)], **headers)
    assert (found, told["error"]) == (status, error)
    assert counts(sqlite_door.database) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("off_s", [-301, 301, -86_400, 998_000_000_000])
def test_a_delivery_outside_of_the_window_is_refused_and_told_how_far_its_clock_is_off(sqlite_door, off_s):
    """An old recording and a sender with a wrong clock; only who has signed is told of the clock."""
    sent = str(int(SENT) + off_s)
    status, told, _headers = sqlite_door.post([record(1)], timestamp=sent)
    assert (status, told["error"]) == (401, "clock")
    assert str(abs(off_s) // 10) in told["detail"]
    assert sqlite_door.post([record(1)], timestamp=sent, secret="x" * 40)[1]["error"] == "unsigned"
    assert counts(sqlite_door.database) == [0, 0, 0, 0, 0]
    assert sqlite_door.post([record(1)], timestamp=str(int(SENT) + (299 if off_s > 0 else -269)))[0] == 202


def test_two_secrets_are_good_while_they_are_being_changed(sqlite_database, tmp_path):
    """The new file is read without a restart; the old secret is good only while the sources file names it."""
    old = write_secret(tmp_path, "old", OLD_SECRET)
    source = source_of(tmp_path, previous_secret_file=str(old))
    with contextlib.closing(Door(sqlite_database, source)) as door:
        assert door.post([record(1)], secret=OLD_SECRET)[0] == 202
        assert door.post([record(2)])[0] == 202
        write_secret(tmp_path, text="a third one, which nobody knows so far")
        assert door.post([record(3)])[0] == 401
        old.chmod(0o640)
        assert door.post([record(3)], secret=OLD_SECRET)[0] == 401


def test_a_body_of_another_form_is_a_failure_of_its_source_and_can_be_sent_again(sqlite_door):
    """The operator sees it at the source; the sender is told what is wrong, without its content."""
    status, told, _headers = sqlite_door.post(b'{"canary": "hunter2', Svodka_Delivery="d-1")
    assert (status, told["error"]) == (422, "unusable")
    assert "hunter2" not in told["detail"]
    found = health(sqlite_door)
    assert (found.failures_n, found.error_kind) == (1, "SourceContractBrokenError")
    assert "hunter2" not in found.error_text
    assert sqlite_door.post(b'{"canary": "hunter2', Svodka_Delivery="d-1")[0] == 422
    assert sqlite_door.post([record(1)], Svodka_Delivery="d-1")[0] == 202
    assert (health(sqlite_door).failures_n, sqlite_door.committed) == (0, 3)


def test_a_body_above_the_limit_is_refused_before_it_is_read(sqlite_database, tmp_path):
    with contextlib.closing(Door(sqlite_database, source_of(tmp_path, max_bytes=1000))) as door:
        assert door.post(b"[" + b" " * 998 + b"]")[0] == 202
        status, told, _headers = door.post(b"[" + b" " * 999 + b"]")
        assert (status, told["error"]) == (413, "too_large")
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as line:
            head = ["POST /ingest/pushed HTTP/1.1", "Host: x", f"Svodka-Timestamp: {SENT}"]
            head += [f"Svodka-Signature: sha256={'0' * 64}", f"Content-Length: {MAX_BODY_BYTES + 1}", "", ""]
            line.sendall("\r\n".join(head).encode())
            assert b" 413 " in line.recv(4096).split(b"\r\n")[0]


def test_more_deliveries_than_agreed_are_refused_with_a_time(database, tmp_path):
    """Counted in the database: a second web process gives no second allowance; unusable ones count as well."""
    source = source_of(tmp_path, per_minute=3)
    with contextlib.closing(Door(database, source)) as one, contextlib.closing(Door(database, source)) as two:
        assert [one.post([record(n)])[0] for n in (1, 2)] == [202, 202]
        assert two.post(b"[")[0] == 422
        status, told, headers = two.post([record(4)])
        assert (status, told["error"], headers["Retry-After"]) == (429, "too_many", "61")
        assert one.post([record(1)])[0] == 202, "what is known is answered whatever the rate"
        later(two, 30)
        assert two.post([record(4)])[2]["Retry-After"] == "31"
        later(two, 31)
        assert two.post([record(4)], timestamp=str(int(SENT) + 61))[0] == 202


def test_an_unusable_delivery_that_comes_again_and_again_counts_each_time(sqlite_database, tmp_path):
    """The same bytes in a loop: each time they would be read and noted as a failure."""
    with contextlib.closing(Door(sqlite_database, source_of(tmp_path, per_minute=3))) as door:
        assert [door.post(b"[")[0] for _ in range(5)] == [422, 422, 422, 429, 429]
        assert health(door).failures_n == 3


def test_a_source_that_pushes_ages_by_its_own_silence_and_an_empty_delivery_is_a_sign_of_life(door):
    source = door.source
    limits = Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)

    def state():
        age_s = (door.clock.now() - health(door).last_complete_at).total_seconds()
        return decide_source_state(age_s, limits)

    door.post([record(1)])
    later(door, 200)
    assert state() is State.AGEING
    sent = later(door, 200)
    assert state() is State.STALE
    status, told, _headers = door.post(b"", timestamp=sent, Content_Type=None)
    assert (status, told["read"]) == (202, 0)
    assert state() is State.FRESH
    assert health(door).lag_s == 0.0
    door.post([record(2)], timestamp=later(door, 200), Svodka_More="1")
    assert state() is State.AGEING, "more is to come: this is not yet the whole picture"
    replayed = door.post(b"", timestamp=sent, Content_Type=None)
    assert replayed[2]["Svodka-Repeated"] == "1"
    assert state() is State.AGEING, "a recorded sign of life keeps nobody alive"


def test_a_database_that_is_away_is_told_and_the_same_delivery_is_good_afterwards(sqlite_database, tmp_path):
    away = True

    def in_time(call):
        if away:
            message = "gone"
            raise StorageUnavailableError(message)
        return call()

    with contextlib.closing(Door(sqlite_database, source_of(tmp_path), in_time=in_time)) as door:
        status, told, headers = door.post([record(1)], Svodka_Delivery="d-1")
        assert (status, told["error"], headers["Retry-After"]) == (503, "storage_unavailable", "5")
        away = False
        assert door.post([record(1)], Svodka_Delivery="d-1")[1]["stored"] == 1


def test_a_source_that_is_paused_takes_nothing_and_its_sender_keeps_it(door):
    """What is known already is answered; the source ages meanwhile, and goes on where it stopped."""
    door.post([record(1)], Svodka_Delivery="d-1")
    entry = JournalEntry(at=door.clock.now(), link_id="l", who="Operator", action="x", subject="pushed")
    with door.database.write() as connection:
        assert pause_source(connection, "pushed", entry, paused=True)
    sent = later(door, 10)
    status, told, headers = door.post([record(2)], timestamp=sent, Svodka_Delivery="d-2")
    assert (status, told["error"], headers["Retry-After"]) == (503, "paused", "60")
    assert door.post([record(1)], timestamp=sent, Svodka_Delivery="d-1")[0] == 202
    assert count(door.database, appeals) == 1
    assert health(door).last_complete_at < door.clock.now()
    with door.database.write() as connection:
        pause_source(connection, "pushed", entry, paused=False)
    assert door.post([record(2)], timestamp=sent, Svodka_Delivery="d-2")[1]["stored"] == 1


def test_an_error_between_facts_and_delivery_stores_neither(sqlite_door, monkeypatch):
    """The answer that is remembered and what it counts are one transaction."""

    def broken(*_words):
        message = "disk full"
        raise StorageUnavailableError(message)

    monkeypatch.setattr("svodka.ingest.intake.save_delivery", broken)
    assert sqlite_door.post([record(1)])[0] == 503
    assert counts(sqlite_door.database) == [0, 0, 0, 0, 0]
    monkeypatch.undo()
    assert sqlite_door.post([record(1)])[1]["stored"] == 1


def test_neither_secret_nor_content_is_in_answers_logs_or_health(sqlite_door, capsys, caplog):
    canary = "Канарейкина Анна, +7 900 123-45-67"
    answers = [
        sqlite_door.post([record(1, text=canary), {"id": canary}, {"text": canary}]),
        sqlite_door.post(canary.encode()),
        sqlite_door.post([record(1, text=canary)], secret="x" * 40),
        sqlite_door.post([record(1, text=canary)], Svodka_Delivery="d-2", timestamp=str(int(SENT) + 1)),
    ]
    said = str(answers) + str(health(sqlite_door)) + caplog.text + "".join(capsys.readouterr())
    assert '"delivery"' in said or "delivery" in said
    for word in ("Канарейкина", "123-45-67", SECRET):
        assert word not in said


def test_deliveries_are_forgotten_after_two_days(sqlite_door):
    for _ in range(3):
        sqlite_door.post([record(1)], timestamp=later(sqlite_door, 86_400))
    assert count(sqlite_door.database, deliveries) == 3
    sqlite_door.post([record(1)], timestamp=later(sqlite_door, 3600))
    assert count(sqlite_door.database, deliveries) == 3
