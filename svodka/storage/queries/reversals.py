"""How often a source has taken a status back."""

from __future__ import annotations

import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import appeal_versions, appeals, incident_versions, incidents

_OF_APPEALS = (
    sa.select(sa.func.count())
    .select_from(appeal_versions.join(appeals, appeals.c.id == appeal_versions.c.appeal_id))
    .where(appeal_versions.c.is_reversal == sa.true(), appeals.c.source_id == sa.bindparam("source_id"))
)
_OF_INCIDENTS = (
    sa.select(sa.func.count())
    .select_from(incident_versions.join(incidents, incidents.c.id == incident_versions.c.incident_id))
    .where(incident_versions.c.is_reversal == sa.true(), incidents.c.source_id == sa.bindparam("source_id"))
)


def count_reversals(connection: Connection, source_id: str) -> int:
    """Return how many recorded versions of a source's appeals and incidents went back to an earlier stage."""
    return sum(int(connection.scalar(query, {"source_id": source_id}) or 0) for query in (_OF_APPEALS, _OF_INCIDENTS))
