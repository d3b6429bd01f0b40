"""Which values a range of the log may have changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from svodka.domain.changes import Change, ChangeKind
from svodka.readmodels.keys import REGION, Extent, Key
from svodka.readmodels.registry import Ages, find_model
from svodka.realtime.thinning import find_former_place

Place = tuple[str | None, str]  # area and sector


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """What time alone has done since an instant of the same hour.

    Attributes:
        terms: Where terms of open appeals ended.
        feed: Where places in the feed were reached, or left an hour behind.
    """

    terms: frozenset[Place]
    feed: frozenset[Place]

    def concerns(self, ages: Ages, extent: Extent) -> bool:
        """Return whether it may have changed a value of such a model."""
        if ages in {"any", "hours"}:
            return ages == "any"
        return any(extent.holds(*place) for place in (self.terms if ages == "terms" else self.feed))


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """What changed, and where.

    Attributes:
        kinds: All kinds of change.
        places: Where appeals changed, by the kinds that are told of appeals alone.
    """

    kinds: frozenset[ChangeKind]
    places: Mapping[ChangeKind, frozenset[Place]]

    def concerns(self, key: Key, passed: Passed | None = None) -> bool:
        """Return whether a value may be another.

        Args:
            key: Of the value.
            passed: What exactly is behind a TICK; None: anything.
        """
        model, extent = find_model(key.stem), key.scope.extent
        kinds = self.kinds & model.kinds
        if passed is not None and not passed.concerns(model.ages, extent):
            kinds -= {ChangeKind.TICK}
        if not kinds or not kinds <= self.places.keys() or model.looks_beyond:
            return bool(kinds)
        return extent == REGION or any(extent.holds(*place) for kind in kinds for place in self.places[kind])


def find_touched(changes: Iterable[Change], now: datetime) -> Touched:
    """Return what a range of the log may have changed for who computes values at `now`."""
    kinds: set[ChangeKind] = set()
    places: dict[ChangeKind, set[Place]] = {}
    for change in changes:
        of_change = change.kinds(now)
        kinds.update(of_change)
        if change.kind is ChangeKind.APPEAL and change.appeal is not None:
            row = change.appeal
            for kind in of_change:
                places.setdefault(kind, set()).update(((row.area, row.sector), find_former_place(change, row)))
    return Touched(kinds=frozenset(kinds), places={kind: frozenset(found) for kind, found in places.items()})
