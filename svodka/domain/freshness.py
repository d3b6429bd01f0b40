"""How old is too old: the state of a source and of a panel by the age of their data.

Age counts from the last complete poll, never from the newest record. The browser computes the same
with `assets/js/freshness.mjs` every second; `tests/golden/freshness.json` holds both to one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class State(StrEnum):
    """From good to blind. `loading` and `empty` are states of a panel's content, not of age."""

    FRESH = "fresh"
    PARTIAL = "partial"
    AGEING = "ageing"
    STALE = "stale"
    DEAD = "dead"


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ages in seconds at which a source becomes ageing, stale and dead."""

    ageing_s: float
    stale_s: float
    dead_s: float


class SourceAge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source of a panel: its age, its limits, and the share of the panel it covers (weights, any scale)."""

    age_s: float | None
    limits: Limits
    cover: float


def decide_source_state(age_s: float | None, limits: Limits) -> State:
    """Return the state of a source whose last complete poll is `age_s` seconds ago (None: there never was one)."""
    if age_s is None or age_s >= limits.dead_s:
        return State.DEAD
    if age_s >= limits.stale_s:
        return State.STALE
    if age_s >= limits.ageing_s:
        return State.AGEING
    return State.FRESH


def decide_panel_state(sources: Sequence[SourceAge], *, partial_min_cover: float) -> State:
    """Return the state of a panel fed by several sources.

    All in time: fresh, or ageing where one is. Some blind (stale or dead): partial as long as the rest
    covers at least `partial_min_cover` (0..1) of the whole; below that the panel is blind, stale while
    any of its sources is merely stale, else dead. A panel without sources is dead.
    """
    states = [decide_source_state(source.age_s, source.limits) for source in sources]
    blind = [state in {State.STALE, State.DEAD} for state in states]
    if not any(blind) and states:
        return State.AGEING if State.AGEING in states else State.FRESH
    whole = sum(source.cover for source in sources)
    seen = sum(source.cover for source, is_blind in zip(sources, blind, strict=True) if not is_blind)
    if whole > 0 and seen / whole >= partial_min_cover and not all(blind):
        return State.PARTIAL
    return State.STALE if State.STALE in states or not all(blind) else State.DEAD
