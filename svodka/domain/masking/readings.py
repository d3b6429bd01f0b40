"""What a Russian word can be: a first name, a surname, a patronymic, a place, or a word like others.

From the OpenCorpora dictionary by pymorphy3; what it does not know is judged by its ending. Loaded at the first word
that is asked for (about 0.1 s and 30 MB), and not at all by processes that show no texts.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_WORDS_REMEMBERED = 20_000
_LONGEST = 40
_SURNAME = re.compile(
    r"[а-яё]{2,}(?:"
    r"(?:ов|ев|ёв|ин|ын)(?:а|у|ым|е|ой|ы|ых|ыми)?|[сц]к(?:ий|ого|ому|им|ом|ая|ой|ую|ие|их)|енко|ович|евич|[ую]к|чук|[ая]н(?:а|у|ом|е)?"
    r"|дзе|швили|ых|их|ба|уа|ава|ян(?:ц|а|у)?|заде|аев(?:а|ой|у)?|оглы|кызы)"
)
_PATRONYMIC = re.compile(r"[а-яё]{2,}(?:[оеё]вич(?:а|у|[ео]м|е)?|[оеё]вн(?:а|ы|е|у|ой|ою))")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How likely a word is what, 0 to 1 each, by how often it is that in texts.

    Attributes:
        name: A first name.
        surname: A surname.
        place: A place.
        plain: A word of another kind.
        is_patronymic: It is a patronymic or may be one.
        is_known: The dictionary has it.
        is_genitive: It may be a name in the genitive, as streets are called.
        lemmas: The first forms of the names it may be, folded.
        looks_like_surname: Its ending is one of surnames.
        is_somebody: It may be a noun for somebody, as surnames are made of («Мельник»).
    """

    name: float = 0.0
    surname: float = 0.0
    place: float = 0.0
    plain: float = 0.0
    is_patronymic: bool = False
    is_known: bool = True
    is_genitive: bool = False
    lemmas: frozenset[str] = frozenset()
    looks_like_surname: bool = False
    is_somebody: bool = False


@lru_cache(maxsize=_WORDS_REMEMBERED)
def read_word(word: str) -> Reading:
    """Return what a word can be.

    Args:
        word: Cyrillic letters, in any case, hyphens allowed: then the last part decides.
    """
    part = word.lower().rpartition("-")[2]
    if not part or len(part) > _LONGEST:
        return Reading(plain=1.0)
    parses = _morph().parse(part)
    if not any(parse.is_known for parse in parses):
        return Reading(
            surname=1.0 if _SURNAME.fullmatch(part) else 0.0,
            is_patronymic=bool(_PATRONYMIC.fullmatch(part)),
            is_known=False,
            is_genitive=part.endswith(("а", "я", "ы", "и", "ой", "ого", "их", "ых")),
            lemmas=frozenset({part.replace("ё", "е")}),
            looks_like_surname=_SURNAME.fullmatch(part) is not None,
        )
    scores = dict.fromkeys(("Name", "Surn", "Geox", "plain"), 0.0)
    is_genitive, lemmas = False, set()
    for parse in parses:
        kind = next((kind for kind in ("Name", "Surn", "Patr", "Geox") if kind in parse.tag), "plain")
        scores[kind] = scores.get(kind, 0.0) + parse.score
        if kind in {"Name", "Surn"}:
            is_genitive |= "gent" in parse.tag
            lemmas.add(parse.normal_form.replace("ё", "е"))
    return Reading(
        name=scores["Name"],
        surname=scores["Surn"],
        place=scores["Geox"],
        plain=scores["plain"],
        is_patronymic="Patr" in scores,
        is_genitive=is_genitive,
        lemmas=frozenset(lemmas),
        looks_like_surname=_SURNAME.fullmatch(part) is not None,
        is_somebody=any({"NOUN", "anim"} in parse.tag for parse in parses),
    )


@lru_cache(maxsize=_WORDS_REMEMBERED)
def is_genitive_noun(word: str) -> bool:
    """Return whether a word in small letters is most likely a noun in the genitive: what is counted."""
    best = _morph().parse(word)[0]
    return "NOUN" in best.tag and "gent" in best.tag


@cache
def _morph() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415 - only who shows texts pays for the dictionary

    return MorphAnalyzer()
