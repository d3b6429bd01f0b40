"""Numbers of documents, cards, accounts and cars, and dates of birth in a text. Pure.

Sources: forms of numbers are those of the documents themselves: passport 4 + 6 digits, СНИЛС 11 with a check (ПФР,
1996), ИНН 10 or 12 with a check, bank card by Luhn (ISO/IEC 7812-1), number plate by ГОСТ Р 50577.
A number that is written in its own form is taken whether its check holds or not: a slip of the pen is still personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from svodka.domain.masking.found import Found, Kind

_NAMED = re.compile(
    r"(?:паспорт[а-яё]{0,5}|серии?я?|снилс|свидетельств[а-яё]{1,4}|удостоверени[а-яё]{1,3}|полис[а-яё]{0,3}"
    r"|больничн[а-я]{2,3} лист[а-я]{0,2}"
    r"|\bомс\b|\bинн\b"
    r"|л/ ?с\b|л\.с\.|лиц[а-я]{0,7}\.? ?сч[её]т[а-яё]{0,3}|(?:р/с|расч[её]тн[а-яё]{2,3} сч[её]т[а-яё]{0,2})"
    r"|карт[аыуе] сбер[а-я]{0,6}|номер карты|\bснилс[а-я]?|inn|snils)"
    r"[^0-9]{0,30}$",
    re.IGNORECASE,
)
_NAMED_BEFORE = 60
_CLUSTER = re.compile(r"(?<![0-9])[0-9](?:[ \-.№NnОМЕРномер:,]{0,9}[0-9]){5,24}(?![0-9])")
_PASSPORT = re.compile(
    r"(?<![0-9])(?<![0-9][.\-/])[0-9]{2}[ \-]?[0-9]{2}[ \-]{0,2}(?:№|N|номер)?"
    r"[ \-]{1,2}[0-9]{3} ?[0-9]{3}(?![0-9]|[.,\-][0-9])"
)
_PASSPORT_SIGN = re.compile(r"(?<![0-9])[0-9]{2} ?[0-9]{2} ?(?:№|N) ?[0-9]{6}(?![0-9])")
_BIRTH_CERTIFICATE = re.compile(r"\b[IVXLІХ1]{1,5} ?- ?[А-Яа-я]{2} ?(?:№|N)? ?[0-9]{6}(?![0-9])")
_POLICY = re.compile(r"\b[А-ЯA-Z]{3} ?(?:№|N)? ?[0-9]{10}(?![0-9])")
_SNILS = re.compile(r"(?<![0-9])[0-9]{3}[ \-.][0-9]{3}[ \-.][0-9]{3}[ \-.]{1,3}[0-9]{2}(?![0-9])")
_ELEVEN = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")
_TWELVE = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_CARD = re.compile(r"(?<![0-9])[0-9]{4}(?:[ \-.]{0,3}[0-9]{4}){3}(?:[ \-.]{0,3}[0-9]{2,3})?(?![0-9])")
_CARD_LENGTHS = re.compile(r"(?<![0-9])[0-9](?:[ \-]?[0-9]){12,18}(?![0-9])")
_ACCOUNT = re.compile(r"(?<![0-9])4[0-9]{2}(?:[ .\-]?[0-9]){17}(?![0-9])")
_PLATE_LETTERS = "АВЕКМНОРСТУХABEKMHOPCTYX"
_PLATE = re.compile(
    rf"\b[{_PLATE_LETTERS}] ?[0-9]{{3}} ?[{_PLATE_LETTERS}]{{2}}"
    r"(?: ?[/|\-]? ?[0-9]{2,3}(?![0-9])(?: ?(?:rus|рус)\b)?|(?![А-Яа-яA-Za-z0-9]))"
)
_PLATE_SMALL = re.compile(
    rf"\b[{_PLATE_LETTERS.lower()}][0-9]{{3}}[{_PLATE_LETTERS.lower()}]{{2}} ?"
    r"(?:[0-9]{2,3}(?:rus|рус)?(?![0-9])|(?![0-9А-Яа-яA-Za-z]))"
)
_BIRTH = re.compile(
    r"(?:дат[аы] рождения|родил(?:ся|ась)|рожд\.|д\.р\.)[^0-9]{0,15}"
    r"(?P<before>[0-3]?[0-9][./\- ][0-9]{1,2}[./\- ](?:19|20)?[0-9]{2})(?![0-9])"
    r"|(?<![0-9])(?P<after>[0-3]?[0-9][./\-][0-9]{1,2}[./\-](?:19|20)?[0-9]{2}) ?"
    r"(?:г\. ?р\.?|г/р|гр\b|года рождения|г\. ?рожд)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<![0-9])(?:[0-3]?[0-9][./\-])?[01]?[0-9][./\-](?:19|20)?[0-9]{2}(?![0-9])")
_DATE_HINT = re.compile(r"[0-9][./\- ][0-9]")
_LUHN_MIN, _LUHN_MAX = 13, 19
_TWELVE_WEIGHTS = ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


def find_documents(text: str) -> Iterator[Found]:
    """Yield numbers of documents and accounts, by their form or because the text names them.

    Args:
        text: A shadow (`svodka.domain.masking.folding`).
    """
    for match in _CLUSTER.finditer(text):
        is_named = _NAMED.search(text, max(match.start() - _NAMED_BEFORE, 0), match.start())
        if is_named and not _DATE.match(match[0]):
            yield Found(match.start(), match.end(), Kind.DOCUMENT)
    for pattern in (_PASSPORT, _PASSPORT_SIGN, _BIRTH_CERTIFICATE, _POLICY, _SNILS, _ACCOUNT):
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), Kind.DOCUMENT)
    for match in _ELEVEN.finditer(text):
        if has_snils_check(match[0]):
            yield Found(match.start(), match.end(), Kind.DOCUMENT)
    for match in _TWELVE.finditer(text):
        if has_inn_check(match[0]):
            yield Found(match.start(), match.end(), Kind.DOCUMENT)


def find_cards(text: str) -> Iterator[Found]:
    """Yield numbers of bank cards: four groups of four, or any 13 to 19 digits that pass Luhn's check."""
    for match in _CARD.finditer(text):
        yield Found(match.start(), match.end(), Kind.CARD)
    for match in _CARD_LENGTHS.finditer(text):
        digits = [int(character) for character in match[0] if character.isdigit()]
        if _LUHN_MIN <= len(digits) <= _LUHN_MAX and has_luhn_check(digits):
            yield Found(match.start(), match.end(), Kind.CARD)


def find_plates(text: str) -> Iterator[Found]:
    """Yield number plates of cars."""
    for pattern in (_PLATE, _PLATE_SMALL):
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), Kind.PLATE)


def find_births(text: str) -> Iterator[Found]:
    """Yield dates of birth that are called so."""
    if not _DATE_HINT.search(text):
        return
    for match in _BIRTH.finditer(text):
        name = "before" if match["before"] else "after"
        yield Found(match.start(name), match.end(name), Kind.BIRTH)


def has_luhn_check(digits: Sequence[int]) -> bool:
    """Return whether the last digit is Luhn's check of the others."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def has_snils_check(digits: str) -> bool:
    """Return whether the last two of eleven digits are the check of a СНИЛС."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(digits[9:])


def has_inn_check(digits: str) -> bool:
    """Return whether the last two of twelve digits are the checks of a person's ИНН."""
    return all(
        sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10
        == int(digits[len(weights)])
        for weights in _TWELVE_WEIGHTS
    )
