"""Opening the database: one engine per process, consistent reads, short writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from svodka.domain.errors import StartError, StorageUnavailableError

Connection = sa.Connection  # for annotations of those who pass a transaction on and may not know SQL
_BUSY_TIMEOUT_MS = 5000
_CONNECT_TIMEOUT_S = 5
_IDLE_LIMIT_MS = 60_000
_KEEPALIVE_S = 10


class Database:
    """The database of one process."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        # SQLite lets waiting writers try again and again until one is lucky; threads of one process queue up instead.
        self._write_turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give one read transaction: everything read in it belongs to the same `seq`.

        Yields:
            The connection, inside the transaction.

        Raises:
            StorageUnavailableError: The database cannot be reached.
        """
        with self._translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give one writing transaction, committed at the end and rolled back on any error.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that it cannot fail half way.

        Yields:
            The connection, inside the transaction.

        Raises:
            StorageUnavailableError: The database cannot be reached, is locked for long, read-only or full.
        """
        with self._translated(), self._write_turn, self.engine.connect() as connection:
            connection.execution_options(svodka_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            raise StorageUnavailableError(str(error.orig)) from error
        except sa.exc.TimeoutError as error:  # all connections of the pool are in use
            raise StorageUnavailableError(str(error)) from error

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL and see that it answers.

    Args:
        url: `sqlite:///…` or `postgresql://…` (psycopg is used).

    Returns:
        The open database.

    Raises:
        StartError: The URL is unusable or nothing answers there; the message names no password.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        message = "SVODKA_DATABASE_URL is not a database address such as postgresql://user@host/name."
        raise StartError(message) from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        message = f"SVODKA_DATABASE_URL: Svodka runs on sqlite and postgresql, not on {parsed.get_backend_name()}."
        raise StartError(message)
    engine = _sqlite_engine(parsed) if parsed.get_backend_name() == "sqlite" else _postgres_engine(parsed)
    database = Database(engine)
    try:
        with database.read() as connection:
            connection.execute(sa.text("SELECT 1"))
    except StorageUnavailableError as error:
        database.close()
        shown = parsed.render_as_string(hide_password=True)
        message = f"The database {shown} does not answer: {str(error).splitlines()[0]}."
        raise StartError(message) from error
    return database


def _postgres_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            # A writer whose machine or network is gone must not keep a source's row locked, nor wait, for hours.
            "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={_IDLE_LIMIT_MS}",
            "tcp_user_timeout": _IDLE_LIMIT_MS,
            "keepalives_idle": _KEEPALIVE_S,
            "keepalives_interval": _KEEPALIVE_S,
            "keepalives_count": 3,
        },
    )


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(raw: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        is_write = connection.get_execution_options().get("svodka_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine
