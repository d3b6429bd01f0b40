"""The topic that a text's words point to.

A keyword is one or more word beginnings; several must stand in their order with at most one other word between two of
them, and a `$` ends a whole word. Each keyword counts once, a phrase more than a word; the topic with the highest count
wins, the one that stands first in the profile among equals. The name of a street is no word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from svodka.profiles.model import Topic

MAX_TEXT = 4_000
PHRASE_WEIGHT = 3
_PREFIX = 3
_GAP = 2
_WORDS_REMEMBERED = 50_000
_REMEMBERED_CHARS = 40  # longer ones are no words, and as many of them would be hundreds of megabytes
_WORD = re.compile(r"[A-Za-zА-Яа-яЁё0-9]+")
_STREETS = frozenset(
    {"ул", "улица", "улице", "улицы", "улицу", "пр", "просп", "проспект", "проспекта", "проспекте"}
    | {"пер", "переулок", "переулке", "переулка"}
)


Stem = tuple[str, bool]


class _Keyword(msgspec.Struct, frozen=True):
    number: int
    topic: int
    first: Stem
    rest: tuple[Stem, ...]

    @property
    def weight(self) -> int:
        return PHRASE_WEIGHT if self.rest else 1


class TopicKeywords:
    """Finds topics by keyword; built once per profile."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = [topic.id for topic in topics]
        self._by_prefix: dict[str, list[_Keyword]] = {}
        # What begins at a word, remembered: appeals use few thousand words again and again.
        self._by_word: dict[str, tuple[_Keyword, ...]] = {}
        number = 0
        for index, topic in enumerate(topics):
            for text in topic.keywords:
                stems = tuple((stem.rstrip("$"), stem.endswith("$")) for stem in text.split())
                self._by_prefix.setdefault(stems[0][0][:_PREFIX], []).append(
                    _Keyword(number, index, stems[0], stems[1:])
                )
                number += 1

    def find(self, text: str) -> str | None:
        """Return the slug of the topic that `text` points to, None where no keyword occurs.

        Args:
            text: Plain text; only its first 4,000 characters count.
        """
        words = _split(text[:MAX_TEXT])
        scores: dict[int, int] = {}
        seen: set[int] = set()
        remembered = self._by_word
        for position, word in enumerate(words):
            beginning = remembered.get(word)
            for keyword in self._begin_at(word) if beginning is None else beginning:
                if keyword.number not in seen and (not keyword.rest or _goes_on(keyword.rest, words, position)):
                    seen.add(keyword.number)
                    scores[keyword.topic] = scores.get(keyword.topic, 0) + keyword.weight
        if not scores:
            return None
        return self._topics[min(scores, key=lambda topic: (-scores[topic], topic))]

    def _begin_at(self, word: str) -> tuple[_Keyword, ...]:
        lengths = range(1, min(_PREFIX, len(word)) + 1)
        near = (keyword for length in lengths for keyword in self._by_prefix.get(word[:length], ()))
        found = tuple(keyword for keyword in near if _matches(word, keyword.first))
        if len(word) > _REMEMBERED_CHARS:
            return found
        if len(self._by_word) >= _WORDS_REMEMBERED:
            self._by_word.clear()
        self._by_word[word] = found
        return found


def _split(text: str) -> list[str]:
    """Return the folded words of a text without the names of streets: «улица Школьная» says nothing about schools."""
    raw = _WORD.findall(text)
    # Folded all at once: words hold no space, and none becomes longer or shorter.
    words = " ".join(raw).lower().replace("ё", "е").split()
    if _STREETS.isdisjoint(words):
        return words
    return [
        word
        for place, word in enumerate(words)
        if not (place and words[place - 1] in _STREETS and raw[place][0].isupper())
    ]


def _goes_on(rest: tuple[Stem, ...], words: list[str], position: int) -> bool:
    for beginning, is_whole in rest:
        for word in words[position + 1 : position + 1 + _GAP]:
            position += 1
            if word == beginning if is_whole else word.startswith(beginning):
                break
        else:
            return False
    return True


def _matches(word: str, stem: Stem) -> bool:
    beginning, is_whole = stem
    return word == beginning if is_whole else word.startswith(beginning)
