"""The read models of the wall: what each rests on, and all of them at one moment.

A read model is bound by its stem: its module here, its structure in `values.py`, its page in docs/panels/. It is a
function of one moment (a read transaction, the profile and an instant): nothing is remembered between two calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Literal

import msgspec

from svodka.domain.changes import ChangeKind, Snapshot
from svodka.domain.clock import Clock
from svodka.profiles.model import Profile
from svodka.readmodels.feed import compute_feed
from svodka.readmodels.flow import compute_flow
from svodka.readmodels.in_time import compute_in_time
from svodka.readmodels.incidents import compute_incidents
from svodka.readmodels.map import compute_map
from svodka.readmodels.moment import Moment
from svodka.readmodels.open import compute_open
from svodka.readmodels.response import compute_response
from svodka.readmodels.satisfaction import compute_satisfaction
from svodka.readmodels.sectors import compute_sectors
from svodka.readmodels.sources import compute_sources
from svodka.storage.database import Connection
from svodka.storage.queries.rows import load_newest_appeals, load_open_incidents

TABLE_LIMITS: dict[str, int] = {"appeals": 1000, "incidents": 500}  # as many marks as the map draws

Compute = Callable[[Moment], msgspec.Struct]


class ReadModel(msgspec.Struct, frozen=True, kw_only=True):
    """One value of the wall.

    Attributes:
        stem: Its name everywhere.
        kinds: Changes after which its value may be another. The passing of time is a change too (TICK).
        rests_on: Whose freshness decides the freshness of its panel.
        compute: Its value at a moment.
    """

    stem: str
    kinds: frozenset[ChangeKind]
    rests_on: Literal["appeals", "incidents", "all"]
    compute: Compute


_OF_APPEALS = frozenset({ChangeKind.APPEAL, ChangeKind.TICK})
_OF_ANSWERS = frozenset({ChangeKind.ANSWER, ChangeKind.TICK})

READ_MODELS: tuple[ReadModel, ...] = (
    ReadModel(stem="in_time", kinds=_OF_ANSWERS, rests_on="appeals", compute=compute_in_time),
    ReadModel(stem="response", kinds=_OF_ANSWERS, rests_on="appeals", compute=compute_response),
    ReadModel(stem="open", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_open),
    ReadModel(stem="satisfaction", kinds=_OF_ANSWERS, rests_on="appeals", compute=compute_satisfaction),
    ReadModel(stem="flow", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_flow),
    ReadModel(stem="map", kinds=_OF_APPEALS | {ChangeKind.INCIDENT}, rests_on="all", compute=compute_map),
    ReadModel(stem="sectors", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_sectors),
    ReadModel(
        stem="incidents", kinds=frozenset({ChangeKind.INCIDENT}), rests_on="incidents", compute=compute_incidents
    ),
    ReadModel(stem="feed", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_feed),
    ReadModel(stem="sources", kinds=frozenset({ChangeKind.SOURCE}), rests_on="all", compute=compute_sources),
)


def build_values(
    connection: Connection, profile: Profile, now: datetime, kinds: Collection[ChangeKind]
) -> dict[str, msgspec.Struct]:
    """Return the value of every read model that one of these kinds of change concerns.

    Args:
        connection: One read transaction: all values belong to the same `seq`.
        profile: The region.
        now: The product's clock, aware; never older than the newest change that the transaction sees.
        kinds: What changed.

    Returns:
        Values by stem; empty where nothing depends on these kinds.
    """
    wanted, moment = frozenset(kinds), Moment(connection, profile, now)
    return {model.stem: model.compute(moment) for model in READ_MODELS if not wanted.isdisjoint(model.kinds)}


def build_snapshot(
    connection: Connection, profile: Profile, clock: Clock, epoch: str, seq: int, *, now: datetime | None = None
) -> Snapshot:
    """Return the whole state of the wall.

    Rows are as the change log would give them: appeals newest first by (feed_at, id), cut to their limit; open
    incidents gravest first, then newest first by (started_at, id).

    Args:
        connection: One read transaction.
        profile: The region.
        clock: The product's clock.
        epoch: Which log `seq` belongs to, read in this transaction.
        seq: Head of the log, read in this transaction.
        now: As in `build_values`; None: what the clock shows.
    """
    moment = Moment(connection, profile, now or clock.now())
    ranks = {level.id: level.rank for level in profile.levels}
    return Snapshot(
        epoch=epoch,
        seq=seq,
        at=moment.now,
        rate=clock.rate,
        tables={
            "appeals": load_newest_appeals(connection, TABLE_LIMITS["appeals"]),
            "incidents": load_open_incidents(connection, ranks=ranks, limit=TABLE_LIMITS["incidents"]),
        },
        limits=dict(TABLE_LIMITS),
        values={model.stem: model.compute(moment) for model in READ_MODELS},
    )
