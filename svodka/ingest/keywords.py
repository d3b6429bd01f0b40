"""The topic that a text's words point to.

A keyword is one or more word beginnings; several must stand in their order with at most one other word between two of
them, and a `$` ends a whole word. Each keyword counts once, a phrase more than a word; the topic with the highest count
wins, the one that stands first in the profile among equals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from svodka.profiles.model import Topic

MAX_TEXT = 4_000
PHRASE_WEIGHT = 3
_PREFIX = 3
_GAP = 2
_WORD = re.compile(r"[a-zа-я0-9]+")


class _Keyword:
    __slots__ = ("number", "stems", "topic", "weight")

    def __init__(self, number: int, topic: int, stems: tuple[tuple[str, bool], ...]) -> None:
        self.number = number
        self.topic = topic
        self.stems = stems
        self.weight = PHRASE_WEIGHT if len(stems) > 1 else 1


class TopicKeywords:
    """Finds topics by keyword; built once per profile."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = [topic.id for topic in topics]
        self._by_prefix: dict[str, list[_Keyword]] = {}
        number = 0
        for index, topic in enumerate(topics):
            for keyword in topic.keywords:
                stems = tuple((stem.rstrip("$"), stem.endswith("$")) for stem in keyword.split())
                self._by_prefix.setdefault(stems[0][0][:_PREFIX], []).append(_Keyword(number, index, stems))
                number += 1

    def find(self, text: str) -> str | None:
        """Return the slug of the topic that `text` points to, None where no keyword occurs.

        Args:
            text: Plain text; only its first 4,000 characters count.
        """
        words = _WORD.findall(text[:MAX_TEXT].lower().replace("ё", "е"))
        scores: dict[int, int] = {}
        seen: set[int] = set()
        for position, word in enumerate(words):
            for length in range(1, _PREFIX + 1):
                for keyword in self._by_prefix.get(word[:length], ()) if length <= len(word) else ():
                    if keyword.number not in seen and _stands_at(keyword.stems, words, position):
                        seen.add(keyword.number)
                        scores[keyword.topic] = scores.get(keyword.topic, 0) + keyword.weight
        if not scores:
            return None
        return self._topics[min(scores, key=lambda topic: (-scores[topic], topic))]


def _stands_at(stems: tuple[tuple[str, bool], ...], words: Sequence[str], position: int) -> bool:
    if not _matches(words[position], stems[0]):
        return False
    for stem in stems[1:]:
        position = next(
            (
                near
                for near in range(position + 1, position + 1 + _GAP)
                if near < len(words) and _matches(words[near], stem)
            ),
            -1,
        )
        if position < 0:
            return False
    return True


def _matches(word: str, stem: tuple[str, bool]) -> bool:
    beginning, is_whole = stem
    return word == beginning if is_whole else word.startswith(beginning)
