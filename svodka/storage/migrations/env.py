"""Alembic runs this file; `svodka.storage.migrate` hands it the connection, already inside the transaction."""

from __future__ import annotations

from alembic import context

from svodka.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, render_as_batch=True)
context.run_migrations()
