"""Empty databases of both kinds for one measurement each: SQLite files, and a PostgreSQL server of the run's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg

from bench.faults.processes import Keeper, Postgres
from svodka.domain.clock import monotonic_s
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate

SQLITE, POSTGRES = "sqlite", "postgres"
_START_S = 20.0


def find_postgres() -> bool:
    """Return whether PostgreSQL is installed."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


class Databases:
    """Makes empty databases.

    Args:
        folder: Where they lie.
        server: A running server for the kind `postgres`, None where only SQLite is measured.
    """

    def __init__(self, folder: Path, server: Postgres | None) -> None:
        self.folder, self._server = folder, server
        self.kinds = (SQLITE, POSTGRES) if server is not None else (SQLITE,)
        self._made_n = 0

    def url(self, kind: str) -> str:
        """Make an empty database and return its address."""
        self._made_n += 1
        if kind == SQLITE:
            return f"sqlite:///{self.folder / f'bench-{self._made_n}.sqlite3'}"
        assert self._server is not None
        self._server.execute(f"CREATE DATABASE bench_{self._made_n}")
        return self._server.url().replace("/svodka", f"/bench_{self._made_n}")

    @contextmanager
    def fresh(self, kind: str) -> Iterator[Database]:
        """Give an open, migrated, empty database."""
        database = open_database(self.url(kind))
        try:
            migrate(database)
            yield database
        finally:
            database.close()


@contextmanager
def databases() -> Iterator[Databases]:
    """Give a maker of databases and end all of it; PostgreSQL, where it is installed, with fsync as it is installed."""
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as name:
        folder = Path(name)
        if not find_postgres():
            print("PostgreSQL (initdb) is not installed: SQLite only")
            yield Databases(folder, None)
            return
        keeper = Keeper(Random(0))  # noqa: S311 - nothing secret
        try:
            server = Postgres(folder)
            keeper.add(server.process(max_wal_size="1GB", min_wal_size="80MB", shared_buffers="128MB"))
            _await(server)
            yield Databases(folder, server)
        finally:
            keeper.close()


def _await(server: Postgres) -> None:
    ends_s = monotonic_s() + _START_S
    while True:
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            if monotonic_s() > ends_s:
                raise
        else:
            return
