"""Opening the database: one engine per process, consistent reads, short writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.engine import make_url

from svodka.domain.clock import monotonic_s
from svodka.domain.errors import StartError, StorageUnavailableError

Connection = sa.Connection  # for annotations of those who pass a transaction on and may not know SQL
_BUSY_TIMEOUT_MS = 5000
_CONNECT_TIMEOUT_S = 5
_IDLE_LIMIT_MS = 60_000
_KEEPALIVE_S = 10


class Outage:
    """Says once that one kind of access fails and once that it works again, and counts; for any thread, without a lock.

    Args:
        access: read or write. They fail apart: a full disk still reads.
        is_told: Whether it says anything.
    """

    def __init__(self, access: str, *, is_told: bool = True) -> None:
        self.access = access
        self._is_told = is_told
        self.failures_n = 0
        self._since_s: float | None = None

    def note_failure(self, error: StorageUnavailableError) -> None:
        """Note a transaction that failed."""
        self.failures_n += 1
        if self._is_told and self._since_s is None:
            self._since_s = monotonic_s()
            text = str(error).partition("\n")[0]
            structlog.get_logger().error("database_away", part="storage", access=self.access, error=text)

    def note_success(self) -> None:
        """Note a transaction that went well."""
        since_s, self._since_s = self._since_s, None
        if since_s is not None:
            after_s = round(monotonic_s() - since_s, 1)
            structlog.get_logger().info("database_back", part="storage", access=self.access, after_s=after_s)


class Database:
    """The database of one process."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.outages = (Outage("read"), Outage("write"))
        self._in_hand: dict[object, float] = {}
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
        with self._translated(self.outages[0]), self.engine.connect() as connection:
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
        with self._translated(self.outages[1]), self._write_turn, self.engine.connect() as connection:
            connection.execution_options(svodka_write=True)
            with connection.begin():
                yield connection

    def check(self) -> None:
        """See that the database answers at all, before anything relies on it: a failure is no outage yet.

        Raises:
            StorageUnavailableError: It does not.
        """
        with self._translated(Outage("opening", is_told=False)), self.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def longest_s(self) -> float:
        """Return for how many seconds the oldest transaction under way has been; from any thread.

        A server that is stopped, or whose disk stands, keeps its connections and answers nothing: no limit of the
        network ends that wait, and the server's own limits do not run.
        """
        begun_s = list(self._in_hand.values())
        return monotonic_s() - min(begun_s) if begun_s else 0.0

    @contextmanager
    def _translated(self, outage: Outage) -> Iterator[None]:
        turn = object()
        self._in_hand[turn] = monotonic_s()
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            failure = StorageUnavailableError(str(error.orig))
            outage.note_failure(failure)
            raise failure from error
        except sa.exc.TimeoutError as error:  # all connections of the pool are in use
            failure = StorageUnavailableError(str(error))
            outage.note_failure(failure)
            raise failure from error
        finally:
            del self._in_hand[turn]
        outage.note_success()

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
        database.check()
    except StorageUnavailableError as error:
        database.close()
        shown = parsed.render_as_string(hide_password=True)
        message = f"The database {shown} does not answer: {str(error).splitlines()[0]}."
        raise StartError(message) from error
    return database


def open_memory() -> Database:
    """Open an empty database of this process alone: SQLite in memory, on one connection that any thread may use."""
    return Database(_sqlite_engine(make_url("sqlite://"), poolclass=sa.StaticPool))


def copy_memory(database: Database) -> Database:
    """Return a second database of `open_memory` that holds what the first one holds, page by page."""
    copy = open_memory()
    with database.engine.connect() as one, copy.engine.connect() as other:
        held, empty = one.connection.driver_connection, other.connection.driver_connection
        assert held is not None and empty is not None  # noqa: S101, PT018 - both are connected
        held.backup(empty)
    return copy


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


def _sqlite_engine(url: sa.URL, poolclass: type[sa.Pool] | None = None) -> sa.Engine:
    arguments = {"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=arguments, poolclass=poolclass)

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
