"""A text as a mask reads it: one plain spelling of everything that only looks different.

The result is called the shadow. Every character of it knows its place in the original, so that what is found in the
shadow can be taken out of the original. Time grows with the length and no faster.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Iterator

import msgspec

# Nothing here has a second spelling; most texts are of this kind and are their own shadow.
_ORDINARY = re.compile(r"[ -~А-Яа-яЁё№«»…₽]*")
_MIXED = re.compile(r"[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]")
_CODED = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|</?[A-Za-z][^<>]{0,300}>"
    r"|\\u[0-9A-Fa-f]{4}|\\[nrt]"
    r"|%(?:40|2B|2b|20|28|29)"
)
_PERCENT = {"%40": "@", "%2B": "+", "%2b": "+", "%20": " ", "%28": "(", "%29": ")"}
_SPELLED_MAX = 4  # a letter that stands for a whole sentence is no part of a number
_KEPT = frozenset(string.ascii_letters + string.digits + "№…Ёё" + "".join(map(chr, range(ord("А"), ord("я") + 1))))
_DASHES = frozenset("‐‑‒–—―−⁃﹘﹣－➖")
# One for one, so that most texts that are no plain ASCII and Cyrillic need no places.
_SAME_LENGTH = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\t\n\r\u00a0\u2002\u2003\u2009\u202f\u3000", " "),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("’‘‚`", "'"),
        **dict.fromkeys("•·°★✔→", "*"),
    }
)
_MARKS = frozenset({"Mn", "Me"})
_UNSEEN = _MARKS | {"Cf", "Cc", "Cs", "Co", "Cn"}
_LATIN = "ABCEHKMOPTXYaceopxyik"
_CYRILLIC = "АВСЕНКМОРТХУасеорхуик"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_WORD = re.compile(r"[A-Za-zА-Яа-яЁё]+")


class Shadow(msgspec.Struct, frozen=True):
    """What a mask reads.

    Attributes:
        text: The plain spelling.
        starts: For every character of it, where it begins in the original; None where both are the same.
        ends: For every character, where it ends there.
    """

    text: str
    starts: list[int] | None = None
    ends: list[int] = []

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return where [start, end) of the shadow, which is not empty, lies in the original."""
        return (start, end) if self.starts is None else (self.starts[start], self.ends[end - 1])


def fold(text: str) -> Shadow:
    """Return the shadow of a text.

    Args:
        text: Any text: plain, an HTML fragment, JSON.

    Returns:
        ASCII digits, dashes and spaces for those of any script, no invisible characters, entities and escapes read,
        tags left out, and Cyrillic letters in words that mix them with Latin look-alikes.
    """
    spelled = text if _ORDINARY.fullmatch(text) else text.translate(_SAME_LENGTH)
    if _ORDINARY.fullmatch(spelled) and not _CODED.search(spelled):
        return Shadow(_unmix(spelled))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, piece in _pieces(text):
        if letters and len(piece) == 1 and unicodedata.category(piece) in _MARKS:
            letters[-1] = _combine(letters[-1], piece)
            ends[-1] = end
            continue
        plain = "".join(map(_plain, piece))
        letters += plain
        starts += [start] * len(plain)
        ends += [end] * len(plain)
    return Shadow(_unmix("".join(letters)), starts, ends)


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    for coded in _CODED.finditer(text):
        yield from ((place, place + 1, text[place]) for place in range(at, coded.start()))
        at = coded.end()
        yield coded.start(), at, _decode(coded[0])
    yield from ((place, place + 1, text[place]) for place in range(at, len(text)))


def _decode(coded: str) -> str:
    if coded[0] == "&":
        return html.unescape(coded)
    if coded[0] == "%":
        return _PERCENT[coded]
    if coded[0] == "<":
        return " " if coded[1:3].lower() in {"br", "p>", "/p"} else ""
    return chr(int(coded.removeprefix("\\u"), 16)) if coded[1] == "u" else " "


def _combine(letter: str, mark: str) -> str:
    """Return a letter with a mark where the two are one letter («й»), else the letter alone."""
    both = unicodedata.normalize("NFC", letter + mark)
    return both if len(both) == 1 else letter


def _plain(letter: str) -> str:
    if letter in _KEPT:
        return letter
    if letter in _DASHES:
        return "-"
    category = unicodedata.category(letter)
    if category[0] == "Z" or letter in "\t\n\r":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    spelled = "" if category in _UNSEEN else unicodedata.normalize("NFKC", letter)
    return spelled if len(spelled) <= _SPELLED_MAX else letter


def _unmix(text: str) -> str:
    """Return a text of the same length whose mixed words are spelled in Cyrillic as far as letters look alike."""
    return _WORD.sub(_unmix_word, text) if _MIXED.search(text) else text


def _unmix_word(word: re.Match[str]) -> str:
    return word[0].translate(_TO_CYRILLIC) if _MIXED.search(word[0]) else word[0]
