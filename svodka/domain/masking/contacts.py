"""Telephone numbers, e-mail addresses and personal pages in a text. Pure.

A number is judged by its digits and by how they are grouped, never by a list of prefixes in use: the fault that
matters is a number that stays. Numbers of the range 800 belong to organisations and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from svodka.domain.masking.found import Found, Kind

_SEPARATOR = r"[ ()\-./_*]{0,4}"
# Letters that stand for digits: O and its Cyrillic twin for 0, З for 3, and a lone l or | for 1.
_DIGIT = r"[0-9OОoоЗзl|]"
_COUNTRY = re.compile(rf"(?<![0-9])(?:\+ ?7|\b[78])(?={_SEPARATOR}[0-9])(?:{_SEPARATOR}{_DIGIT}){{10}}(?![0-9])")
_FOREIGN = re.compile(rf"\+ ?[0-9](?:{_SEPARATOR}[0-9]){{9,14}}(?![0-9])")
_NATIONAL = re.compile(
    r"(?<![0-9])(?<![0-9][\-./])\(?(?:9[0-9]{2}|[348][0-9]{2,4})"
    rf"(?:{_SEPARATOR}[0-9]){{5,7}}(?![0-9])(?![.,][0-9])"
)
_LOCAL = re.compile(
    r"(?<![0-9])(?<![0-9][\-./ ])(?:[0-9]{3}[ -][0-9]{2}[ -][0-9]{2}|[0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9]|-[0-9])"
)
_CLUSTER = re.compile(r"(?<![0-9])\(?[0-9](?:[ ()\-.]{0,2}[0-9]){4,10}(?![0-9])")
_CLUSTER_AGAIN = re.compile(r" ?(?:,|;|и|или|/)? ?")
_NAMED = re.compile(
    r"(?:\b(?:тел|т|моб|сот|факс)\.|\bтел\b|телефон[а-яё]{0,4}|\bфакс[а-я]{0,2}|\bсот[а-я]{1,5}|\bмоб[а-я]{1,7}"
    r"|звон[а-яё]{1,8}|вайбер[а-я]{0,2}|viber|wh?atsapp?|в[ао]т?сап[а-я]{0,2}|мой номер|по номеру)"
    r"[^0-9\n.!?]{0,25}$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])[./\-](?:0?[1-9]|1[0-2])[./\-](?:(?:19|20)[0-9]{2}|[12][0-9])(?![0-9])"
)
_NUMBERED = re.compile(r"(?:№|N|обращени[а-я]{1,3}|заявк[а-я]{1,3}|номер[а-я]{0,3}) ?:? ?$", re.IGNORECASE)
_NAMED_BEFORE = 45
_DIGITS_OF_NATIONAL = 10
_TRUE_DIGITS_MIN = 8
_LETTER_OF_DIGIT = str.maketrans({"O": "0", "О": "0", "o": "0", "о": "0", "З": "3", "з": "3", "l": "1", "|": "1"})

_AT_HINT = re.compile(r"[@%]|(?i:[ (\[{<](?:at|a|[cс][аa]бака|собака|эт)[ )\]}>])")
_AT = re.compile(
    r" ?@ ?|%40| ?[(\[{<] ?(?:at|a|собака|сабака|эт) ?[)\]}>] ?| (?:at|собака|сабака) | ?\(@\) ?",
    re.IGNORECASE,
)
_LOCAL_PART = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._%+-абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_LOCAL_PART_MAX = 64
_HOST = re.compile(
    r"[a-zа-яё0-9][a-zа-яё0-9\-]{0,62}"
    r"(?:(?: ?\. ?| ?, ?(?=(?:ru|com|net|org|рф)\b)| ?[(\[{<] ?(?:dot|точка) ?[)\]}>] ?| (?:dot|точка) )"
    r"[a-zа-яё0-9][a-zа-яё0-9\-]{0,62}){1,5}",
    re.IGNORECASE,
)
_PROFILE_HINT = re.compile(r"[@|/]|\*id")
_GROUP = re.compile(
    r"(?:групп|сообществ|паблик)[а-я]{0,3}[ :\-(]{0,3}(?:в вк|вк|вконтакте)?[ :\-(]{0,3}$", re.IGNORECASE
)
_CLUB = re.compile(r"@(?:club|public|event)[0-9]", re.IGNORECASE)
_PROFILE = re.compile(
    r"\[id[0-9]{1,15}\|[^\]\n]{0,200}\]|[@*]id[0-9]{1,15}(?: ?\([^)\n]{0,100}\))?"
    r"|(?:https?://)?(?:www\.|m\.)?(?:vk\.com/(?!(?:wall|club|public|event|video|photo|album|topic|app|feed)[\-0-9])[A-Za-z0-9_.]{2,64}|ok\.ru/profile/[0-9]{1,20}|t\.me/[A-Za-z0-9_+]{3,64}"
    r"|instagram\.com/[A-Za-z0-9_.]{2,64})"
    r"|(?<![A-Za-zА-Яа-я0-9_.@/])@[A-Za-z][A-Za-z0-9_]{4,31}(?![A-Za-z0-9_@.])",
    re.IGNORECASE,
)


def find_phones(text: str) -> Iterator[Found]:
    """Yield telephone numbers.

    Args:
        text: A shadow (`svodka.domain.masking.folding`).
    """
    for match in chain(_COUNTRY.finditer(text), _FOREIGN.finditer(text)):
        if _is_number(match[0]):
            yield Found(match.start(), match.end(), Kind.PHONE)
    yield from (
        Found(match.start(), match.end(), Kind.PHONE) for match in _NATIONAL.finditer(text) if _is_national(text, match)
    )
    yield from _named(text)
    for match in _LOCAL.finditer(text):
        if not _DATE.fullmatch(match[0]):
            yield Found(match.start(), match.end(), Kind.PHONE)


def _named(text: str) -> Iterator[Found]:
    """Yield what a text calls a telephone number, and the numbers listed behind it."""
    last_end = -1
    for match in _CLUSTER.finditer(text):
        is_listed = last_end >= 0 and _CLUSTER_AGAIN.fullmatch(text, last_end, match.start()) is not None
        if not is_listed and not _NAMED.search(text, max(match.start() - _NAMED_BEFORE, 0), match.start()):
            continue
        if not _DATE.search(match[0]) and not _is_free(match[0]):
            last_end = match.end()
            yield Found(match.start(), match.end(), Kind.PHONE)


def find_emails(text: str) -> Iterator[Found]:
    """Yield e-mail addresses, also those whose signs are spelled in words («собака», «точка»)."""
    if not _AT_HINT.search(text):
        return
    for at in _AT.finditer(text):
        start = at.start()
        earliest = max(start - _LOCAL_PART_MAX, 0)
        while start > earliest and text[start - 1].lower() in _LOCAL_PART:
            start -= 1
        host = _HOST.match(text, at.end())
        if start == at.start() or host is None:
            continue
        spelled = "@" not in at[0] and at[0] != "%40"
        if spelled and not text[start : at.start()].isascii():  # «моя собака»
            continue
        yield Found(start, host.end(), Kind.EMAIL)


def find_profiles(text: str) -> Iterator[Found]:
    """Yield personal pages of social networks and names used there."""
    if not _PROFILE_HINT.search(text):
        return
    for match in _PROFILE.finditer(text):
        if not (_CLUB.match(match[0]) or _is_of_a_group(text, match)):
            yield Found(match.start(), match.end(), Kind.PROFILE)


def _is_of_a_group(text: str, match: re.Match[str]) -> bool:
    """Return whether a link is said to lead to a group, or to something on its wall."""
    before = text[max(match.start() - 20, 0) : match.start()]
    return _GROUP.search(before) is not None or text.startswith("?w=wall-", match.end())


def _is_number(candidate: str) -> bool:
    true = sum(character.isdigit() for character in candidate)
    return true >= _TRUE_DIGITS_MIN and not _DATE.search(candidate) and not _is_free(candidate)


def _is_national(text: str, match: re.Match[str]) -> bool:
    digits = _digits(match[0])
    if len(digits) != _DIGITS_OF_NATIONAL or _DATE.search(match[0]) or _is_free(match[0]):
        return False
    is_bare = match[0].isdigit()
    return not (is_bare and digits[0] != "9" and _NUMBERED.search(text, max(match.start() - 20, 0), match.start()))


def _is_free(candidate: str) -> bool:
    """Return whether a number is of the range that is free of charge for the caller."""
    return _digits(candidate)[-_DIGITS_OF_NATIONAL:].startswith(("800", "804")) and len(_digits(candidate)) > 9  # noqa: PLR2004


def _digits(candidate: str) -> str:
    return "".join(filter(str.isdigit, candidate.translate(_LETTER_OF_DIGIT)))
