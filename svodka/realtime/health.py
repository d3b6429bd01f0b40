"""The answer of /healthz."""

from __future__ import annotations

from collections.abc import Callable

from svodka import __version__
from svodka.domain.clock import Clock
from svodka.domain.errors import StorageUnavailableError
from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.profiles.model import Profile
from svodka.readmodels.moment import Moment
from svodka.readmodels.sources import compute_sources
from svodka.storage.change_log import load_head
from svodka.storage.database import Database

OK, DEGRADED = "ok", "degraded"


def read_health(database: Database, profile: Profile, clock: Clock, is_live: Callable[[], bool]) -> dict[str, object]:
    """Return the health of the installation.

    Args:
        database: Where the sources' records of health are.
        profile: Its sources and their limits.
        clock: The product's clock.
        is_live: Whether changes reach this process's browsers as they happen.

    Returns:
        `status` is `degraded` when a source is stale or dead, or the way to the browsers is disturbed. `seq` is
        None, and there are no sources, when the database does not answer.
    """
    try:
        with database.read() as connection:
            seq = load_head(connection)
            value = compute_sources(Moment(connection, profile, clock.now()))
    except StorageUnavailableError:
        return {"status": DEGRADED, "seq": None, "version": __version__, "database": "unavailable", "sources": {}}
    now, states, sources = clock.now(), [], {}
    limits = {source.id: source for source in profile.sources}
    for view in value.sources:
        source = limits[view.source]
        # As in the browser: a poll in the future means a clock that was set back.
        age_s = None if view.last_complete_at is None else abs((now - view.last_complete_at).total_seconds())
        state = decide_source_state(
            age_s, Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
        )
        states.append(state)
        sources[view.source] = {
            "state": state.value,
            "last_success_at": view.last_success_at,
            "lag_s": view.lag_s,
            "records_total": view.records_total,
            "quarantined_total": view.quarantined_total,
        }
    good = is_live() and bool(states) and all(state in {State.FRESH, State.AGEING} for state in states)
    return {"status": OK if good else DEGRADED, "seq": seq, "version": __version__, "sources": sources}
