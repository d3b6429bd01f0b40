"""The answer of /healthz: whether anything stands still, and what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

import msgspec

from svodka import __version__
from svodka.domain.clock import Clock
from svodka.domain.errors import StorageUnavailableError
from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.profiles.model import Profile
from svodka.readmodels.keys import WHOLE
from svodka.readmodels.moment import Moment
from svodka.readmodels.sources import compute_sources
from svodka.readmodels.values import SourceView
from svodka.realtime.messages import STALLED_AFTER_S
from svodka.storage.change_log import load_changed_at, load_head
from svodka.storage.database import Database

OK, DEGRADED, STALLED = "ok", "degraded", "stalled"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How the way from the log to this process's browsers is; told without asking the database.

    Attributes:
        is_healthy: The gateway's last round went well.
        pipeline_s, read_s, broker: As in `svodka.realtime.messages.Beat`.
    """

    is_healthy: bool
    pipeline_s: float
    read_s: float
    broker: bool | None


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One source as /healthz tells it; `age_s` counts from its last complete poll, None: there never was one."""

    state: State
    age_s: float | None
    last_success_at: datetime | None
    lag_s: float | None
    records_total: int
    quarantined_total: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the database knows.

    Attributes:
        seq: Number of the newest change.
        untold_s: Age of the oldest change that this process's browsers have not been told of, in seconds of the
            product's clock; 0: they have been told everything.
        sources: By id.
    """

    seq: int
    untold_s: float
    sources: dict[str, SourceHealth]


def find_health(database: Database, profile: Profile, clock: Clock, told_seq: int) -> Found | None:
    """Return what the database knows, None when it does not answer.

    Args:
        database: Where the sources' records of health are.
        profile: Its sources and their limits.
        clock: The product's clock.
        told_seq: Number of the newest change that browsers were told of.
    """
    try:
        with database.read() as connection:
            now = clock.now()
            seq = load_head(connection)
            untold_at = load_changed_at(connection, told_seq + 1) if seq > told_seq else None
            views = compute_sources(Moment(connection, profile, now), WHOLE).sources
    except StorageUnavailableError:
        return None
    limits = {
        source.id: Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
        for source in profile.sources
    }
    return Found(
        seq=seq,
        untold_s=max((now - untold_at).total_seconds(), 0.0) if untold_at is not None else 0.0,
        sources={view.source: _judge(view, limits[view.source], now) for view in views},
    )


def build_health(way: Way, found: Found | None) -> dict[str, object]:
    """Return the health of the installation as this process sees it.

    Args:
        way: Of this process, now.
        found: None: the database did not answer, or not in time.

    Returns:
        `status` is `stalled` when no heartbeat has come for 30 real seconds, whatever the cause; `degraded` when the
        database does not answer, a source is stale or dead, the last round failed or the configured broker is away.
        `seq` is None, and there are no sources, when the database does not answer.
    """
    told: dict[str, object] = {
        "status": _decide_status(way, found),
        "seq": None if found is None else found.seq,
        "version": __version__,
        "pipeline_s": round(way.pipeline_s, 3),
        "read_s": round(way.read_s, 3),
        "broker": way.broker,
        "sources": {} if found is None else found.sources,
    }
    return told if found is not None else {**told, "database": "unavailable"}


def decide_code(health: Mapping[str, object]) -> HTTPStatus:
    """Return the code for a monitor: 503 when what walls show stands still, 200 else."""
    stands = health["status"] == STALLED or health["seq"] is None
    return HTTPStatus.SERVICE_UNAVAILABLE if stands else HTTPStatus.OK


def _judge(view: SourceView, limits: Limits, now: datetime) -> SourceHealth:
    # As in the browser: a poll in the future means a clock that was set back.
    age_s = None if view.last_complete_at is None else abs((now - view.last_complete_at).total_seconds())
    return SourceHealth(
        state=decide_source_state(age_s, limits),
        age_s=age_s,
        last_success_at=view.last_success_at,
        lag_s=view.lag_s,
        records_total=view.records_total,
        quarantined_total=view.quarantined_total,
    )


def _decide_status(way: Way, found: Found | None) -> str:
    if way.pipeline_s > STALLED_AFTER_S:
        return STALLED
    states = [source.state for source in found.sources.values()] if found is not None else []
    seen = bool(states) and all(state in {State.FRESH, State.AGEING} for state in states)
    return OK if seen and way.is_healthy and way.broker is not False else DEGRADED
