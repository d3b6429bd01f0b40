"""The area in an address: its city, its district, or a settlement with its kind named («п. Каменка»).

An address is read part by part between commas. A city outranks a district, a district a settlement; parts that name a
street are skipped, so that «ул. Озёрская» is no city.
"""

from __future__ import annotations

import re

from svodka.geography.names import AreaNames, NameKind, fold, split_name
from svodka.profiles.model import Profile

_CITY = re.compile(r"^(?:г\.?|гор\.|город)\s+|^г\.")
_SETTLEMENT = re.compile(
    r"^(?:пгт|п\.\s?г\.\s?т|рп|р\.\s?п|пос|поселок|п|с|село|д|дер|деревня|ст|станция|мкр|микрорайон)(?:\.|\s)\s*"
    r"(?:городского типа\s+|станции\s+)?"
)
_STREET = re.compile(
    r"^(?:ул|улица|пр|пр-кт|пр-т|проспект|пер|переулок|б-р|бульвар|ш|шоссе|пл|площадь|проезд|наб|набережная|тракт|"
    r"дом|д\.?\s?\d|кв|корп|стр)\b"
)
_REGION = re.compile(r"\bобл(?:асть|асти|\.)?\b|\bкра[йя]\b|\bреспублик[аи]\b|\bросси[яи]\b|^рф$|^\d{6}$")
_DISTRICT = re.compile(r"\b(?:р-н|район|округ|[гм]\.\s?о)\b")
_PARTS = re.compile(r"[,;\n]")
_MAX_WORDS = 3


class AddressNames:
    """Finds the area of an address; built once per profile."""

    def __init__(self, profile: Profile, names: AreaNames) -> None:
        self._names = names
        self._cities: dict[str, str] = {}
        self._settlements: dict[str, set[str]] = {}
        for area in profile.areas:
            core, kind = split_name(area.centre)
            if kind is NameKind.BARE and names.find(area.centre) == area.id:
                self._cities[core] = area.id
        for place in profile.places:
            for form in (place.name, *place.aliases):
                self._settlements.setdefault(fold(form), set()).add(place.area)

    def find(self, address: str) -> str | None:
        """Return the slug of the area that `address` lies in, None where it names none."""
        district: str | None = None
        settlement: str | None = None
        for raw in _PARTS.split(fold(address)):
            part = raw.strip(" .\"«»'")
            if not part or _STREET.match(part) or _REGION.search(part):
                continue
            city = self._city_at_start(part)
            if city is not None:
                return city
            if district is None and _DISTRICT.search(part):
                district = self._names.find(part)
            elif settlement is None:
                settlement = self._settlement(part)
        return district or settlement

    def _city_at_start(self, part: str) -> str | None:
        marked = _CITY.sub("", part, count=1)
        words = marked.split()
        if marked == part and _DISTRICT.search(part):
            return None
        for number in range(min(_MAX_WORDS, len(words)), 0, -1):
            name = " ".join(words[:number]).strip(".")
            if name in self._cities:
                return self._cities[name]
            if marked != part and len(self._settlements.get(name, ())) == 1:
                return next(iter(self._settlements[name]))
        return None

    def _settlement(self, part: str) -> str | None:
        marked = _SETTLEMENT.sub("", part, count=1)
        words = marked.split()
        longest = min(_MAX_WORDS, len(words))
        for number in range(longest, 0, -1):
            if marked == part and number < len(words):
                break  # without a kind word only the whole part counts: «Красное» yes, «Красное знамя» no
            areas = self._settlements.get(" ".join(words[:number]).strip("."))
            if areas and len(areas) == 1:
                return next(iter(areas))
        return None
