"""Recorded feeds and lists of requests, served again by a clock.

`/feed.json` is the first recorded feed, `/feeds/<name>.json` each of them, `/open311/<name>/v2/…` each list of
requests; a name is that of the file. A poll is shown from its `captured_at` on; a request from its receipt on,
open until its last change and then as it was recorded. Without a shift every payload is served byte for byte.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import msgspec

from simulator.georeport import Query, Request, Response, answer_georeport
from simulator.moving import PlaceMover
from simulator.recordings import Poll, find_files, read_polls, read_requests
from simulator.server import SimulatorServer
from simulator.shifting import read_time, shift_times
from svodka.domain import codec
from svodka.domain.clock import Clock, ManualClock
from svodka.domain.errors import StartError
from svodka.profiles.model import Profile

_JSON = "application/json; charset=utf-8"
_POLLS = (".jsonl", ".jsonl.xz")
_REQUESTS = (".json", ".xml", ".csv", ".tar", ".tar.xz", ".tar.gz")
_NOT_BEGUN = Response(503, "text/plain; charset=utf-8", b"The recording has not begun.\n")
_ONE_HOUR = timedelta(hours=1)


class RecordedRequest(msgspec.Struct, frozen=True, gc=False):
    """A request as recorded, with its instants."""

    request: Request
    received_at: datetime
    updated_at: datetime


class Recording:
    """What was recorded in some files and folders.

    Attributes:
        polls: Recorded polls by the name of their feed, in the order of time.
        requests: Recorded requests by the name of their list, in the order of receipt.
        instants: When something new was there to be polled: every poll, and every full hour after which a
            request had arrived or changed.

    Args:
        paths: Files, or folders in which everything that holds polls or requests is taken.
        zone: Zone of requests' times that name none.

    Raises:
        StartError: A path does not exist, a file cannot be read, or nothing was recorded in any of them.
    """

    def __init__(self, paths: Iterable[Path | str], *, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self.polls: dict[str, tuple[Poll, ...]] = {}
        self.requests: dict[str, tuple[RecordedRequest, ...]] = {}
        given = [Path(path) for path in paths]
        for path in find_files(given, lambda each: each.name.lower().endswith((*_POLLS, *_REQUESTS))):
            self._read(path, is_named=path in given)
        self.instants = self._find_instants()
        if not self.instants:
            message = f"nothing was recorded in {', '.join(map(str, given)) or 'no path'}."
            raise StartError(message)

    def _read(self, path: Path, *, is_named: bool) -> None:
        if path.name.lower().endswith(_POLLS):
            self.polls[_name_of(path)] = read_polls(path)
            return
        placed = [_place_in_time(request, self._zone) for request in read_requests(path) or ()]
        known = sorted((each for each in placed if each is not None), key=lambda each: each.received_at)
        if known:
            self.requests[_name_of(path)] = tuple(known)
        elif is_named:
            message = f"{path} holds neither polls nor requests in a form that is known here."
            raise StartError(message)

    def _find_instants(self) -> tuple[datetime, ...]:
        instants = {poll.captured_at.astimezone(UTC) for polls in self.polls.values() for poll in polls}
        for requests in self.requests.values():
            for each in requests:
                instants |= {_next_hour(each.received_at), _next_hour(each.updated_at)}
        return tuple(sorted(instants))


class ReplaySite:
    """Serves one recording.

    Args:
        recording: What was recorded.
        starts_at: Where the first instant of the recording is moved to; None: nothing is moved.
        mover: Moves places onto a region's map; None: they stay.
        stepping: Every question for a feed is answered with the next poll, as fast as they come; lists of
            requests are there as they were at the end. The clock, which must be this one, shows where it stands.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        starts_at: datetime | None = None,
        mover: PlaceMover | None = None,
        stepping: ManualClock | None = None,
    ) -> None:
        self._recording = recording
        self._mover = mover
        self._stepping = stepping
        self._steps: dict[str, int] = {}
        moved_s = 0 if starts_at is None else round((starts_at - recording.instants[0]).total_seconds())
        self.shift = timedelta(seconds=moved_s)
        self._last_body: dict[str, tuple[int, bytes]] = {}

    def answer(self, path: str, params: dict[str, str], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address."""
        parts = [part for part in path.split("/") if part]
        match parts:
            case ["open311", *rest]:
                end_at = self._recording.instants[-1] + self.shift
                return answer_georeport(self, rest, params, end_at if self._stepping else now)
            case ["feed.json"] if self._recording.polls:
                return self._feed(next(iter(self._recording.polls)), now)
            case ["feeds", name] if name.removesuffix(".json") in self._recording.polls:
                return self._feed(name.removesuffix(".json"), now)
            case _:
                return None

    def has_system(self, system: str) -> bool:
        """Whether there is a list of requests of this name."""
        return system in self._recording.requests

    def services(self, system: str) -> list[Request]:
        """Return the services that the recorded requests name."""
        names = {
            str(each.request.get("service_code") or ""): each.request.get("service_name")
            for each in self._recording.requests[system]
        }
        return [
            {"service_code": code, "service_name": name, "metadata": False, "type": "realtime", "group": ""}
            for code, name in sorted(names.items())
            if code
        ]

    def search(self, system: str, query: Query, now: datetime) -> Sequence[Request]:
        """Return one page of requests (see `simulator.georeport.Store`)."""
        by_change = query.updated_after is not None or query.updated_before is not None
        found: list[tuple[datetime, RecordedRequest, bool]] = []
        for each in self._recording.requests[system]:
            received_at, updated_at = each.received_at + self.shift, each.updated_at + self.shift
            if received_at > now:
                break
            is_final = updated_at <= now
            changed_at = max(received_at, updated_at) if is_final else received_at
            if _fits(each, query, received_at, changed_at, is_final=is_final):
                found.append((changed_at if by_change else received_at, each, is_final))
        found.sort(key=lambda item: item[0], reverse=not by_change)
        page = found[(query.page - 1) * query.page_size : query.page * query.page_size]
        return [self._write(each, is_final=is_final) for _, each, is_final in page]

    def _write(self, each: RecordedRequest, *, is_final: bool) -> Request:
        request = dict(each.request)
        if not is_final:
            request |= {"status": "open", "updated_datetime": request.get("requested_datetime")}
            request.pop("closed_datetime", None)
        return self._move(request, each.received_at)

    def _move(self, document: Request, near: datetime) -> Request:
        moved: object = document
        if self.shift:
            moved = shift_times(moved, self.shift, near=near)
        if self._mover is not None:
            moved = self._mover.move(moved)
        return moved if isinstance(moved, dict) else document

    def _feed(self, name: str, now: datetime) -> Response:
        polls = self._recording.polls[name]
        if self._stepping is not None:
            index = min(self._steps.get(name, -1) + 1, len(polls) - 1)
            self._steps[name] = index
            self._stepping.set(polls[index].captured_at + self.shift)
        else:
            index = bisect_right(polls, now - self.shift, key=lambda poll: poll.captured_at) - 1
        if index < 0:
            return _NOT_BEGUN
        kept = self._last_body.get(name)
        if kept is None or kept[0] != index:
            kept = self._last_body[name] = (index, self._body(polls[index]))
        return Response(200, _JSON, kept[1])

    def _body(self, poll: Poll) -> bytes:
        if not self.shift and self._mover is None:
            return bytes(poll.payload)
        document: object = codec.decode(bytes(poll.payload))
        if self.shift:
            document = shift_times(document, self.shift, near=poll.captured_at)
        return codec.encode(self._mover.move(document) if self._mover else document)


class ReplayServer(SimulatorServer):
    """A server of one recording by an injected clock: `start() -> base url`, `stop()`.

    Args:
        recording: What was recorded.
        clock: What time it is; the recorded times, where nothing is moved.
        starts_at: Where the recording's first instant is moved to; None: nothing is moved.
        profile: Region onto whose map places are moved; None: they stay.
        port: Port on loopback; 0: any free one.
    """

    def __init__(
        self,
        recording: Recording,
        clock: Clock,
        *,
        starts_at: datetime | None = None,
        profile: Profile | None = None,
        port: int = 0,
    ) -> None:
        mover = None if profile is None else PlaceMover(profile)
        super().__init__(ReplaySite(recording, starts_at=starts_at, mover=mover), clock, port=port)


def _fits(each: RecordedRequest, query: Query, received_at: datetime, changed_at: datetime, *, is_final: bool) -> bool:
    request = each.request
    status = "closed" if is_final and str(request.get("status") or "").lower() == "closed" else "open"
    checks = (
        not query.ids or str(request.get("service_request_id")) in query.ids,
        not query.codes or str(request.get("service_code")) in query.codes,
        not query.statuses or status in query.statuses,
        query.start_at is None or received_at >= query.start_at,
        query.end_at is None or received_at <= query.end_at,
        query.updated_after is None or changed_at >= query.updated_after,
        query.updated_before is None or changed_at <= query.updated_before,
    )
    return all(checks)


def _place_in_time(request: Request, zone: tzinfo) -> RecordedRequest | None:
    received_at = read_time(str(request.get("requested_datetime") or ""), zone)
    if received_at is None:
        return None
    updated_at = read_time(str(request.get("updated_datetime") or ""), zone) or received_at
    return RecordedRequest(request, received_at, updated_at)


def _name_of(path: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.name.lower().split(".", 1)[0]).strip("-")


def _next_hour(at: datetime) -> datetime:
    floor = at.replace(minute=0, second=0, microsecond=0)
    return floor if floor == at else floor + _ONE_HOUR
