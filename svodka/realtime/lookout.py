"""Looks at this process for those outside; /healthz and /metrics share what was found, so asking often is cheap."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable

from svodka.domain.clock import monotonic_s
from svodka.domain.freshness import Limits, SourceAge, State, decide_panel_state
from svodka.observability import catalogue
from svodka.observability.metrics import Metrics
from svodka.profiles.model import Profile
from svodka.readmodels.registry import READ_MODELS
from svodka.realtime.gateway import Gateway
from svodka.realtime.health import Found, Way, build_health
from svodka.realtime.sockets import Sockets

_HELD_S = 1.0
_ROUND_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PANEL_STATES = tuple(State)
_SOURCE_STATES = (State.FRESH, State.AGEING, State.STALE, State.DEAD)


class Lookout:
    """Health of one web process.

    Args:
        gateway: Its live road.
        find: Asks the database, given the number that browsers were told of; None when it does not answer in time.
    """

    def __init__(self, gateway: Gateway, find: Callable[[int], Found | None]) -> None:
        self._gateway = gateway
        self._find = find
        self._one_at_a_time = threading.Lock()
        self._found: Found | None = None
        self._until_s = float("-inf")

    def way(self) -> Way:
        """Return how the way to the browsers is now."""
        gateway = self._gateway
        return Way(
            is_healthy=gateway.is_healthy,
            pipeline_s=gateway.pipeline_s,
            read_s=gateway.read_s,
            broker=gateway.broker,
        )

    def found(self) -> Found | None:
        """Return what the database knows, asked at most once a second whoever wants to know."""
        with self._one_at_a_time:
            if monotonic_s() >= self._until_s:
                self._found = self._find(self._gateway.seq)
                self._until_s = monotonic_s() + _HELD_S
            return self._found

    def read_health(self) -> dict[str, object]:
        """Return the answer of /healthz, whole."""
        return build_health(self.way(), self.found())


def tell_web(metrics: Metrics, *, lookout: Lookout, gateway: Gateway, sockets: Sockets, profile: Profile) -> None:
    """Add what a web process knows, read from plain numbers at the scrape; only the length of rounds is noted."""
    tally = sockets.tally
    metrics.tell(
        catalogue.SOCKETS,
        lambda: [(place, float(n)) for place, n in sockets.browsers_by_place().items()],
    )
    metrics.tell(catalogue.MESSAGES, lambda: _by_label(tally.messages))
    metrics.tell(catalogue.DELIVERIES, lambda: _by_label(tally.deliveries))
    metrics.tell(catalogue.BYTES, lambda: _by_label(tally.bytes))
    metrics.tell(catalogue.HELLOS, lambda: _by_label(tally.hellos))
    metrics.tell_one(catalogue.SYNCS, lambda: float(tally.syncs))
    metrics.tell_one(catalogue.ABORTED, lambda: float(tally.aborted))
    gateway.time_rounds_with(metrics.time(catalogue.ROUND_SECONDS, _ROUND_BOUNDS_S))
    metrics.tell_one(catalogue.GATEWAY_SEQ, lambda: float(gateway.seq))
    metrics.tell_one(catalogue.PIPELINE_AGE, lambda: gateway.pipeline_s)
    metrics.tell_one(catalogue.READ_AGE, lambda: gateway.read_s)
    metrics.tell_one(catalogue.BROKER, lambda: None if gateway.broker is None else float(gateway.broker))
    _tell_found(metrics, lookout, gateway, profile)


def _by_label(counted: Counter[str]) -> list[tuple[tuple[str], float]]:
    return [((label,), float(n)) for label, n in list(counted.items())]


def _tell_found(metrics: Metrics, lookout: Lookout, gateway: Gateway, profile: Profile) -> None:
    """Add what the database knows; nothing of it is told while it does not answer: unknown is not 0."""

    def read(name: Callable[[Found], float | None]) -> Callable[[], float | None]:
        return lambda: None if (found := lookout.found()) is None else name(found)

    def by_source(
        name: Callable[[Found, str], float | None],
    ) -> Callable[[], Iterable[tuple[tuple[str], float | None]]]:
        def samples() -> Iterable[tuple[tuple[str], float | None]]:
            found = lookout.found()
            return [] if found is None else [((source,), name(found, source)) for source in found.sources]

        return samples

    def source_states() -> Iterable[tuple[tuple[str, str], float]]:
        found = lookout.found()
        views = {} if found is None else found.sources
        return [
            ((source, state.value), float(view.state is state))
            for source, view in views.items()
            for state in _SOURCE_STATES
        ]

    def panel_states() -> Iterable[tuple[tuple[str, str], float]]:
        found = lookout.found()
        decided = {} if found is None else decide_panels(found, profile)
        return [
            ((panel, state.value), float(now is state)) for panel, now in decided.items() for state in _PANEL_STATES
        ]

    metrics.tell_one(catalogue.DATABASE_UP, lambda: float(lookout.found() is not None))
    metrics.tell_one(catalogue.LOG_HEAD, read(lambda found: float(found.seq)))
    metrics.tell_one(catalogue.LOG_LAG, read(lambda found: float(max(found.seq - gateway.seq, 0))))
    metrics.tell_one(catalogue.LOG_LAG_SECONDS, read(lambda found: found.untold_s))
    metrics.tell(catalogue.SOURCE_AGE, by_source(lambda found, source: found.sources[source].age_s))
    metrics.tell(catalogue.SOURCE_LAG, by_source(lambda found, source: found.sources[source].lag_s))
    metrics.tell(catalogue.SOURCE_STATE, source_states)
    metrics.tell(catalogue.PANEL_STATE, panel_states)


def decide_panels(found: Found, profile: Profile) -> dict[str, State]:
    """Return the state of every panel as its sources make it, by the stem of its read model.

    What a screen knows of itself besides (its connection, its own rendering) is not in it.
    """
    states = {}
    for model in READ_MODELS:
        ages = [
            SourceAge(
                age_s=found.sources[source.id].age_s,
                limits=Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s),
                cover=source.cover,
            )
            for source in profile.sources
            if model.rests_on in {"all", source.records} and source.id in found.sources
        ]
        states[model.stem] = decide_panel_state(ages, partial_min_cover=profile.partial_min_cover)
    return states
