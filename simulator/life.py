"""What becomes of an appeal: taken up, answered in time or late, marked, taken up again. Pure.

Whether an answer comes in time is decided first; its instant is then looked for, in office hours where the
system keeps them. All instants are whole seconds, so that they survive every format on the way.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from simulator.lives import AppealEvent
from simulator.simulation import Simulation, System
from svodka.domain.records import AppealStatus

HORIZON_D = 36
_LIMIT_S = HORIZON_D * 86_400 - 3_600
_DEFAULT_TERM_H = 72.0
_OPENS_H, _CLOSES_H, _SATURDAY = 8, 20, 5
_TRIES = 6
_SPREAD = 0.7
_LATE_PART = 0.35
_POOR_RATING = 2


class Fates:
    """Draws the lives of a region's appeals.

    Args:
        simulation: The completed simulation.
        norms_h: Terms of channels whose records tell none, hours, by channel.
    """

    def __init__(self, simulation: Simulation, norms_h: dict[str, float]) -> None:
        self._simulation = simulation
        self._norms_h = norms_h
        self._ratings = tuple(accumulate(simulation.ratings))
        self._late_ratings = tuple(accumulate(simulation.late_ratings))

    def draw(
        self, rng: Random, system: System, topic: str, received_at: datetime, local: datetime
    ) -> tuple[AppealEvent, ...]:
        """Return the events of one appeal, the first its receipt, the last at most 36 days later.

        Args:
            rng: Source of chance.
            system: The system that holds it.
            topic: Its topic.
            received_at: Its receipt, UTC.
            local: The same instant as naive local time: for office hours.
        """
        told_h = system.term_h
        term_h = told_h or self._norms_h.get(system.channel, _DEFAULT_TERM_H)
        due_at = received_at + timedelta(hours=told_h) if told_h else None
        share = min(1.0, system.in_time_share * self._simulation.topic_in_time.get(topic, 1.0))
        term_s = int(term_h * 3600)
        accept_s = self._accept(rng, system, local, term_s)
        in_time = rng.random() < share
        answer_s = self._in_time(rng, system, local, accept_s, term_s) if in_time else self._late(rng, local, term_s)
        events = [AppealEvent(received_at, AppealStatus.NEW, due_at)]
        if accept_s < answer_s:
            events.append(AppealEvent(received_at + timedelta(seconds=accept_s), AppealStatus.IN_WORK, due_at))
        answered_at = received_at + timedelta(seconds=answer_s)
        if rng.random() < self._simulation.rejected_share:
            events.append(AppealEvent(answered_at, AppealStatus.REJECTED, due_at, answered_at))
            return tuple(events)
        events.append(AppealEvent(answered_at, AppealStatus.ANSWERED, due_at, answered_at))
        if rng.random() < system.rated_share:
            weights = self._ratings if in_time else self._late_ratings
            events.extend(self._rate(rng, system, received_at, events[-1], weights))
        return tuple(events)

    def _rate(
        self, rng: Random, system: System, received_at: datetime, answer: AppealEvent, weights: Sequence[float]
    ) -> list[AppealEvent]:
        """Return the mark, and after a poor one perhaps a second round with a term of its own."""
        rated_at = answer.at + timedelta(seconds=60 + int(min(3 * 86_400, rng.expovariate(1 / 30_000))))
        if (rated_at - received_at).total_seconds() > _LIMIT_S:
            return []
        rating = 1 + bisect(weights, rng.random() * weights[-1])
        marked = AppealEvent(rated_at, AppealStatus.ANSWERED, answer.due_at, answer.answered_at, rating)
        if rating > _POOR_RATING or system.term_h is None or rng.random() >= system.reopened_share:
            return [marked]
        due_at = rated_at + timedelta(hours=system.term_h)
        again_at = rated_at + timedelta(seconds=int(system.term_h * 3600 * rng.uniform(0.3, 0.95)))
        limit_at = received_at + timedelta(seconds=_LIMIT_S)
        again_at = max(min(again_at, limit_at), rated_at + timedelta(seconds=60))
        return [
            AppealEvent(rated_at, AppealStatus.IN_WORK, due_at, None, rating),
            AppealEvent(again_at, AppealStatus.ANSWERED, due_at, again_at, rating),
        ]

    def _accept(self, rng: Random, system: System, local: datetime, term_s: int) -> int:
        offset_s = 60 + int(rng.expovariate(1 / (system.accept_h * 3600)))
        if system.office_hours and not _is_office(local + timedelta(seconds=offset_s)):
            offset_s = _next_opening(local, offset_s) + int(rng.random() * 5_400)
        return min(offset_s, int(term_s * 0.5))

    def _in_time(self, rng: Random, system: System, local: datetime, accept_s: int, term_s: int) -> int:
        earliest, latest = accept_s + 120, max(accept_s + 121, term_s - 60)
        for _ in range(_TRIES):
            offset_s = int(system.answer_h * 3600 * rng.lognormvariate(0, _SPREAD))
            if system.office_hours and not _is_office(local + timedelta(seconds=offset_s)):
                offset_s = _next_opening(local, offset_s) + int(rng.random() * 14_400)
            if earliest <= offset_s <= latest:
                return offset_s
        return int(earliest + (latest - earliest) * rng.random())

    def _late(self, rng: Random, local: datetime, term_s: int) -> int:
        offset_s = term_s + 600 + int(rng.expovariate(1 / (term_s * _LATE_PART)))
        if not _is_office(local + timedelta(seconds=offset_s)):
            offset_s = _next_opening(local, offset_s) + int(rng.random() * 14_400)
        return min(offset_s, max(_LIMIT_S - 4 * 86_400, term_s + 600))


def _is_office(local: datetime) -> bool:
    return _OPENS_H <= local.hour < _CLOSES_H and local.weekday() < _SATURDAY


def _next_opening(local: datetime, offset_s: int) -> int:
    """Return the offset from `local` at which an office opens next after `offset_s`."""
    at = local + timedelta(seconds=offset_s)
    opening = at.replace(hour=_OPENS_H, minute=0, second=0)
    if opening <= at:
        opening += timedelta(days=1)
    while opening.weekday() >= _SATURDAY:
        opening += timedelta(days=1)
    return int((opening - local).total_seconds())
