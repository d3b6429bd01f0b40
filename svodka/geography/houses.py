"""The house that an address names, in one spelling, so that two addresses can be compared. Pure.

«г. Город, ул. Ленина, д. 5, кв. 12» and «Ленина 5» name the same house of one city; «пр. Ленина, 5» is another
street. Flats, entrances and offices are left out, cities and districts too: the area is known by other means. A
settlement stays, because a district has many streets of one name. An address without a house names none.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from svodka.geography.names import fold

_MAX_CHARS = 300
_MAX_TOKENS = 24
_MIN_STREET_LETTERS = 3
_PARTS = re.compile(r"[,;\n]")
# What lies around a settlement or inside a house, and the post code.
_BESIDE = re.compile(r"\b(?:обл(?:асть|асти)?|кра[йя]|республик[аи]|росси[яи]|рф|р-н|район|округ|[гм]\.? ?о)\b")
_INSIDE = re.compile(
    r"\b(?:(?:кв|ком|оф|пом)(?=[. \d])|(?:под|эт)(?=[. ]\d)|(?:квартир|комнат|офис|помещени|подъезд|этаж)\w*)"
)
_CITY = re.compile(r"^(?:г|гор|город)\b\.?\s*")
_POST_CODE = re.compile(r"\b\d{6}\b")
_TOKEN = re.compile(r"\d+(?:/\d+)?|[а-яa-z]+")
# Between them and the next house lies more than one house.
_NEAR = frozenset({"около", "возле", "напротив", "рядом", "между", "перед", "за", "от", "до", "по", "перекресток"})
_HYPHENED = {"б-р": "бульвар", "пр-д": "проезд", "мкр-н": "мкр", "м-н": "мкр", "кв-л": "квартал"}
_STREET = frozenset({"ул", "улица", "улице", "улицы", "улицу"})  # says nothing: it is what most of them are
_KINDS = {
    **dict.fromkeys(("пр", "просп", "проспект", "проспекте", "проспекта", "кт", "т"), "пр"),
    **dict.fromkeys(("пер", "переулок", "переулке", "переулка"), "пер"),
    **dict.fromkeys(("бул", "бульвар", "бульваре", "бульвара"), "б"),
    **dict.fromkeys(("ш", "шоссе"), "ш"),
    **dict.fromkeys(("пл", "площадь", "площади"), "пл"),
    **dict.fromkeys(("проезд", "проезде"), "проезд"),
    **dict.fromkeys(("наб", "набережная", "набережной"), "наб"),
    **dict.fromkeys(("мкр", "мкрн", "микрорайон", "микрорайоне"), "мкр"),
    **dict.fromkeys(("квартал", "квартале"), "квартал"),
}
_NUMBERED = frozenset({"мкр", "квартал"})  # a number may be their name
_HOUSE = frozenset({"д", "дом", "дома", "доме", "дому"})
_BLOCK = {
    **dict.fromkeys(("к", "корп", "корпус"), "к"),
    **dict.fromkeys(("с", "стр", "строение"), "с"),
    **dict.fromkeys(("лит", "литер", "литера"), ""),
}


def read_house(address: str, own_names: Collection[str] = ()) -> str | None:
    """Return settlement, street and house of an address in one spelling.

    Args:
        address: As a source or a person wrote it; only its first 300 characters count.
        own_names: Folded names of the area and its centre, which an address may name or leave out.

    Returns:
        Words and number, in lower case; None where no house is named.
    """
    whole = _POST_CODE.sub(" ", fold(address[:_MAX_CHARS]))
    for short, word in _HYPHENED.items():
        whole = whole.replace(short, word)
    inside = _INSIDE.search(whole)
    if inside is not None:
        whole = whole[: inside.start()]
    tokens: list[str] = []
    for raw in _PARTS.split(whole):
        part = raw.strip(" .\"«»'")
        if _BESIDE.search(part) or _CITY.sub("", part) in own_names:
            continue
        tokens.extend(_TOKEN.findall(_without_city(part, own_names)))
    return None if not _NEAR.isdisjoint(tokens) else _read(tokens[:_MAX_TOKENS])


def _without_city(part: str, own_names: Collection[str]) -> str:
    """Return a part without the city at its start, marked or known: «г. Город Ленина 5»."""
    unmarked = _CITY.sub("", part)
    for name in own_names:
        if unmarked.startswith(name + " "):
            return unmarked[len(name) :]
    return part


def _read(tokens: list[str]) -> str | None:
    words: list[str] = []
    kinds: set[str] = set()
    has_street = False
    for place, token in enumerate(tokens):
        after = tokens[place + 1 : place + 3]
        if token[0].isdigit():
            if has_street and not (words and words[-1] in _NUMBERED):
                return f"{' '.join([*sorted(kinds), *words])} {token}{_read_block(after)}"
            words.append(token)
        elif token in _HOUSE and after and after[0][0].isdigit():
            has_street = has_street or bool(words)
        elif token in _KINDS:
            kind = _KINDS[token]
            (words.append if kind in _NUMBERED else kinds.add)(kind)
            has_street = has_street or kind in _NUMBERED
        elif token not in _STREET:
            words.append(token)
            has_street = has_street or len(token) >= _MIN_STREET_LETTERS
    return None


def _read_block(after: list[str]) -> str:
    """Return letter or block behind a house's number: «5 а», «5 корп. 2»."""
    if not after or after[0][0].isdigit():
        return ""
    mark = _BLOCK.get(after[0])
    if mark is not None and len(after) > 1 and (after[1][0].isdigit() or not mark):
        return mark + after[1]
    return after[0] if len(after[0]) == 1 and mark != "" else ""
