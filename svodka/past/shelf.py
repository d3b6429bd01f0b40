"""The archives that are kept: a few, so that playing, dragging a slider and going back a little are quick.

A *base* stands at the beginning of a local day and never moves. What is shown is a copy of it that was moved forward
(a *walker*), and goes on being moved while a past plays. Building a base takes seconds, copying one a few hundredths.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.codec import encode
from svodka.domain.hours import day_start, local_day
from svodka.past.archive import Archive, Basis, build_archive, find_first_at
from svodka.past.asking import Asked, Refusal
from svodka.past.showing import make_snapshot
from svodka.profiles.model import Profile
from svodka.storage.database import Database

MAX_BASES, MAX_WALKERS = 2, 4
_AHEAD = timedelta(days=3)  # how far a base can be moved
_FRESH_S = 120.0  # for how long «as it was» is what is known now
_FAR = timedelta(hours=2)  # a walker is somebody's place: it is not taken away from him for a moment long after it


class NoSuchMomentError(Exception):
    """There is nothing to show of an instant.

    Attributes:
        refusal: Why.
        first_at: Since when there is something, where that is why.
    """

    def __init__(self, refusal: Refusal, first_at: datetime | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal, self.first_at = refusal, first_at


class Shelf:
    """The archives of one process.

    Args:
        database: The product's database, read only here.
        profile: The region.
        clock: The product's clock: what it has not reached is no past.
        now_s: A monotonic clock of real seconds; a test passes its own.
    """

    def __init__(
        self, database: Database, profile: Profile, clock: Clock, now_s: Callable[[], float] = monotonic_s
    ) -> None:
        self._database, self._profile, self._clock, self._now_s = database, profile, clock, now_s
        # The one used last stands last.
        self._bases: list[Archive] = []
        self._walkers: list[Archive] = []

    def show(self, asked: Asked, progress: Callable[[float], None] = lambda _share: None) -> bytes:
        """Return the snapshot of a moment as JSON.

        Args:
            asked: The moment and the scene.
            progress: Told which share of the work is done, where it takes long.

        Raises:
            NoSuchMomentError: Nothing can be shown of it.
            StorageUnavailableError: The database does not answer.
        """
        if asked.at > self._clock.now():
            raise NoSuchMomentError(Refusal.FUTURE)
        self._put_away_old()
        walker = self._find_walker(asked)
        if walker is None:
            base = self._find_base(asked) or self._build_base(asked, progress)
            walker = base.copy()
            _keep(self._walkers, walker, MAX_WALKERS)
        try:
            # Also where it stands there already: what was learnt by then may have been committed since.
            with self._database.read() as connection:
                walker.advance(connection, asked.at)
        except BaseException:  # half moved it would show what never was
            self._walkers.remove(walker)
            walker.close()
            raise
        return encode(make_snapshot(walker, asked.view, is_exercise=asked.is_exercise))

    def close(self) -> None:
        """Give all memory back."""
        for archive in (*self._bases, *self._walkers):
            archive.close()
        self._bases, self._walkers = [], []

    def _put_away_old(self) -> None:
        """Put away what is no longer what is known now."""
        oldest_s = self._now_s() - _FRESH_S
        for archives in (self._bases, self._walkers):
            for archive in [one for one in archives if one.basis is Basis.IS and one.built_s < oldest_s]:
                archives.remove(archive)
                archive.close()

    def _find_walker(self, asked: Asked) -> Archive | None:
        near = [one for one in self._walkers if _reaches(one, asked) and asked.at - one.at <= _FAR]
        if not near:
            return None
        walker = max(near, key=lambda one: one.at)
        self._walkers.remove(walker)
        self._walkers.append(walker)
        walker.built_s = self._now_s()  # what plays goes on with what was known when it began
        return walker

    def _find_base(self, asked: Asked) -> Archive | None:
        begun_at = self._day_at(asked.at)
        for base in self._bases:
            if base.at == begun_at and _reaches(base, asked):
                self._bases.remove(base)
                self._bases.append(base)
                return base
        return None

    def _build_base(self, asked: Asked, progress: Callable[[float], None]) -> Archive:
        with self._database.read() as connection:
            first_at = find_first_at(connection, self._profile, asked.basis)
            if first_at is None or asked.at < first_at:
                raise NoSuchMomentError(Refusal.BEFORE, first_at)
            begun_at = self._day_at(asked.at)
            # Room first: for a moment there would be one archive more than are kept.
            while len(self._bases) >= MAX_BASES:
                self._bases.pop(0).close()
            base = build_archive(
                connection, self._profile, asked.basis, begun_at, until=begun_at + _AHEAD, progress=progress
            )
        base.built_s = self._now_s()
        self._bases.append(base)
        return base

    def _day_at(self, at: datetime) -> datetime:
        zone = self._profile.zone
        return day_start(local_day(at, zone), zone)


def _reaches(archive: Archive, asked: Asked) -> bool:
    return (
        archive.basis is asked.basis and archive.at <= asked.at and (archive.until is None or asked.at <= archive.until)
    )


def _keep(archives: list[Archive], archive: Archive, most_n: int) -> None:
    while len(archives) >= most_n:
        archives.pop(0).close()
    archives.append(archive)
