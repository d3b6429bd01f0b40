"""Russian names in Latin letters: many ways to write one, one skeleton for all of them.

«Кузнецкий» is written Kuznetsky, Kuznetskiy, Kuznetskii, Kuznetskij, Kuzneckij. A skeleton is no transliteration: it
forgets what the systems do not agree on, so that two spellings of one name have the same, and now and then two names.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "š": "sh", "č": "ch", "ž": "zh", "ŝ": "shch",
})  # fmt: skip
_LATIN, _CYRILLIC = re.compile(r"[a-z]"), re.compile(r"[а-яё]")
_GROUPS = {
    "shch": "sh", "sch": "sh", "tch": "ch", "kh": "h", "ts": "c", "tz": "c", "yo": "e", "jo": "e", "ye": "e",
    "je": "e", "yu": "iu", "ju": "iu", "ya": "ia", "ja": "ia", "y": "i", "j": "i", "w": "v", "x": "ks",
}  # fmt: skip
_GROUP = re.compile("|".join(sorted(_GROUPS, key=len, reverse=True)))
_OTHER = re.compile(r"[^a-z]+")
_REPEATED = re.compile(r"(.)\1+")
# Words that say what kind of municipality a name is of.
_KINDS = (
    (re.compile(r"\b(?:gorodsk\w+|urban)[\s-]okrug\b"), "городской округ"),
    (re.compile(r"\bmuni(?:c|ts|z)ip\w+[\s-](?:okrug|district|ra[iyj]on)\b"), "муниципальный округ"),
    (re.compile(r"\b(?:ra[iyj]on|district|okrug)\b"), "район"),
    (re.compile(r"\b(?:gorod|city|town)(?: of)?\b"), "город"),
)


def is_latin(text: str) -> bool:
    """Return whether a folded text is written in Latin letters alone."""
    return bool(_LATIN.search(text)) and not _CYRILLIC.search(text)


def with_russian_kinds(text: str) -> str:
    """Return a folded Latin text with the words for a kind of municipality in Russian."""
    for pattern, kind in _KINDS:
        text = pattern.sub(kind, text)
    return text


def skeleton(text: str) -> str:
    """Return what all Latin spellings of a folded name share, for Cyrillic and Latin letters alike."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_LETTERS))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _REPEATED.sub(r"\1", _OTHER.sub("", _GROUP.sub(lambda match: _GROUPS[match[0]], plain)))
