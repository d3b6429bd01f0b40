"""Invented appeals as a feedback system tells them, in pages of JSON, and what must become of each. Pure.

`plain` ones say everything in the best form. `dirty` ones say it as real exports do: markup and entities, pictures
inside the text, four forms of one time, addresses where the municipality should stand, topics that no map knows,
coordinates swapped, zero, written with a comma or far away, the same record again, and some that nobody can read.
"""

from __future__ import annotations

import base64
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from svodka.domain import codec
from svodka.profiles.model import Profile, SourceConfig

KINDS = ("plain", "dirty")
NOW = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
PAGE_N = 500
SOURCE_ZONE = "Asia/Novokuznetsk"
DIRT: dict[str, Any] = tomllib.loads((Path(__file__).parent / "dirt.toml").read_text(encoding="utf-8"))
_WORDS = DIRT["words"].split()
_AGAIN_SHARE, _CHANGED_SHARE, _UNREADABLE_SHARE, _PICTURE_SHARE = 0.04, 0.03, 0.03, 0.02
_MARKUP_SHARE = 0.6

Item = dict[str, Any] | str


class Expected(msgspec.Struct, frozen=True):
    """What must come of all pages together: records by outcome, and of those set aside, by reason."""

    outcomes: dict[str, int]
    quarantined: dict[str, int]


def feed_source(url: str) -> SourceConfig:
    """Return the source that tells these appeals at an address of the loopback."""
    return SourceConfig(
        id="bench",
        name="bench",
        connector="http_json",
        records="appeals",
        channel=None,
        url=url,
        interval_s=60,
        ageing_s=300,
        stale_s=900,
        dead_s=3600,
        time_zone=SOURCE_ZONE,
        params={
            "records": "items",
            "fields": {
                "id": ["number"],
                "started_at": "received",
                "updated_at": "changed",
                "status": "state",
                "topic": "theme",
                "text": "text",
                "area_name": "municipality",
                "address": "address",
                "lat": "lat",
                "lon": "lon",
            },
            "statuses": DIRT["states"],
            "paging": {"kind": "page", "size_param": "per_page", "size": PAGE_N, "last_page": "short"},
            "http": {"allow_private": True},
        },
    )


def make_pages(profile: Profile, kind: str, appeals_n: int) -> tuple[list[bytes], Expected]:
    """Return the bodies of a feed's pages and what must come of them; the same at every call."""
    items, expected = _plain(profile, appeals_n) if kind == "plain" else _dirty(profile, appeals_n)
    starts = range(0, len(items), PAGE_N)
    return [codec.encode({"items": items[start : start + PAGE_N]}) for start in starts], expected


def _plain(profile: Profile, appeals_n: int) -> tuple[list[Item], Expected]:
    chance = Random(1)  # noqa: S311 - invented facts, no secret
    return [_appeal(profile, chance, number) for number in range(appeals_n)], Expected({"stored": appeals_n}, {})


def _dirty(profile: Profile, appeals_n: int) -> tuple[list[Item], Expected]:
    chance = Random(2)  # noqa: S311 - invented facts, no secret
    items: list[Item] = []
    outcomes: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    told: list[dict[str, Any]] = []
    number = 0
    while len(items) < appeals_n:
        draw = chance.random()
        if told and draw < _AGAIN_SHARE:
            items.append(chance.choice(told))
            outcomes["duplicate"] += 1
        elif told and draw < _AGAIN_SHARE + _CHANGED_SHARE:
            items.append(_changed(told.pop(chance.randrange(len(told)))))
            outcomes["updated"] += 1
        else:
            number += 1
            item = _soil(profile, chance, _appeal(profile, chance, number))
            if draw > 1 - _UNREADABLE_SHARE:
                reason, spoil = chance.choice(_UNREADABLE)
                items.append(spoil(item))
                quarantined[reason] += 1
            else:
                items.append(item)
                told.append(item)
                outcomes["stored"] += 1
    outcomes["quarantined"] = quarantined.total()
    return items, Expected(dict(outcomes), dict(quarantined))


def _appeal(profile: Profile, chance: Random, number: int) -> dict[str, Any]:
    area, topic = chance.choice(profile.areas), chance.choice(profile.topics)
    received_at = NOW - timedelta(hours=9, seconds=chance.uniform(0, 40_000))
    stems = [keyword.replace("$", "") for keyword in chance.sample(topic.keywords, min(2, len(topic.keywords)))]
    return {
        "number": f"a{number}",
        "received": received_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "changed": received_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "state": chance.choice(["Новое", "Новое", "В работе", "Решено"]),
        "theme": topic.name,
        "text": " ".join([*stems, *chance.choices(_WORDS, k=chance.randint(20, 90))]).capitalize() + ".",
        "municipality": area.name,
        "lat": area.lat + chance.uniform(-0.05, 0.05),
        "lon": area.lon + chance.uniform(-0.05, 0.05),
    }


def _soil(profile: Profile, chance: Random, item: dict[str, Any]) -> dict[str, Any]:
    """Return an appeal as an export would tell it."""
    dirty = {**item, "text": _marked_up(chance, item["text"])}
    received_at = datetime.fromisoformat(item["received"])
    dirty["received"] = dirty["changed"] = chance.choice(_TIME_FORMS)(received_at)
    if chance.random() < 0.7:
        dirty["theme"] = chance.choice(DIRT["unknown_topics"])
    place = chance.random()
    if place < 0.6:
        del dirty["municipality"]
    if place < 0.4:
        settlement = chance.choice(profile.places)
        house, flat = chance.randint(1, 200), chance.randint(1, 120)
        street = chance.choice(DIRT["streets"])
        dirty["address"] = f"650000, {DIRT['region']}, п. {settlement.name}, {street}, д. {house}, кв. {flat}"
    dirty["lat"], dirty["lon"] = chance.choice(_POINT_FORMS)(item["lat"], item["lon"])
    return dirty


def _marked_up(chance: Random, text: str) -> str:
    if chance.random() > _MARKUP_SHARE:
        return text
    words = text.split(" ")
    pieces = [" ".join(words[at : at + 9]) for at in range(0, len(words), 9)]
    marked = "".join(chance.choice(DIRT["tags"]).format(piece) + chance.choice(DIRT["entities"]) for piece in pieces)
    if chance.random() < _PICTURE_SHARE:
        picture = base64.b64encode(chance.randbytes(20_000)).decode()
        marked += f'<img src="data:image/png;base64,{picture}" alt=""/>'
    return f"<html><body>{marked}</body></html>"


def _changed(item: dict[str, Any]) -> dict[str, Any]:
    """Return the appeal as its source tells it later: answered, with another time of change."""
    later_at = NOW - timedelta(hours=1)
    state = "Решено" if item["state"] != "Решено" else "В работе"
    return {**item, "state": state, "changed": later_at.isoformat(timespec="seconds")}


def _without(name: str) -> Callable[[dict[str, Any]], Item]:
    return lambda item: {key: value for key, value in item.items() if key != name}


def _with(name: str, value: object) -> Callable[[dict[str, Any]], Item]:
    return lambda item: {**item, name: value}


def _zone_forgotten(item: dict[str, Any]) -> Item:
    """Return an appeal whose local time was stamped as UTC: seven hours ahead."""
    return {**item, "received": (NOW + timedelta(hours=7)).isoformat(timespec="seconds").replace("+00:00", "Z")}


_UNREADABLE: tuple[tuple[str, Callable[[dict[str, Any]], Item]], ...] = (
    ("missing_id", _without("number")),
    ("missing_time", _without("received")),
    ("time_unreadable", _with("received", DIRT["unreadable_time"])),
    ("status_unknown", _with("state", DIRT["unknown_state"])),
    ("wrong_type", _with("text", ["a", "list"])),
    ("not_an_object", lambda item: str(item["number"])),
    ("time_in_future", _zone_forgotten),
)
_TIME_FORMS: tuple[Callable[[datetime], object], ...] = (
    lambda at: at.isoformat(timespec="seconds"),
    lambda at: at.astimezone(ZoneInfo("Europe/Moscow")).isoformat(timespec="seconds"),
    lambda at: at.astimezone(ZoneInfo(SOURCE_ZONE)).strftime("%d.%m.%Y %H:%M"),
    lambda at: int(at.timestamp() * 1000),
)
_POINT_FORMS: tuple[Callable[[float, float], tuple[object, object]], ...] = (
    lambda lat, lon: (lat, lon),
    lambda lat, lon: (lat, lon),
    lambda lat, lon: (str(lat), str(lon)),
    lambda lat, lon: (f"{lat:.5f}".replace(".", ","), f"{lon:.5f}".replace(".", ",")),
    lambda lat, lon: (lon, lat),
    lambda _lat, _lon: (0, 0),
    lambda _lat, _lon: (None, None),
    lambda lat, _lon: (lat, "нет"),
    lambda lat, lon: (lat + 20, lon - 60),
)


def rows_of(pages: list[bytes]) -> Iterator[Item]:
    """Yield the items of all pages."""
    for page in pages:
        yield from codec.decode(page)["items"]
