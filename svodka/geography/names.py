"""Names of municipalities and settlements: many spellings, one area.

«Озёрский» in a federal file is the city, «Озёрский район» is the land around it; «р-н», «м.о.», «г.», quotes, ё,
hyphens, cut ends and Latin letters are how sources write. A name that fits two areas fits none: no guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from svodka.geography.latin import is_latin, skeleton, with_russian_kinds
from svodka.profiles.model import Area, Profile

MIN_CUT_LENGTH = 6


class NameKind(StrEnum):
    """What kind of municipality the words around a name say it is."""

    URBAN = "urban"
    DISTRICT = "district"
    BARE = "bare"


_KIND_OF_AREA = {"urban": NameKind.URBAN, "municipal": NameKind.DISTRICT, "district": NameKind.DISTRICT}
_NOISE = re.compile(r"[\"'«»„“”()№]|\bмуниципальн(?:ое|ого) образовани[ея]\b|\bадминистраци[яи]\b")
_URBAN = re.compile(r"\bгородско(?:й|го|м) округ[ае]?\b|\bг\.?\s?о\b\.?|\b(?:зато|город|города|городе|гор|г)\b\.?")
_DISTRICT = re.compile(
    r"\bмуниципальн(?:ый|ого|ом) (?:округ|район)[ае]?\b|\b(?:район|округ)[ае]?\b|\bр-н[ае]?\b|\bм\.?\s?[ор]\b\.?"
)
_DASH = re.compile(r"\s*[-‐‑‒–—−]\s*")
_SPACE = re.compile(r"[\s.]+")


def fold(text: str) -> str:
    """Return `text` in lower case with е for ё, plain hyphens and single spaces."""
    return " ".join(_DASH.sub("-", text.lower().replace("ё", "е")).split())


def split_name(text: str) -> tuple[str, NameKind]:
    """Return the folded core of a municipality's name, and what kind the words around it say it is."""
    name = _NOISE.sub(" ", fold(text))
    for pattern, kind in ((_URBAN, NameKind.URBAN), (_DISTRICT, NameKind.DISTRICT)):
        core, number = pattern.subn(" ", name)
        if number and core.strip(" .-,"):
            rest = _DISTRICT.sub(" ", core) if kind is NameKind.URBAN else core
            return _SPACE.sub(" ", rest).strip(" -,"), kind
    return _SPACE.sub(" ", name).strip(" -,"), NameKind.BARE


class AreaNames:
    """Finds the area that a name means; built once per profile."""

    def __init__(self, profile: Profile) -> None:
        self._russian, self._latin = _Index(), _Index()
        for area in profile.areas:
            for form in (area.name, *area.aliases):  # the short name is for the map and may be ambiguous
                core, kind = split_name(form)
                self._russian.add(core, kind, area)
                self._latin.add(skeleton(core), kind, area)

    def find(self, text: str) -> str | None:
        """Return the slug of the area that `text` names, None where it names none or several."""
        folded = fold(text)
        if is_latin(folded):
            core, kind = split_name(with_russian_kinds(folded))
            core = skeleton(core)
            return (self._latin.find(core, kind) or self._latin.find_cut(core, kind)) if core else None
        core, kind = split_name(text)
        if not core:
            return None
        for form in _forms(core):
            area = self._russian.find(form, kind)
            if area is not None:
                return area
        return self._russian.find_cut(core, kind)


class _Index:
    """Areas by what their names come down to, and by kind."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, NameKind], set[str]] = {}
        self._any: dict[str, set[str]] = {}

    def add(self, core: str, kind: NameKind, area: Area) -> None:
        self._any.setdefault(core, set()).add(area.id)
        self._exact.setdefault((core, kind), set()).add(area.id)
        if kind is NameKind.BARE:
            self._exact.setdefault((core, _KIND_OF_AREA[area.kind]), set()).add(area.id)

    def find(self, core: str, kind: NameKind) -> str | None:
        for candidates in (self._exact.get((core, kind)), self._any.get(core)):
            if candidates and len(candidates) == 1:
                return next(iter(candidates))
            if candidates:
                return None
        return None

    def find_cut(self, core: str, kind: NameKind) -> str | None:
        """Find a name whose end was cut off by a narrow column of the source."""
        if len(core) < MIN_CUT_LENGTH:
            return None
        whole = {self.find(known, kind) for known in self._any if known.startswith(core)}
        return next(iter(whole)) if len(whole) == 1 else None


def _forms(core: str) -> Iterable[str]:
    """Yield the name as written and, for oblique cases, its likely nominatives."""
    yield core
    for ending, nominative in (("ского", "ский"), ("ском", "ский"), ("цкого", "цкий"), ("цком", "цкий")):
        if core.endswith(ending):
            yield core.removesuffix(ending) + nominative
    if core.endswith(("а", "у", "е")):
        yield core[:-1]
        yield core[:-1] + "о"
    if core.endswith(("и", "е", "у")):
        yield core[:-1] + "а"
