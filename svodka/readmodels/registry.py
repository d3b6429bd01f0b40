"""The read models of the wall: what each rests on, and all of them at one moment.

A read model is bound by its stem: its module here, its structure in `values.py`, its page in docs/panels/. It is a
function of one moment (a read transaction, the profile and an instant) and a scope: nothing is remembered between two
calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Literal

import msgspec

from svodka.domain.changes import AppealRow, ChangeKind, IncidentRow, Snapshot
from svodka.domain.clock import Clock
from svodka.profiles.model import Profile
from svodka.readmodels.area_facts import compute_area_facts
from svodka.readmodels.clusters import compute_clusters
from svodka.readmodels.feed import compute_feed
from svodka.readmodels.flow import compute_flow
from svodka.readmodels.in_time import compute_in_time
from svodka.readmodels.incident_list import compute_incident_list
from svodka.readmodels.incidents import compute_incidents, find_incident_kinds
from svodka.readmodels.keys import Extent, Key, Scope
from svodka.readmodels.map import compute_map
from svodka.readmodels.moment import Moment
from svodka.readmodels.open import compute_open
from svodka.readmodels.rating import compute_rating
from svodka.readmodels.response import compute_response
from svodka.readmodels.satisfaction import compute_satisfaction
from svodka.readmodels.sectors import compute_sectors
from svodka.readmodels.source_table import compute_source_table
from svodka.readmodels.sources import compute_sources
from svodka.readmodels.stage import compute_stage
from svodka.readmodels.topics import compute_topics
from svodka.readmodels.view import View
from svodka.readmodels.week import compute_week
from svodka.storage.database import Connection
from svodka.storage.queries.rows import load_newest_appeals, load_open_incidents

TABLE_LIMITS: dict[str, int] = {"appeals": 1000, "incidents": 500}  # as many marks as the map draws

Compute = Callable[[Moment, Scope], msgspec.Struct]
Ages = Literal["hours", "terms", "feed", "any"]
Rows = tuple[AppealRow, ...] | tuple[IncidentRow, ...]


class ReadModel(msgspec.Struct, frozen=True, kw_only=True):
    """One value of the wall.

    Attributes:
        stem: Its name everywhere.
        kinds: Changes after which its value may be another. The passing of time is a change too (TICK).
        rests_on: Whose freshness decides the freshness of its panel.
        compute: Its value at a moment, for a scope.
        takes: Names of the scope that it knows; of the others it has one value.
        looks_beyond: Of an area or a sector it says more than that one's own facts tell.
        ages: What the passing of time alone can do to it: nothing until the hour ends; beside that only the end of a
            term; only a place in the feed that is reached, or left an hour behind; or anything.
    """

    stem: str
    kinds: frozenset[ChangeKind]
    rests_on: Literal["appeals", "incidents", "all"]
    compute: Compute
    takes: frozenset[str] = frozenset()
    looks_beyond: bool = False
    ages: Ages = "any"


_OF_APPEALS = frozenset({ChangeKind.APPEAL, ChangeKind.TICK})
_OF_ANSWERS = frozenset({ChangeKind.ANSWER, ChangeKind.TICK})
_OF_PART = frozenset({"area", "sector"})
_OF_PART_AND_PERIOD = _OF_PART | {"period"}

READ_MODELS: tuple[ReadModel, ...] = (
    ReadModel(
        stem="in_time",
        kinds=_OF_ANSWERS,
        rests_on="appeals",
        compute=compute_in_time,
        takes=_OF_PART_AND_PERIOD,
        ages="terms",
    ),
    ReadModel(
        stem="response",
        kinds=_OF_ANSWERS,
        rests_on="appeals",
        compute=compute_response,
        takes=_OF_PART_AND_PERIOD,
        ages="hours",
    ),
    ReadModel(stem="open", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_open, takes=_OF_PART, ages="terms"),
    ReadModel(
        stem="satisfaction",
        kinds=_OF_ANSWERS,
        rests_on="appeals",
        compute=compute_satisfaction,
        takes=_OF_PART,
        ages="hours",
    ),
    ReadModel(stem="flow", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_flow, takes=_OF_PART, ages="hours"),
    ReadModel(
        stem="map",
        kinds=_OF_APPEALS | {ChangeKind.INCIDENT},
        rests_on="all",
        compute=compute_map,
        takes=frozenset({"sector", "period", "kpi"}),  # an area's scene shows the others around it
        ages="terms",
    ),
    ReadModel(
        stem="clusters",
        kinds=frozenset({ChangeKind.CELLS}),
        rests_on="appeals",
        compute=compute_clusters,
        takes=frozenset({"area", "sector", "period"}),
    ),
    ReadModel(
        stem="sectors",
        kinds=_OF_APPEALS,
        rests_on="appeals",
        compute=compute_sectors,
        takes=frozenset({"area"}),
        ages="terms",
    ),
    ReadModel(
        stem="incidents",
        kinds=frozenset({ChangeKind.INCIDENT}),
        rests_on="incidents",
        compute=compute_incidents,
        takes=_OF_PART,
    ),
    ReadModel(stem="feed", kinds=_OF_APPEALS, rests_on="appeals", compute=compute_feed, takes=_OF_PART, ages="feed"),
    ReadModel(stem="sources", kinds=frozenset({ChangeKind.SOURCE}), rests_on="all", compute=compute_sources),
    ReadModel(
        stem="rating",
        kinds=_OF_APPEALS,
        rests_on="appeals",
        compute=compute_rating,
        takes=frozenset({"sector", "period", "kpi"}),
        ages="terms",
    ),
    ReadModel(
        stem="topics",
        kinds=_OF_APPEALS,
        rests_on="appeals",
        compute=compute_topics,
        takes=frozenset({"area", "sector", "period"}),
        ages="hours",
    ),
    ReadModel(
        stem="week",
        kinds=_OF_APPEALS,
        rests_on="appeals",
        compute=compute_week,
        takes=_OF_PART,
        ages="hours",
    ),
    ReadModel(
        stem="source_table",
        kinds=_OF_APPEALS | {ChangeKind.INCIDENT, ChangeKind.SOURCE},
        rests_on="all",
        compute=compute_source_table,
        ages="feed",
    ),
    ReadModel(
        stem="incident_list",
        kinds=frozenset({ChangeKind.INCIDENT, ChangeKind.SOURCE}),  # one told as over at once has no line of its own
        rests_on="incidents",
        compute=compute_incident_list,
        takes=_OF_PART,
    ),
    ReadModel(
        stem="area_facts",
        kinds=_OF_APPEALS,
        rests_on="appeals",
        compute=compute_area_facts,
        takes=frozenset({"area", "period"}),
        ages="hours",
        looks_beyond=True,
    ),
)

# What a wall is told of itself; no panel shows it, and it is nobody's but the wall's.
STAGE = ReadModel(
    stem="stage",
    kinds=frozenset({ChangeKind.STAGE}),
    rests_on="all",
    compute=compute_stage,
    takes=frozenset({"wall"}),
)

OF_REGION: tuple[Key, ...] = tuple(Key(model.stem) for model in READ_MODELS)
_BY_STEM = {model.stem: model for model in (*READ_MODELS, STAGE)}


def find_model(stem: str) -> ReadModel:
    """Return a read model.

    Raises:
        KeyError: There is none of this stem.
    """
    return _BY_STEM[stem]


def key_of(stem: str, scope: Scope) -> Key:
    """Return the key of a read model's value for a scope, of which counts what the model takes.

    Raises:
        KeyError: There is no such read model.
    """
    takes = find_model(stem).takes
    return Key(stem, Scope(**{name: getattr(scope, name) for name in takes}))


def compute_value(moment: Moment, key: Key) -> msgspec.Struct:
    """Return one value at a moment.

    Raises:
        KeyError: There is no such read model.
    """
    return find_model(key.stem).compute(moment, key.scope)


def build_values(
    connection: Connection,
    profile: Profile,
    now: datetime,
    kinds: Collection[ChangeKind],
    keys: Iterable[Key] = OF_REGION,
) -> dict[str, msgspec.Struct]:
    """Return every value that one of these kinds of change concerns.

    Args:
        connection: One read transaction: all values belong to the same `seq`.
        profile: The region.
        now: The product's clock, aware; never older than the newest change that the transaction sees.
        kinds: What changed.
        keys: Which values; by default those of the whole region.

    Returns:
        Values by the text of their key; empty where nothing depends on these kinds.
    """
    wanted, moment = frozenset(kinds), Moment(connection, profile, now)
    return {str(key): compute_value(moment, key) for key in keys if not wanted.isdisjoint(find_model(key.stem).kinds)}


def load_rows(moment: Moment, table: str, extent: Extent) -> Rows:
    """Return the rows of a table as the change log would give them.

    Appeals newest first by (feed_at, id), cut to their limit; open incidents gravest first, then newest first by
    (started_at, id).
    """
    limit, profile = TABLE_LIMITS[table], moment.profile
    if table == "appeals":
        return load_newest_appeals(moment.connection, limit, area=extent.area, sector=extent.sector)
    return load_open_incidents(
        moment.connection,
        ranks={level.id: level.rank for level in profile.levels},
        limit=limit,
        area=extent.area,
        kinds=find_incident_kinds(profile, extent.sector),
    )


def build_snapshot(  # noqa: PLR0917 - log and number are one position
    connection: Connection,
    profile: Profile,
    clock: Clock,
    epoch: str,
    seq: int,
    view: View,
    *,
    now: datetime | None = None,
) -> Snapshot:
    """Return the whole state of a view.

    Args:
        connection: One read transaction.
        profile: The region.
        clock: The product's clock.
        epoch: Which log `seq` belongs to, read in this transaction.
        seq: Head of the log, read in this transaction.
        view: Which values and whose rows.
        now: As in `build_values`; None: what the clock shows.
    """
    moment = Moment(connection, profile, now or clock.now())
    return assemble_snapshot(
        view,
        (epoch, seq),
        (moment.now, clock.rate),
        rows_of=lambda table: load_rows(moment, table, view.extent),
        value_of=lambda key: compute_value(moment, key),
    )


def assemble_snapshot(
    view: View,
    position: tuple[str, int],
    time: tuple[datetime, float],
    *,
    rows_of: Callable[[str], Rows],
    value_of: Callable[[Key], object],
) -> Snapshot:
    """Return the snapshot of a view.

    Args:
        view: Which values and whose rows.
        position: Log and number.
        time: The instant, and seconds of the product's clock per real second.
        rows_of: The view's rows of a table.
        value_of: A value.
    """
    return Snapshot(
        epoch=position[0],
        seq=position[1],
        at=time[0],
        rate=time[1],
        scene=view.scene,
        view=view.mark,
        tables={table: rows_of(table) for table in sorted(view.tables)},
        limits={table: TABLE_LIMITS[table] for table in sorted(view.tables)},
        values={str(key): value_of(key) for key in sorted(view.keys, key=str)},
    )
