"""Any database comes to the newest schema, whoever starts first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from svodka.domain.errors import StartError
from svodka.storage import database as database_module
from svodka.storage.database import open_database
from svodka.storage.log_state import load_log_state
from svodka.storage.migrate import migrate
from svodka.storage.tables import meta, metadata
from tests.node import ROOT


def newest_revision():
    return max(path.name[4:8] for path in (ROOT / "svodka/storage/migrations/versions").glob("rev_*.py"))


def test_migrations_make_exactly_the_tables_that_the_code_uses(database):
    """Alembic finds no difference between the migrated database and the models."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_step_stays_as_it_was_when_tables_change():
    """A step that made a table as it is today would make it twice changed tomorrow."""
    steps = sorted((ROOT / "svodka/storage/migrations/versions").glob("rev_*.py"))
    imported = {
        path.name: [line for line in path.read_text().splitlines() if line.startswith("from svodka")] for path in steps
    }
    used = {name for lines in imported.values() for line in lines for name in line.partition(" import ")[2].split(", ")}
    assert used == {"Instant"}, imported


def test_a_second_start_keeps_the_epoch(database):
    """Browsers keep their position over a restart."""
    with database.read() as connection:
        epoch = load_log_state(connection).epoch
    assert migrate(database) == epoch
    assert epoch.startswith(f"{newest_revision()}.")


def test_another_schema_is_another_epoch(database):
    """Rows of an older log may not be readable by newer code."""
    with database.write() as connection:
        connection.execute(sa.update(meta).where(meta.c.key == "epoch").values(value="0000.abc"))
    assert migrate(database).startswith(f"{newest_revision()}.")
    with database.read() as connection:
        assert load_log_state(connection).epoch != "0000.abc"


def test_processes_that_start_at_once_do_not_disturb_each_other(database_url):
    """Six connections migrate one empty database at the same moment; all see one epoch."""
    databases = [open_database(database_url) for _ in range(6)]
    try:
        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(migrate, databases))) == 1
    finally:
        for opened in databases:
            opened.close()


def test_a_start_waits_for_another_that_makes_large_indexes(tmp_path, monkeypatch):
    """An upgrade of a large SQLite database holds its lock for longer than writers wait otherwise."""
    monkeypatch.setattr(database_module, "_BUSY_TIMEOUT_MS", 20)
    first, second = (open_database(f"sqlite:///{tmp_path / 'large.sqlite3'}") for _ in range(2))
    with ThreadPoolExecutor(1) as pool:
        with first.write():
            started = pool.submit(migrate, second)
            while not second.outages[1].failures_n:
                assert not started.done()
        assert started.result(30) == migrate(first)
    first.close()
    second.close()


def test_a_database_of_a_newer_program_is_refused_with_one_sentence(database):
    """An older program must not write into tables it does not know."""
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartError, match="9999, which is newer"):
        migrate(database)
