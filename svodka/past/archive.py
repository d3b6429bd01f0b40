"""One archive: the facts of an instant in memory, and how they go on from there.

Values are computed by the same read models as on the live road, from the same tables: what is equal there is equal
here because it is the same code. Going forward applies what was learnt (or what was so) meanwhile; nothing goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from svodka.past.lives import Life, S, compute_appeal_life, compute_incident_life, state_at
from svodka.past.telling import ToldVersion, tell_appeal, tell_incident
from svodka.profiles.model import Profile
from svodka.readmodels.history import compute_history_from
from svodka.storage.database import Connection
from svodka.storage.facts import StoredAppeal, StoredIncident
from svodka.storage.queries import past
from svodka.storage.replica import Replica, load_facts, load_incident_facts
from svodka.storage.source_states import load_first_at, load_states
from svodka.storage.sources import SourceHealth, load_sources
from svodka.storage.tables import appeals, incidents

SIGHT = timedelta(days=17)  # values compare at most the last seven days with the seven before them
_LATE = timedelta(minutes=2)  # what was learnt at an instant may have been committed, and so found, this much later
Progress = Callable[[float], None]


class Basis(StrEnum):
    """What an archive shows of an instant."""

    SEEN = "seen"  # «как видели тогда»: what was known then
    IS = "is"  # «как было»: what is known now of it


class Change(NamedTuple):
    """From when on which facts were so; the number keeps the order of equal instants."""

    at: datetime
    n: int
    facts: StoredAppeal | StoredIncident


class Archive:
    """The region at one instant, which can be moved forward.

    Attributes:
        profile: The region.
        basis: What is shown.
        at: The instant.
        until: Up to when it can be moved; None: without end.
        built_s: When it was built, by a clock of who keeps it.
        are_sources_known: Whether anybody noted how the sources stood at the instant.
    """

    def __init__(
        self,
        profile: Profile,
        replica: Replica,
        basis: Basis,
        at: datetime,
        *,
        to_come: Sequence[Change] = (),
        until: datetime | None = None,
    ) -> None:
        self.profile, self.replica, self.basis, self.at = profile, replica, basis, at
        self._to_come, self._next_n = to_come, 0
        self.until, self.built_s = until, 0.0
        self.are_sources_known = True

    def copy(self) -> Archive:
        """Return another archive of the same instant."""
        copy = Archive(self.profile, self.replica.copy(), self.basis, self.at, to_come=self._to_come, until=self.until)
        copy._next_n, copy.built_s = self._next_n, self.built_s
        copy.are_sources_known = self.are_sources_known
        return copy

    def close(self) -> None:
        """Give its memory back."""
        self.replica.close()

    def advance(self, connection: Connection, at: datetime) -> None:
        """Move to a later instant.

        Args:
            connection: A read transaction of the product's database.
            at: Not before the present instant of the archive, nor after `until`.
        """
        told = self._learn(connection, at) if self.basis is Basis.SEEN else self._pass(at)
        self.replica.change(*told)
        self._set_sources(connection, at)
        self.at = at

    def _learn(self, connection: Connection, at: datetime) -> tuple[list[StoredAppeal], list[StoredIncident]]:
        after = self.at - _LATE
        learnt = [
            [ToldVersion(*row) for row in past.load_learnt(connection, name, after, at)]
            for name in ("appeals", "incidents")
        ]
        with self.replica.database.read() as mine:
            known = load_facts(mine, sorted({version.id for version in learnt[0]}))
            known_incidents = load_incident_facts(mine, sorted({version.id for version in learnt[1]}))
        told_appeals = []
        for id_, versions in groupby(learnt[0], key=lambda version: version.id):
            current = known.get(id_)
            news = [one for one in versions if current is None or one.version > current.version]
            told_appeals.extend(tell_appeal(news, current)[-1:])
        told_incidents = []
        for id_, versions in groupby(learnt[1], key=lambda version: version.id):
            now = known_incidents.get(id_)
            news = [one for one in versions if now is None or one.version > now.version]
            told_incidents.extend(tell_incident(news, now)[-1:])
        return told_appeals, told_incidents

    def _pass(self, at: datetime) -> tuple[list[StoredAppeal], list[StoredIncident]]:
        last: dict[tuple[type, int], StoredAppeal | StoredIncident] = {}
        while self._next_n < len(self._to_come) and self._to_come[self._next_n].at <= at:
            facts = self._to_come[self._next_n].facts
            last[type(facts), facts.id] = facts
            self._next_n += 1
        told = last.values()
        return (
            [facts for facts in told if isinstance(facts, StoredAppeal)],
            [facts for facts in told if isinstance(facts, StoredIncident)],
        )

    def _set_sources(self, connection: Connection, at: datetime) -> None:
        finder = find_seen_sources if self.basis is Basis.SEEN else find_sources_now
        healths = finder(connection, self.profile, at)
        self.replica.set_sources(healths)
        is_told = any(health.last_attempt_at is not None for health in healths)
        self.are_sources_known = self.basis is Basis.IS or is_told or is_noted(connection, at)


def build_archive(
    connection: Connection,
    profile: Profile,
    basis: Basis,
    at: datetime,
    *,
    until: datetime,
    progress: Progress = lambda _share: None,
) -> Archive:
    """Return the archive of an instant.

    Args:
        connection: A read transaction of the product's database.
        profile: The region.
        basis: What is shown.
        at: The instant.
        until: How far it will be moved at most (for `Basis.IS`, which collects what is to come).
        progress: Told which share of the work is done, 0 to 1.
    """
    total_n = max(past.count_facts(connection), 1)
    replica = Replica(profile)

    def note(n: int) -> None:
        progress(min(0.6, 0.6 * n / total_n))

    if basis is Basis.SEEN:
        replica.fill(appeals, past.read_known(connection, "appeals", at, note))
        replica.fill(incidents, past.read_known(connection, "incidents", at, lambda _n: None))
        progress(0.6)
        replica.put(
            [tell_appeal(versions)[-1] for versions in _by_record(past.load_known_versions(connection, "appeals", at))],
            [
                tell_incident(versions)[-1]
                for versions in _by_record(past.load_known_versions(connection, "incidents", at))
            ],
        )
        archive = Archive(profile, replica, basis, at)
    else:
        replica.fill(appeals, past.read_over(connection, "appeals", at, note))
        replica.fill(incidents, past.read_over(connection, "incidents", at, lambda _n: None))
        progress(0.6)
        archive = _live_again(connection, profile, replica, at, until)
    progress(0.9)
    archive._set_sources(connection, at)  # noqa: SLF001 - its maker
    replica.finish(at - SIGHT)
    progress(1.0)
    return archive


def find_first_at(connection: Connection, profile: Profile, basis: Basis) -> datetime | None:
    """Return since when there is something to show; None: there is nothing.

    As it was seen: since the first thing was learnt. As it was: since every source of appeals that was ever read has
    been read whole (`svodka.readmodels.history`), or the same, where that was earlier.
    """
    known_at = past.load_first_known_at(connection)
    if basis is Basis.SEEN or known_at is None:
        return known_at
    history_at = compute_history_from(load_sources(connection), profile)
    return known_at if history_at is None else min(history_at, known_at)


def _live_again(connection: Connection, profile: Profile, replica: Replica, at: datetime, until: datetime) -> Archive:
    """Put what was so at `at` into the replica, and keep what is to come up to `until`."""
    to_come: list[Change] = []
    appeal_lives, incident_lives = (
        _by_record(past.load_lives(connection, name, at, until)) for name in ("appeals", "incidents")
    )
    then = _divide((compute_appeal_life(tell_appeal(told)) for told in appeal_lives), at, until, to_come)
    then_incidents = _divide(
        (compute_incident_life(tell_incident(told)) for told in incident_lives), at, until, to_come
    )
    replica.put(then, then_incidents)
    to_come.sort(key=lambda change: change[:2])
    return Archive(profile, replica, Basis.IS, at, to_come=to_come, until=until)


def _divide(lives: Iterable[Life[S]], at: datetime, until: datetime, to_come: list[Change]) -> list[S]:
    """Return how lives stood at `at`, those that had begun; put what follows up to `until` to what is to come."""
    then: list[S] = []
    for life in lives:
        so_far = state_at(life, at)
        if so_far is not None:
            then.append(so_far)
        for from_at, facts in life:
            if at < from_at <= until:
                to_come.append(Change(from_at, len(to_come), facts))
    return then


def _by_record(rows: Iterable[past.VersionRow]) -> Iterator[list[ToldVersion]]:
    for _, versions in groupby(rows, key=lambda row: row.id):
        yield [ToldVersion(*version) for version in versions]


def find_seen_sources(connection: Connection, profile: Profile, at: datetime) -> list[SourceHealth]:
    """Return how the sources stood at an instant.

    Before anybody noted that, nothing but the span that was read of them is known; it hardly ever changes.
    """
    ids = [source.id for source in profile.sources]
    states, present = load_states(connection, ids, at), load_sources(connection)
    found = [
        SourceHealth(
            source_id=source_id,
            last_attempt_at=state.last_attempt_at,
            last_complete_at=state.last_complete_at,
            last_success_at=state.last_success_at,
            lag_s=state.lag_s,
            failures_n=state.failures_n,
            error_kind=state.error_kind,
            next_poll_at=state.next_poll_at,
            records_total=state.records_total,
            quarantined_total=state.quarantined_total,
            quarantined_n=state.quarantined_n,
            covered_from_at=state.covered_from_at,
            paused_at=at if state.paused else None,
        )
        for source_id, state in states.items()
    ]
    unknown = [] if states or is_noted(connection, at) else [source_id for source_id in ids if source_id in present]
    return found + [
        SourceHealth(source_id=source_id, covered_from_at=present[source_id].covered_from_at) for source_id in unknown
    ]


def is_noted(connection: Connection, at: datetime) -> bool:
    """Return whether it was noted by an instant how sources stand: where it was not, nobody knows."""
    first_at = load_first_at(connection)
    return first_at is not None and first_at <= at


def find_sources_now(connection: Connection, profile: Profile, at: datetime) -> list[SourceHealth]:
    """Return up to when an instant is known now: whole, where a source was read whole since."""
    states = {source.source_id: source for source in load_sources(connection).values()}
    ids = {source.id for source in profile.sources}
    return [
        SourceHealth(
            source_id=source_id,
            last_complete_at=_not_after(health.last_complete_at, at),
            last_success_at=_not_after(health.last_success_at, at),
            failures_n=0 if _is_after(health.last_complete_at, at) else health.failures_n,
            error_kind="" if _is_after(health.last_complete_at, at) else health.error_kind,
            records_total=health.records_total,
            quarantined_total=health.quarantined_total,
            quarantined_n=health.quarantined_n,
            covered_from_at=health.covered_from_at,
        )
        for source_id, health in states.items()
        if source_id in ids
    ]


def _not_after(told: datetime | None, at: datetime) -> datetime | None:
    return None if told is None else min(told, at)


def _is_after(told: datetime | None, at: datetime) -> bool:
    return told is not None and told >= at
