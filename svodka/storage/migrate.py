"""Bringing a database to the present schema, and naming its change log.

Safe when several processes start at once: the whole of it is one writing transaction, serialised by SQLite's
write lock or a PostgreSQL advisory lock; who comes second finds the work done. Steps live in `migrations/versions`.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from svodka.domain.errors import StartError, StorageUnavailableError
from svodka.storage.database import Connection, Database
from svodka.storage.tables import counters, meta

_LOCK_KEY = 7_363_821_001  # any number, the same in every process
_COUNTERS = ("appeal_id", "incident_id", "problem_id", "decision_id", "seq")
EPOCH_KEY = "epoch"
# SQLite waits for a writer for seconds only; another process that makes large indexes may take minutes.
_TURNS = 60


def migrate(database: Database) -> str:
    """Bring the database to the newest schema and make sure that its change log has a name.

    Args:
        database: Any database: empty, of an earlier version, or up to date already.

    Returns:
        The epoch: a random name with the schema's revision before it. It changes with the schema, because rows of
        an older log may not be readable by newer code; browsers then take a whole snapshot.

    Raises:
        StartError: The database was made by a newer version of the program.
        StorageUnavailableError: The database cannot be reached or written.
    """
    for _ in range(_TURNS - 1):
        try:
            return _migrate(database)
        except StorageUnavailableError as error:
            if "database is locked" not in str(error):
                raise
    return _migrate(database)


def _migrate(database: Database) -> str:
    config = _config()
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head() or ""
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in {step.revision for step in script.walk_revisions()}:
            message = f"The database has schema {current}, which is newer than this program knows (up to {head})."
            raise StartError(message)
        if current != head:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        _ensure_counters(connection)
        return _ensure_epoch(connection, head)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "svodka.storage:migrations")
    return config


def _ensure_counters(connection: Connection) -> None:
    present = set(connection.scalars(sa.select(counters.c.name)))
    missing = [{"name": name, "value": 0} for name in _COUNTERS if name not in present]
    if missing:
        connection.execute(sa.insert(counters), missing)


def _ensure_epoch(connection: Connection, revision: str) -> str:
    stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == EPOCH_KEY))
    if stored is not None and stored.startswith(f"{revision}."):
        return str(stored)
    epoch = f"{revision}.{secrets.token_hex(8)}"
    if stored is None:
        connection.execute(sa.insert(meta).values(key=EPOCH_KEY, value=epoch))
    else:
        connection.execute(sa.update(meta).where(meta.c.key == EPOCH_KEY).values(value=epoch))
    return epoch
