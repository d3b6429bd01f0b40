"""Numbers of flats in a text. Pure. The house stays, the flat goes.

`5/12` is a house on a corner at least as often as house and flat, so it goes only where somebody says that he lives
there; `д. 5-12` and `ул. Ленина, 5-12` are house and flat, «дома 5-12» are houses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from svodka.domain.masking.found import Found, Kind
from svodka.domain.masking.readings import is_genitive_noun

_NUMBER = r"[0-9]{1,4}(?![0-9])(?:(?-i:[а-д]| ?[А-Д])(?![А-Яа-яёA-Za-z]))?"
_MORE = rf"(?:(?: ?, ?| и |-){_NUMBER}(?= ?(?:[.,;)!?\n]|и |$))){{0,8}}"
_WORD = re.compile(
    r"(?<![А-Яа-яЁё])(?<!кв\. )(?:кв(?!адр)|квар|кварт|кв-р[аеуы]|квартир(?:а|е|у|ы|ой|ах|ам)|апарт(?:амент[а-я]{0,3})?"
    r"|комн(?:ат[аеуы])?|ком)(?! ?\. ?м\b)[ .:]{0,3}(?:№|N|номер)? ?"
    rf"(?P<number>{_NUMBER}{_MORE})(?! ?(?:кв|м|метр[а-я]?[а-я]?|га|сот[а-я]?[а-я]?)\b)",
    re.IGNORECASE,
)
_DEGREES = re.compile(r" ?(?:[,.] ?[0-9]{1,2})? ?(?:градус|°|\*|\+|[СC]\b|гр\b)")
_WARMEST = 35
_BEFORE_YEAR = re.compile(r" ?(?:г\b|год)")
_ORDINAL = re.compile(
    r"(?<![0-9])(?P<number>[0-9]{1,4}(?: ?- ?(?:я|й|ой|ей|ая|ую|ю|м|х))) квартир[а-я]{1,2}\b"
    r"|(?<![0-9])(?P<plain>[0-9]{1,4}) (?:кв(?:артир(?:е|ой|у)|-ре)\b|кв(?=[,;]| ?$))",
    re.IGNORECASE,
)
_HOUSE = r"[0-9]{1,3}(?: ?[а-яА-Я](?![А-Яа-яё]))?(?:/[0-9]{1,3})?(?:,? ?(?:к|корп|корпус|стр)\.? ?[0-9]{1,2})?"
_AFTER_HOUSE = re.compile(
    rf"(?<![А-Яа-яЁё])(?:д|дом|доме|дому)(?:\. ?| )(?:№ ?)?(?P<house>{_HOUSE}) ?- ?(?P<number>{_NUMBER})"
    r"(?!-[0-9]|[а-яё])",
    re.IGNORECASE,
)
_STREET = (
    r"(?<![А-Яа-яЁё])(?:ул|улиц[аеуы]|пр|пр-т|просп|проспект[ае]?|пр-д|проезд[ае]?|пер|переул(?:ок|ке|ка)|б-р|бульвар[ае]?|ш|шоссе"
    r"|наб|набережн[а-я]{2}|мкр|мкрн|микрорайон[ае]?)(?:\. ?| )"
)
_AFTER_STREET = re.compile(
    rf"{_STREET}[А-ЯЁа-яё0-9][А-Яа-яЁё0-9.\- ]{{1,40}}?,? ?(?:д\.? ?|дом )?"
    rf"(?<![0-9])(?P<house>{_HOUSE}) ?- ?(?P<number>{_NUMBER})"
    r"(?!-[0-9]|[а-яё])",
    re.IGNORECASE,
)
_AT_HOME = re.compile(
    r"(?:прожива[а-яё]{1,5}|прописан[а-я]?|зарегистрирован[а-я]?|живу|жив[её]м|мой адрес|адрес проживания)[^\n]{0,60}?"
    rf"[А-Яа-яё.,] ?(?<![0-9])(?P<house>[0-9]{{1,3}}[а-яА-Я]?)(?P<sign> ?[/\\] ?| ?- ?)(?P<number>{_NUMBER})",
    re.IGNORECASE,
)


_NEXT_WORD = re.compile(r" ([а-яё]{3,20})")
_COUNTED = re.compile(
    r"(?:^|[^а-яё])(?:дом(?:ов|а|ами|ах)|от|до|около|примерно|количестве|через|за|на|по|этаж[а-я]{1,2}|человек"
    r"|возрасте) ?$",
    re.IGNORECASE,
)
_FEW = 5


def find_flats(text: str) -> Iterator[Found]:
    """Yield numbers of flats.

    Args:
        text: A shadow (`svodka.domain.masking.folding`).
    """
    for match in _WORD.finditer(text):
        if not _is_measure(text, match):
            yield Found(match.start(), match.end("number"), Kind.FLAT)
    for match in _ORDINAL.finditer(text):
        name = "number" if match["number"] else "plain"
        yield Found(match.start(name), match.end(), Kind.FLAT)
    for pattern in (_AFTER_HOUSE, _AFTER_STREET, _AT_HOME):
        for match in pattern.finditer(text):
            if not _is_span(text, match):
                yield Found(match.start("number"), match.end("number"), Kind.FLAT)


def _is_measure(text: str, match: re.Match[str]) -> bool:
    """Return whether «кв. 2022 г.», «6 кВ 12» or «в квартире 16 градусов» was meant."""
    number = match["number"]
    if match[0].startswith("кВ ") and text[max(match.start() - 2, 0) : match.start()].strip().isdigit():
        return True
    if number.isdigit() and int(number) <= _WARMEST and _DEGREES.match(text, match.end()):
        return True
    is_year = len(number) == 4 and number.startswith(("19", "20"))  # noqa: PLR2004
    return is_year and _BEFORE_YEAR.match(text, match.end()) is not None


def _is_span(text: str, match: re.Match[str]) -> bool:
    """Return whether «д. 90-92в» (houses), «от 5-10 метров» or «2-3 фонаря» was meant."""
    house, number = match["house"], match["number"]
    if not number.isdigit():
        return True
    if not house.isdigit():
        return house.rstrip("абвгдежАБВГДЕЖ ") == number
    before = text[max(match.start("house") - 20, 0) : match.start("house")]
    if house == number or _COUNTED.search(before):
        return True
    return 0 < int(number) - int(house) <= _FEW and _counts(text, match.end())


def _counts(text: str, at: int) -> bool:
    """Return whether the next word is what is counted: «фонаря», «метров»."""
    word = _NEXT_WORD.match(text, at)
    return word is not None and is_genitive_noun(word[1])
