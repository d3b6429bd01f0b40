"""What a value is of: the stem of its read model and the scope it is computed for; and the text that names both.

The text is the value's key on the wire and in a panel's `data-key`: `flow`, `flow@area=kemerovo`,
`flow@period=week,sector=housing`. Names stand in the order of the alphabet, what is as usual is left out: one value
has one text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

Period = Literal["day", "week"]


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """Whose facts: those of one area, of one sector, of both at once, or (neither) of the whole region.

    An appeal whose area nobody could tell is in no area.
    """

    area: str | None = None
    sector: str | None = None

    def holds(self, area: str | None, sector: str | None) -> bool:
        """Return whether something of this area and this sector belongs to it."""
        return self.area in {None, area} and self.sector in {None, sector}


REGION = Extent()


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a value is computed for. Which of these a read model takes says its entry in the registry.

    Attributes:
        area: Slug of the only area; None: all of them, and what is of none.
        sector: Slug of the only sector.
        period: How long its window is: 24 or 168 hours.
        wall: Name of the wall it is about.
        kpi: Name of the KPI it is about.
    """

    area: str | None = None
    sector: str | None = None
    period: Period = "day"
    wall: str | None = None
    kpi: str | None = None

    @property
    def extent(self) -> Extent:
        """Whose facts it rests on."""
        return Extent(area=self.area, sector=self.sector)


WHOLE = Scope()


class Key(msgspec.Struct, frozen=True):
    """One value: `str(key)` is its text."""

    stem: str
    scope: Scope = WHOLE

    def __str__(self) -> str:
        """Return the text of the key."""
        return _text(self)


@lru_cache(maxsize=4096)
def _text(key: Key) -> str:
    told = {name: value for name in Scope.__struct_fields__ if (value := getattr(key.scope, name)) is not None}
    if told["period"] == WHOLE.period:
        del told["period"]
    return key.stem + ("@" + ",".join(f"{name}={told[name]}" for name in sorted(told)) if told else "")


def parse_key(text: str) -> Key:
    """Return the key of a text.

    Raises:
        ValueError: It is not the text of a key.
    """
    stem, _, told = text.partition("@")
    pairs = [part.partition("=")[::2] for part in told.split(",")] if told else []
    try:
        key = Key(stem, msgspec.convert(dict(pairs), Scope))
    except msgspec.ValidationError as error:
        message = f"{text} is not the key of a value: {error}"
        raise ValueError(message) from error
    if not stem or str(key) != text or not all(value for _, value in pairs):
        message = f"{text} is not the key of a value as it is written"
        raise ValueError(message)
    return key
