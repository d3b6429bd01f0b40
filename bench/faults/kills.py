"""Kill -9 at random moments of a write under load; then the database must open clean with all that was acknowledged.

On SQLite the writer is killed; on PostgreSQL in turn the writer and the whole server with all its backends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import psycopg

from bench.faults.processes import ROOT, Keeper, Postgres, base_environment
from svodka.domain.clock import monotonic_s
from svodka.profiles.reader import load_profile
from svodka.realtime.parent_death import dying_with_parent
from svodka.storage.database import open_database
from svodka.storage.rollups import compute_rollups, load_rollups
from tests.e2e.processes import wait_until

_LONGEST_LIFE_S = 0.4
_START_LIMIT_S = 60.0
NOT_INSTALLED = "amcheck is not installed"
_COUNTS = (
    "SELECT (SELECT value FROM counters WHERE name = 'seq'), (SELECT count(*) FROM change_log), "
    "(SELECT max(seq) FROM change_log), (SELECT count(*) FROM appeals), (SELECT max(id) FROM appeals), "
    "(SELECT records_total FROM sources WHERE source_id = 'writer'), "
    "(SELECT cursor FROM sources WHERE source_id = 'writer'), "
    "(SELECT count(*) FROM appeals a WHERE NOT EXISTS (SELECT 1 FROM appeal_versions v "
    "WHERE v.appeal_id = a.id AND v.version = a.version))"
)


class KillReport(msgspec.Struct, kw_only=True):
    """What was killed and found; `indexes_unchecked_n`: after so many kills amcheck was not there to look at them."""

    database: str
    kills_n: int = 0
    server_kills_n: int = 0
    acknowledged_n: int = 0
    in_doubt_n: int = 0
    indexes_unchecked_n: int = 0
    took_s: float = 0.0
    wrong: list[str] = []

    def line(self) -> str:
        """Return it in one line."""
        verdict = "ok" if not self.wrong else f"WRONG: {self.wrong[:3]}"
        n = self.indexes_unchecked_n
        unchecked = f" (indexes not compared with tables after {n} kills: amcheck is not installed)" if n else ""
        return (
            f"{self.database}: {self.kills_n} kills ({self.server_kills_n} of the server), {self.acknowledged_n} "
            f"commits acknowledged, {self.in_doubt_n} committed and not told, "
            f"in {self.took_s:.0f} s: {verdict}{unchecked}"
        )


def kill_repeatedly(database: str, kills_n: int, seed: int = 1) -> KillReport:
    """Kill so many times and look at the database after each."""
    began_s = monotonic_s()
    report = KillReport(database=database)
    draw = Random(f"kills {seed}")  # noqa: S311 - repeatable moments
    folder = Path(tempfile.mkdtemp(prefix="svodka-kills-"))
    folder.chmod(0o755)
    keeper = Keeper(draw)
    try:
        (folder / "home").mkdir()
        postgres = _start_postgres(folder, keeper) if database == "postgres" else None
        url = postgres.url() if postgres else f"sqlite:///{folder / 'home' / 'svodka.sqlite3'}"
        with _writer(url, folder) as writer:
            for number in range(kills_n):
                _kill_once(writer, keeper if postgres and number % 2 else None, draw, report)
                report.wrong += [f"kill {number}: {text}" for text in _look(folder, postgres, writer, report)]
                if report.wrong:
                    break
        report.wrong += _wrong_rollups(url)
    finally:
        keeper.close()
        shutil.rmtree(folder, ignore_errors=True)
    report.took_s = monotonic_s() - began_s
    return report


def _start_postgres(folder: Path, keeper: Keeper) -> Postgres:
    postgres = Postgres(folder)
    keeper.add(postgres.process())
    wait_until(lambda: _answers(postgres), _START_LIMIT_S, "PostgreSQL")
    postgres.execute("CREATE DATABASE svodka")
    with contextlib.suppress(psycopg.Error):
        postgres.execute("CREATE EXTENSION amcheck", database="svodka")
    return postgres


def _answers(postgres: Postgres) -> bool:
    try:
        postgres.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


class _Writer:
    """The writing process and what it has told."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.acknowledged = 0
        self.cursor = ""
        self.pid: int | None = None
        self.lives_ended = 0
        self.acks_n = 0
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, *rest = line.decode().split()
            if word == "ack":
                self.acknowledged, self.cursor = max(self.acknowledged, int(rest[0])), rest[1]
                self.acks_n += 1
            elif word == "pid":
                self.pid = int(rest[0])
            elif word == "ended":
                self.pid = None
                self.lives_ended += 1
            else:
                self.ready.set()

    def close(self) -> None:
        """Give the pipes of a process that has ended back."""
        self._thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def begin_life(self) -> None:
        """Ask for a new child and wait until it has stored something."""
        assert self.process.stdin is not None
        acks_n = self.acks_n
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        wait_until(lambda: self.acks_n > acks_n, _START_LIMIT_S, "the writer writes")

    def kill_life(self) -> None:
        """Kill -9 the child and wait until it is gone."""
        ended, pid = self.lives_ended, self.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.lives_ended > ended, _START_LIMIT_S, "the writer is gone")


@contextlib.contextmanager
def _writer(url: str, folder: Path) -> Iterator[_Writer]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.faults.writer", url, str(folder / "home")], cwd=ROOT, env=base_environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=dying_with_parent(),  # noqa: PLW1509 - one system call
    )  # fmt: skip
    writer = _Writer(process)
    try:
        if not writer.ready.wait(_START_LIMIT_S):
            message = "the writer does not start"
            raise TimeoutError(message)
        yield writer
    finally:
        if writer.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(writer.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        writer.close()


def _kill_once(writer: _Writer, server: Keeper | None, draw: Random, report: KillReport) -> None:
    acks_n = writer.acks_n
    writer.begin_life()
    threading.Event().wait(draw.random() * _LONGEST_LIFE_S)
    if server is not None:
        process = server.managed["postgres"].process
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            report.server_kills_n += 1
    writer.kill_life()
    report.kills_n += 1
    report.acknowledged_n += writer.acks_n - acks_n


def _look(folder: Path, postgres: Postgres | None, writer: _Writer, report: KillReport) -> Iterator[str]:
    if postgres is None:
        connection = sqlite3.connect(folder / "home" / "svodka.sqlite3")
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        row = connection.execute(_COUNTS).fetchone()
        connection.close()
    else:
        wait_until(lambda: _answers(postgres), _START_LIMIT_S, "PostgreSQL is back")
        with psycopg.connect(postgres.url()) as opened:
            verdict = _check_indexes(opened)
            row = opened.execute(_COUNTS.encode()).fetchone() or ()
        if verdict == NOT_INSTALLED:  # the counts below still read every row
            report.indexes_unchecked_n += 1
            verdict = "ok"
    head, lines_n, last, appeals_n, last_id, told_n, cursor, unversioned_n = row
    report.in_doubt_n += int(head > writer.acknowledged)
    checks = {
        f"the check says {verdict}": verdict == "ok",
        f"{writer.acknowledged} was acknowledged, the log ends at {head}": head >= writer.acknowledged,
        f"the log has {lines_n} lines up to {last}, its counter says {head}": head == lines_n == last,
        f"{appeals_n} appeals, newest id {last_id}, counted {told_n}": appeals_n == last_id == told_n,
        f"{unversioned_n} appeals lack their version": unversioned_n == 0,
        f"the cursor {cursor} is behind {writer.cursor}": _place(cursor) >= _place(writer.cursor),
    }
    yield from (text for text, is_so in checks.items() if not is_so)


def _wrong_rollups(url: str) -> Iterator[str]:
    """Compare all rollups, that hundreds of broken off transactions have added to, with the facts."""
    database = open_database(url)
    with database.read() as connection:
        if load_rollups(connection) != compute_rollups(connection, load_profile("kuzbass").zone):
            yield "rollups differ from the facts"
    database.close()


def _check_indexes(opened: psycopg.Connection[tuple[object, ...]]) -> str:
    """Return "ok" when every index agrees with its table (amcheck), what does not, or that nobody could look."""
    try:
        with opened.transaction():
            opened.execute(
                b"SELECT bt_index_parent_check(i.indexrelid, true) FROM pg_index i JOIN pg_class c "
                b"ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
                b"JOIN pg_namespace n ON n.oid = c.relnamespace "
                b"WHERE a.amname = 'btree' AND n.nspname = 'public'"
            )
    except psycopg.errors.UndefinedFunction:
        return NOT_INSTALLED
    except psycopg.Error as error:
        return str(error)
    return "ok"


def _place(cursor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cursor.split("/"))
