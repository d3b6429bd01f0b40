"""The invented day: what every feedback system tells, and when. Made from a seed; nothing of the product is used.

An *item* is one version of a record as its system publishes it. Appeals are told as a stream of versions in the
order of publication; the first incident system names every version of every incident for good, the second only what
is open now, so that what it no longer names has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

APPEAL_SOURCES = {"storm-a": "pos", "storm-b": "region", "storm-c": "pos"}
DISPATCH, DUTY = "dispatch", "duty"
SOURCES = (*APPEAL_SOURCES, DISPATCH, DUTY)
_STAGES = ("received", "in_work", "answered")
_LATE_BY = timedelta(seconds=30)
_BURST_SHARE = 0.35


class Words(msgspec.Struct, frozen=True):
    """The region's names that records may carry."""

    topics: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]  # slug, name
    kinds: tuple[str, ...]
    levels: tuple[str, ...]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a record.

    Attributes:
        at: When it is published.
        changed_at: What it says about when it changed; before `at` for one that comes late.
        late: It is older than what was told before.
    """

    source: str
    key: str
    at: datetime
    changed_at: datetime
    began_at: datetime
    stage: str
    topic: str = ""
    area: str = ""
    area_name: str = ""
    mark: int | None = None
    kind: str = ""
    level: str = ""
    affected: int | None = None
    due_at: datetime | None = None
    late: bool = False


class World:
    """Everything that is ever published, in the order of publication."""

    def __init__(self, seed: int, words: Words, *, starts_at: datetime, ends_at: datetime, events_n: int) -> None:
        self.seed, self.starts_at, self.ends_at = seed, starts_at, ends_at
        draw = Random(f"world {seed}")  # noqa: S311 - invented facts, no secret
        appeal_events = max(1, events_n * 19 // 20)
        items: list[Item] = []
        number = 0
        while len(items) < appeal_events:
            number += 1
            items += _appeal(draw, words, number, starts_at, ends_at)
        incidents_n = max(8, (events_n - len(items)) // 3)
        for number in range(incidents_n):
            items += _incident(draw, words, number, starts_at, ends_at)
        for number in range(max(6, incidents_n // 2)):
            items += _duty_incident(draw, words, number, starts_at, ends_at)
        self.items = sorted(items, key=lambda item: (item.at, item.source, item.key))
        self.by_source: dict[str, list[Item]] = {
            source: [item for item in self.items if item.source == source] for source in SOURCES
        }

    def published(self, source: str, now: datetime) -> Sequence[Item]:
        """Return what a source has published by then."""
        items = self.by_source[source]
        low, high = 0, len(items)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if items[middle].at <= now else (low, middle)
        return items[:low]

    def open_now(self, source: str, now: datetime) -> list[Item]:
        """Return the newest version of everything of a source that is open then."""
        newest: dict[str, Item] = {}
        for item in self.published(source, now):
            newest[item.key] = item
        return [item for item in newest.values() if item.stage != "closed"]


def _instant(draw: Random, start: datetime, end: datetime) -> datetime:
    """Return a moment of the day: most of it evenly, a third within a few bursts, to the millisecond."""
    span = (end - start).total_seconds()
    share = draw.random()
    if draw.random() < _BURST_SHARE:
        share = min(0.98, (draw.randrange(5) + 0.6) / 5 + draw.random() * 0.004)
    return start + timedelta(milliseconds=round(share * span * 1000))


def _appeal(draw: Random, words: Words, number: int, start: datetime, end: datetime) -> Iterator[Item]:
    source = draw.choice(tuple(APPEAL_SOURCES))
    area, area_name = draw.choice(words.areas)
    at = _instant(draw, start, end - (end - start) * 0.05)
    began_at = at - timedelta(seconds=draw.randrange(600))
    item = Item(
        source=source, key=f"{source}-{number}", at=at, changed_at=at, began_at=began_at, stage=_STAGES[0],
        topic=draw.choice(words.topics), area=area, area_name=area_name,
        due_at=at + timedelta(hours=1) if number % 3 == 0 else None,
    )  # fmt: skip
    yield item
    pace_s = (end - start).total_seconds() * 0.15
    stage, came_late = 0, False
    while draw.random() < 0.6:
        at += timedelta(milliseconds=1 + round(draw.expovariate(1 / pace_s) * 1000))
        if at >= end:
            return
        move = draw.random()
        topic = item.topic
        if move < 0.1:  # a correction: what it is about, and where
            topic = draw.choice([other for other in words.topics if other != topic])
            area, area_name = draw.choice(words.areas)
        elif move < 0.2 and stage > 0:
            stage -= 1  # taken back
        elif stage < 2:
            stage += 1
        else:
            return
        item = msgspec.structs.replace(
            item, at=at, changed_at=at, stage=_STAGES[stage], topic=topic, area=area, area_name=area_name,
            mark=draw.choice([None, 1, 3, 5]) if stage == 2 else None,
        )  # fmt: skip
        yield item
        if not came_late and draw.random() < 0.05:  # an older version, told for the first time after this one
            came_late = True
            yield msgspec.structs.replace(
                item, at=at + timedelta(milliseconds=7), changed_at=began_at - _LATE_BY, stage=_STAGES[0], mark=None,
                late=True,
            )  # fmt: skip


def _incident(draw: Random, words: Words, number: int, start: datetime, end: datetime) -> Iterator[Item]:
    """Yield one of the system that names the ended ones too; a third are short, to begin and end unseen."""
    at = _instant(draw, start, end - (end - start) * 0.05)
    area, area_name = draw.choice(words.areas)
    item = Item(
        source=DISPATCH, key=f"d-{number}", at=at, changed_at=at, began_at=at, stage="new", area=area,
        area_name=area_name, kind=draw.choice(words.kinds), level=draw.choice(words.levels),
        affected=draw.randrange(90),
    )  # fmt: skip
    yield item
    span_s = (end - start).total_seconds()
    life_s = span_s * (0.02 if draw.random() < 0.33 else 0.2)
    for stage in ("work", "closed"):
        at += timedelta(milliseconds=1 + round(draw.expovariate(2 / life_s) * 1000))
        if at >= end:
            return
        item = msgspec.structs.replace(item, at=at, changed_at=at, stage=stage, affected=draw.randrange(90))
        yield item


def _duty_incident(draw: Random, words: Words, number: int, start: datetime, end: datetime) -> Iterator[Item]:
    """Yield one of the system that falls silent about what has ended; the first three never end."""
    at = _instant(draw, start, start + (end - start) * (0.05 if number < 3 else 0.9))
    area, area_name = draw.choice(words.areas)
    item = Item(
        source=DUTY, key=f"u-{number}", at=at, changed_at=at, began_at=at, stage="new", area=area,
        area_name=area_name, kind=draw.choice(words.kinds), level=draw.choice(words.levels),
        affected=draw.randrange(90),
    )  # fmt: skip
    yield item
    at += timedelta(seconds=(end - start).total_seconds() * draw.uniform(0.1, 0.4))
    if number >= 3 and at < end:
        yield msgspec.structs.replace(item, at=at, changed_at=at, stage="closed")
