"""What the region's terms make of a source's words: which of its places, topics and kinds are understood, and as what.

For the words `check` and `mapping`: they show it before anything is stored.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from svodka.domain.masking import mask
from svodka.domain.reasons import TopicReason
from svodka.domain.records import AppealRecord, Record
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import Geometry, ensure_geometry, read_manifest
from svodka.ingest.classify import Classifier
from svodka.profiles.model import Profile, SourceConfig
from svodka.settings import Settings

_VENDOR = Path(__file__).resolve().parents[1] / "assets" / "vendor"
_WORD_CHARS, _NAMES_SHOWN, _TOPIC_WORDS_SHOWN, _MAX_WORDS = 60, 10, 30, 2_000
_HOW = {TopicReason.SOURCE_MAP: "by the word", TopicReason.KEYWORD: "by the text", TopicReason.OTHER: "not found"}
# What a mapping calls a field, where a record calls it otherwise.
_FIELD_NAMES = {"id": "foreign_id", "topic": "topic_code", "lat": "point", "lon": "point", "geometry": "point"}


class Terms:
    """Counts, record by record, what was understood; bounded in memory."""

    def __init__(self, source: SourceConfig, profile: Profile, settings: Settings) -> None:
        self._source = source
        self._classifier = Classifier(profile, AreaFinder(profile, _geometry(profile, settings)))
        self._lost: dict[str, Counter[str]] = {"place": Counter(), "topic": Counter(), "kind": Counter()}
        self._topics: dict[str, Counter[tuple[str, TopicReason]]] = {}
        self._told: Counter[str] = Counter()
        self._n = 0

    def add(self, record: Record) -> None:
        """Count one record as it would be stored."""
        self._n += 1
        self._told.update(name for name in record.__struct_fields__ if getattr(record, name) not in {None, ""})
        if isinstance(record, AppealRecord):
            appeal = self._classifier.classify_appeal(record, self._source)
            area, word = appeal.area, record.topic_code or ""
            self._lose("topic", word, is_lost=appeal.topic_reason is TopicReason.OTHER)
            if word and (word in self._topics or len(self._topics) < _MAX_WORDS):
                self._topics.setdefault(word, Counter())[appeal.topic, appeal.topic_reason] += 1
        else:
            incident = self._classifier.classify_incident(record, self._source)
            area, is_other = incident.area, incident.kind == self._classifier.profile.other_kind.id
            self._lose("kind", record.kind or "", is_lost=is_other)
        self._lose("place", record.area_name or record.address or "", is_lost=area is None)

    def _lose(self, what: str, word: str, *, is_lost: bool) -> None:
        lost = self._lost[what]
        if is_lost:
            lost[word if word in lost or len(lost) < _MAX_WORDS else "…"] += 1

    def lines(self) -> Iterator[str]:
        """Tell how many records found their place, topic and kind, which words did not, and what topics became."""
        if not self._n:
            return
        for name in ("place", "topic") if self._source.records == "appeals" else ("place", "kind"):
            lost = self._lost[name]
            words = ", ".join(_clean(word) or "(empty)" for word, _ in lost.most_common(_NAMES_SHOWN))
            found_n = self._n - lost.total()
            yield f"{name} found: {found_n} of {self._n}" + (f"; not: {words}" if words else "")
        by_count = sorted(self._topics.items(), key=lambda each: -each[1].total())
        for word, topics in by_count[:_TOPIC_WORDS_SHOWN]:
            became = ", ".join(f"{topic} {n} ({_HOW[reason]})" for (topic, reason), n in topics.most_common(3))
            yield f"  topic {_clean(word)!r}: {became}"
        if len(by_count) > _TOPIC_WORDS_SHOWN:
            yield f"  and {len(by_count) - _TOPIC_WORDS_SHOWN} other words"
        if untold := self._untold():
            yield f"fields that no record has: {', '.join(untold)}"

    def _untold(self) -> list[str]:
        """Return the fields of the mapping that brought nothing: their path may be misspelt."""
        fields = self._source.params.get("fields", {})
        named = {name: path for name, path in fields.items() if path and name not in {"place_moved", "channel"}}
        return [
            f"{name} ({path if isinstance(path, str) else '|'.join(map(str, path))})"
            for name, path in named.items()
            if not self._told[_FIELD_NAMES.get(name, name)] and not self._is_received(name)
        ]

    def _is_received(self, name: str) -> bool:
        return name == "started_at" and self._told["received_at"] > 0


def _geometry(profile: Profile, settings: Settings) -> Geometry:
    """Return the prepared geometry of the home folder; where it has none, one for this question only."""
    if read_manifest(settings.home) is not None:
        return ensure_geometry(settings.home, profile, _VENDOR)
    with tempfile.TemporaryDirectory() as folder:
        return ensure_geometry(Path(folder), profile, _VENDOR)


def _clean(word: str) -> str:
    return "".join(character if character.isprintable() else " " for character in mask(word))[:_WORD_CHARS]
