"""How old the data of a panel were at a stored moment, for files that are made without a browser. Pure.

The decisions of `assets/js/freshness.mjs` and the words of `noteOf` in `assets/js/wall.mjs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from svodka.domain.freshness import Limits, SourceAge, State, decide_panel_state, decide_source_state
from svodka.profiles.model import SourceConfig
from svodka.readmodels.values import SourceView
from svodka.reports.wording import Wording

BLIND = frozenset({State.STALE, State.DEAD})
_LAG_TOLD_S = 60.0


class AgedSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source with its age in seconds at the moment; None: it never answered."""

    config: SourceConfig
    view: SourceView | None
    age_s: float | None
    state: State

    @property
    def at(self) -> datetime | None:
        """Its last complete poll."""
        return self.view.last_complete_at if self.view else None


class PanelAge(msgspec.Struct, frozen=True, kw_only=True):
    """Freshness of what rests on several sources; `as_of` as the wall's `data-as-of`, None before the first data."""

    state: State
    sources: tuple[AgedSource, ...]
    as_of: datetime | None

    @property
    def blind(self) -> tuple[AgedSource, ...]:
        """The sources that are silent."""
        return tuple(source for source in self.sources if source.state in BLIND)


def read_age(
    configs: Sequence[SourceConfig], views: Mapping[str, SourceView], now: datetime, partial_min_cover: float
) -> PanelAge:
    """Return how fresh a panel was.

    Args:
        configs: The sources that it rests on.
        views: Every source as the snapshot tells it, by id.
        now: The moment of the snapshot.
        partial_min_cover: The profile's share of cover below which a panel is blind.
    """
    sources = tuple(_age(config, views.get(config.id), now) for config in configs)
    weighed = [
        SourceAge(age_s=source.age_s, limits=_limits(source.config), cover=source.config.cover) for source in sources
    ]
    state = decide_panel_state(weighed, partial_min_cover=partial_min_cover)
    return PanelAge(state=state, sources=sources, as_of=_as_of(sources, is_blind=state in BLIND))


def _age(config: SourceConfig, view: SourceView | None, now: datetime) -> AgedSource:
    at = view.last_complete_at if view else None
    # A poll in the future means that a clock was set back: how old it is nobody knows, but it is not fresh for hours.
    age_s = None if at is None else abs((now - at).total_seconds())
    return AgedSource(config=config, view=view, age_s=age_s, state=decide_source_state(age_s, _limits(config)))


def _limits(config: SourceConfig) -> Limits:
    return Limits(ageing_s=config.ageing_s, stale_s=config.stale_s, dead_s=config.dead_s)


def _as_of(sources: Sequence[AgedSource], *, is_blind: bool) -> datetime | None:
    """Return up to when all is known: what the slowest that speaks told, or the last word of those that are silent."""
    if is_blind:
        silent = [source.at for source in sources if source.state in BLIND and source.at]
        return max(silent or [source.at for source in sources if source.at], default=None)
    return min((source.at for source in sources if source.state not in BLIND and source.at), default=None)


def note_of(age: PanelAge, wording: Wording) -> str:
    """Return the line in which a panel says that it is late, partial or blind; "" when there is nothing to say."""
    if not age.sources:
        return wording.t("state.no_sources")
    if age.state is State.AGEING:
        oldest = max(source.age_s or 0.0 for source in age.sources if source.state not in BLIND)
        return wording.t("state.ageing", age=wording.span(oldest))
    if age.state is State.PARTIAL:
        first = max(age.blind, key=_silence)
        since = wording.t("state.never") if first.age_s is None else wording.span(first.age_s)
        key = "state.partial_more" if len(age.blind) > 1 else "state.partial"
        return wording.t(key, names=first.config.name, n=len(age.blind) - 1, age=since)
    if age.state not in BLIND:
        return ""
    youngest = min((source.age_s for source in age.blind if source.age_s is not None), default=None)
    return (
        wording.t("state.dead_never")
        if youngest is None
        else wording.t(f"state.{age.state.value}", age=wording.span(youngest))
    )


def source_words(source: AgedSource, wording: Wording) -> str:
    """Return how a source stood, as its chip on the wall says it; "" when all is well."""
    view, age_s = source.view, source.age_s
    if view and view.paused:
        return wording.t("sources.paused", age="" if age_s is None else wording.span(age_s)).strip()
    if age_s is None:
        return wording.t("sources.never")
    if source.state in {State.AGEING, State.STALE, State.DEAD}:
        return wording.t(f"sources.{source.state.value}", age=wording.span(age_s))
    if view and view.failing:
        return wording.t("sources.failing")
    lag_s = (view.lag_s if view else None) or 0.0
    is_late = lag_s >= max(_LAG_TOLD_S, source.config.ageing_s)
    return wording.t("sources.lag", age=wording.span(lag_s)) if is_late else ""


def _silence(source: AgedSource) -> float:
    return float("inf") if source.age_s is None else source.age_s
