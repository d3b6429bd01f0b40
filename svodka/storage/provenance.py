"""Whether what a database holds was told by real sources or by simulated ones: the two are never mixed unseen.

Facts stay for good. Without this, a database that a demonstration filled would go on to be counted on a wall of real
sources, which no longer says «ДЕМО»; and a replay would leave its records among real ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from svodka.domain import codec
from svodka.domain.errors import StartError
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Database
from svodka.storage.tables import meta
from svodka.storage.upsert import upsert

_KEY = "simulated_sources"


def ensure_same_kind(database: Database, configured: Sequence[SourceConfig]) -> None:
    """Note which of these sources are simulated, unless the database holds the other kind.

    Args:
        database: An open, migrated database.
        configured: The sources that are about to be polled into it. Where only some are simulated every screen says
            so, and anything may join them.

    Raises:
        StartError: Real sources would be counted together with a simulation's records, or the other way round.
    """
    kinds = {source.simulated for source in configured}
    with database.write() as connection:
        text = connection.scalar(sa.select(meta.c.value).where(meta.c.key == _KEY))
        known = codec.decode_as(text, dict[str, bool]) if text is not None else {}
        others = sorted(source_id for source_id, simulated in known.items() if {simulated} != kinds)
        if len(kinds) == 1 and others:
            held, wanted = ("real", "simulated") if kinds == {True} else ("simulated", "real")
            message = (
                f"The database holds what {held} sources told ({', '.join(others)}) and the sources file names "
                f"{wanted} ones: use another SVODKA_HOME or SVODKA_DATABASE_URL."
            )
            raise StartError(message)
        noted = known | {source.id: source.simulated for source in configured}
        if noted != known:
            upsert(connection, meta, [{"key": _KEY, "value": codec.encode_text(noted)}], replace=("value",))
