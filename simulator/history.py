"""A region's simulated past, present and future, made day by day as somebody asks for it.

Answers what a feedback system knows at an instant. Days are kept while they are in use and made again
when they are needed again; nothing grows with time.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from simulator.day import Day
from simulator.incidents import draw_accident, draw_incidents
from simulator.life import HORIZON_D
from simulator.lives import AppealEvent, IncidentEvent, SimAppeal, SimIncident, appeal_state, incident_state
from simulator.region import Region

DEFAULT_SEED = 1
_KEPT_DAYS = 72
_KEPT_CHANGES = 48
_INCIDENT_HORIZON_D = 4
_ONE_DAY = timedelta(days=1)
V = TypeVar("V")


class Known(msgspec.Struct, frozen=True, gc=False):
    """An appeal as it is known at an instant."""

    appeal: SimAppeal
    state: AppealEvent


class KnownIncident(msgspec.Struct, frozen=True, gc=False):
    """An incident as it is known at an instant."""

    incident: SimIncident
    state: IncidentEvent


class _Kept(Generic[V]):
    """The most recently used values by date."""

    def __init__(self, limit: int, make: Callable[[date], V]) -> None:
        self._limit = limit
        self._make = make
        self._values: dict[date, V] = {}

    def get(self, day: date) -> V:
        value = self._values.pop(day, None)
        if value is None:
            value = self._make(day)
            while len(self._values) >= self._limit:
                del self._values[next(iter(self._values))]
        self._values[day] = value
        return value


_Change = tuple[datetime, int, SimAppeal]
_ChangesBySystem = dict[str, list[_Change]]


class History:
    """All simulated days of a region; safe to ask from several threads."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._lock = threading.RLock()
        # Incidents apart: they are few, and nobody should wait for a fortnight of appeals to see them.
        self._incidents_lock = threading.Lock()
        self._incidents: _Kept[tuple[SimIncident, ...]] = _Kept(
            _KEPT_DAYS, lambda day: draw_incidents(region, day, draw_accident(region, day))
        )
        self._days: _Kept[Day] = _Kept(_KEPT_DAYS, lambda day: Day(region, day))
        self._spread: _Kept[dict[date, _ChangesBySystem]] = _Kept(_KEPT_DAYS, self._spread_day)
        self._changes: _Kept[_ChangesBySystem] = _Kept(_KEPT_CHANGES, self._gather_changes)

    def day(self, day: date) -> Day:
        """Return one local day."""
        with self._lock:
            return self._days.get(day)

    def local_date(self, at: datetime) -> date:
        """Return the local date of an instant."""
        return at.astimezone(self.region.profile.zone).date()

    def changed(self, system: str | None, *, after: datetime, before: datetime, now: datetime) -> list[Known]:
        """Return the appeals whose last change known at `now` lies in [after, before], in the order of that change.

        Args:
            system: One system's appeals, or everybody's.
            after: Begin of the window.
            before: End of the window; what lies beyond `now` has not happened.
            now: What is not known at this instant is not told.
        """
        before = min(before, now)
        found: list[Known] = []
        for day in self._days_between(after, before):
            with self._lock:  # day by day: a long backfill leaves room for others
                by_system = self._changes.get(day)
            names = list(by_system) if system is None else [system]
            for name in names:
                found.extend(_last_changes(by_system.get(name, []), after, before, now))
        if system is None:
            found.sort(key=lambda known: (known.state.at, known.appeal.id))
        return found

    def received(self, system: str, *, start: datetime, end: datetime, now: datetime) -> list[Known]:
        """Return the appeals that arrived in [start, end], as known at `now`, the newest first."""
        end = min(end, now)
        found = []
        for day in self._days_between(start, end):
            for appeal in self.day(day).appeals:
                if appeal.system == system and start <= appeal.received_at <= end:
                    state = appeal_state(appeal, now)
                    if state is not None:
                        found.append(Known(appeal, state))
        return found[::-1]

    def find(self, system: str, appeal_id: str, *, now: datetime) -> Known | None:
        """Return one appeal as known at `now`; None: no such appeal of this system, or not yet."""
        day = _day_of(appeal_id)
        if day is None or day > self.local_date(now):
            return None
        for appeal in self.day(day).appeals:
            if appeal.id == appeal_id and appeal.system == system:
                state = appeal_state(appeal, now)
                return Known(appeal, state) if state else None
        return None

    def incidents(self, *, now: datetime, closed_since: datetime) -> list[KnownIncident]:
        """Return the incidents that are open at `now` or ended after `closed_since`, in the order of beginning."""
        found = []
        for day in self._days_between(closed_since - _ONE_DAY * _INCIDENT_HORIZON_D, now):
            with self._incidents_lock:
                incidents = self._incidents.get(day)
            for incident in incidents:
                state = incident_state(incident, now)
                if state is not None and (state.status.is_open or state.at > closed_since):
                    found.append(KnownIncident(incident, state))
        return found

    def prepare(self, now: datetime, *, days_n: int) -> Iterator[date]:
        """Make the last days ready, one at each step, so that the first backfill need not wait for them.

        Yields:
            The date that is ready, the earliest first: the order in which a backfill asks.
        """
        for day in self._days_between(now - _ONE_DAY * days_n, now):
            with self._lock:
                self._changes.get(day)
            yield day

    def _days_between(self, start: datetime, end: datetime) -> Iterator[date]:
        day, last = self.local_date(start), self.local_date(end)
        while day <= last:
            yield day
            day += _ONE_DAY

    def _spread_day(self, day: date) -> dict[date, _ChangesBySystem]:
        """Sort the events of a day's appeals into the UTC-offset dates on which they fall."""
        spread: dict[date, _ChangesBySystem] = {}
        zone = self.region.profile.zone
        for appeal in self._days.get(day).appeals:
            for index, event in enumerate(appeal.events):
                on = event.at.astimezone(zone).date()
                spread.setdefault(on, {}).setdefault(appeal.system, []).append((event.at, index, appeal))
        return spread

    def _gather_changes(self, day: date) -> _ChangesBySystem:
        """Collect what changes on a day, of all appeals that may still live on it."""
        gathered: _ChangesBySystem = {system.id: [] for system in self.region.simulation.systems}
        for back in range(HORIZON_D + 1):
            for system, changes in self._spread.get(day - _ONE_DAY * back).get(day, {}).items():
                gathered[system].extend(changes)
        for changes in gathered.values():
            changes.sort(key=lambda change: (change[0], change[2].id, change[1]))
        return gathered


def _last_changes(changes: list[_Change], after: datetime, before: datetime, now: datetime) -> Iterator[Known]:
    first = bisect_left(changes, after, key=lambda change: change[0])
    end = bisect_right(changes, before, key=lambda change: change[0])
    for _, index, appeal in changes[first:end]:
        events = appeal.events
        if index + 1 == len(events) or events[index + 1].at > now:
            yield Known(appeal, events[index])


def _day_of(appeal_id: str) -> date | None:
    """Return the date in an id of ours (`<SYSTEM>-yymmdd-nnnnn`), None for anything else."""
    parts = appeal_id.rsplit("-", 2)
    digits = parts[1] if len(parts) == 3 else ""  # noqa: PLR2004 - the three parts of an id
    try:
        return datetime.strptime(digits, "%y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
