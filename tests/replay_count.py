"""An independent count of what a recorded feed must leave behind, made straight from the file.

Shares no code with the product: it reads the recording with the standard library and follows the rules as they are
written in docs/storage.md. Only the words of the sources file (which status means what) are read from it.
"""

from __future__ import annotations

import json
import lzma
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_FORMS = ("%d %b %Y %H:%M:%S.%f", "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M")


class Count:
    """What the file says."""

    def __init__(self) -> None:
        self.polls = 0
        self.outcomes: Counter[str] = Counter()
        self.known: dict[str, dict] = {}
        self.vanished = 0

    @property
    def open_ids(self) -> set[str]:
        return {key for key, one in self.known.items() if one["open"]}


def count_recording(recording: Path, sources_file: Path) -> Count:
    """Follow a recording of a feed that lists everything open, poll by poll."""
    [source] = tomllib.loads(sources_file.read_text(encoding="utf-8"))["source"]
    params = source["params"]
    zone = ZoneInfo(source["time_zone"]) if "time_zone" in source else UTC
    tolerance = timedelta(seconds=source.get("future_tolerance_s", 600))
    count = Count()
    with lzma.open(recording, "rt", encoding="utf-8") as lines:
        for line in lines:
            poll = json.loads(line)
            count.polls += 1
            now = datetime.fromisoformat(poll["captured_at"])
            named = set()
            for entry in poll["payload"]:
                fields = _fields_for(entry, params)
                key = entry[fields["id"][0]]
                named.add(key)
                times = [_instant(entry.get(fields[name]), zone) for name in ("started_at", "updated_at")]
                status = params["statuses"].get(entry.get(fields["status"]), params["status_default"])
                if max(times) > now + tolerance:
                    count.outcomes["quarantined"] += 1
                    continue
                count.outcomes[
                    _apply(count, key, (status, *times, *_rest(entry, fields, params)), status, times[1])
                ] += 1
            _close_missing(count, named, source["close_after_missing_polls"], is_empty=not poll["payload"])
    return count


def _apply(count: Count, key: str, content: tuple, status: str, updated_at: datetime) -> str:
    one = count.known.get(key)
    if one is not None and one["content"] == content:
        one["missing"] = 0
        return "duplicate"
    if one is not None and not one["vanished"] and updated_at < one["updated_at"]:
        told_before = content in one["told"]
        one["told"].add(content)
        return "duplicate" if told_before else "outdated"
    told = {content} if one is None else one["told"] | {content}
    count.known[key] = {
        "content": content,
        "told": told,
        "updated_at": updated_at,
        "open": status != "closed",
        "missing": 0,
        "vanished": False,
    }
    return "stored" if one is None else "updated"


def _close_missing(count: Count, named: set[str], needed: int, *, is_empty: bool) -> None:
    if is_empty:
        return
    for key, one in count.known.items():
        if not one["open"]:
            continue
        one["missing"] = 0 if key in named else one["missing"] + 1
        if one["missing"] >= needed:
            one.update(open=False, vanished=True, content=None)
            count.vanished += 1


def _fields_for(entry: dict, params: dict) -> dict:
    fields = dict(params["fields"])
    for variant in params.get("variants", ()):
        if all(entry.get(key) == value for key, value in variant["when"].items()):
            fields.update(variant["fields"])
            break
    return fields


def _rest(entry: dict, fields: dict, params: dict) -> tuple:
    kind = fields["kind"].removeprefix("=") if fields["kind"].startswith("=") else entry.get(fields["kind"])
    names = ("title", "area_name", "address", "lat", "lon", "affected")
    return (
        params["kinds"].get(kind),
        params.get("levels", {}).get(entry.get(fields.get("level", ""))),
        *(" ".join(str(entry.get(fields.get(name, ""), "")).split()) for name in names),
    )


def _instant(text: str, zone: ZoneInfo) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    message = f"unknown form of time {text!r}"
    raise ValueError(message)
