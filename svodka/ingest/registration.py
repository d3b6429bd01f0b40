"""What operators register by hand: records of a source like any other, stored by the same `commit_page`.

Nothing is ever deleted: a mistake is withdrawn by a version. Who did what stands in the journal, written in the
transaction that did it. Decision: docs/adr/0172.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from svodka.domain.errors import RecordUnreadableError, SourceTakenError, SvodkaError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import (
    AppealRecord,
    AppealStatus,
    Completeness,
    IncidentRecord,
    IncidentStatus,
    PollResult,
)
from svodka.domain.registration import Entry, Form
from svodka.ingest.commit import PageOutcome
from svodka.ingest.ports import AppealTerms, IncidentTerms
from svodka.ingest.pushed import Storeroom
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Connection
from svodka.storage.journal import JournalEntry, load_entries, save_entry
from svodka.storage.registered import Kind, Registered, load_known_problem, load_registered
from svodka.storage.sources import load_source

REGISTER, SET_STATUS, WITHDRAW = "register", "register_status", "register_withdraw"
_MOST_RECENT = 200
_READ_BACK = 2000  # lines of the journal


class HandForm(msgspec.Struct, frozen=True, kw_only=True):
    """A source that is filled in by hand, with what makes records of it."""

    source: SourceConfig
    form: Form


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of what was registered.

    Attributes:
        registered: As it stands now.
        at: When it was registered.
        who: By whom.
        is_withdrawn: It was registered by mistake.
    """

    registered: Registered
    at: datetime
    who: str
    is_withdrawn: bool


class AlreadyRegisteredError(SvodkaError):
    """The form was stored in other words before: nothing is stored, and nothing of then is overwritten.

    `known` is what it was stored as.
    """

    def __init__(self, known: Registered) -> None:
        super().__init__(f"{known.kind}:{known.number}")
        self.known = known


class Registration:
    """The forms of one process.

    Args:
        forms: By what they register.
        storeroom: Stores it.
    """

    def __init__(self, forms: Mapping[Kind, HandForm], storeroom: Storeroom) -> None:
        self.forms = dict(forms)
        self._storeroom = storeroom

    def preview(self, kind: Kind, entry: Entry) -> AppealTerms | IncidentTerms:
        """Return the region's terms for what is filled in so far; nothing is stored.

        Raises:
            RecordUnreadableError: A field is missing or wrong.
        """
        hand = self.forms[kind]
        record = hand.form.read(self._timed(entry, None))
        classifier = self._storeroom.classifier
        if isinstance(record, AppealRecord):
            return classifier.classify_appeal(record, hand.source)
        return classifier.classify_incident(record, hand.source)

    def register(self, kind: Kind, entry: Entry, signed: JournalEntry) -> Registered:
        """Store what was filled in; the same form sent again is the same record.

        Args:
            kind: What it is.
            entry: The form.
            signed: Who does it; action, subject and detail are written here.

        Returns:
            The record with its number.

        Raises:
            RecordUnreadableError: A field is missing or wrong; nothing was stored.
            AlreadyRegisteredError: The form was stored before, in other words.
            StorageUnavailableError: Nothing may have been stored; the same form can be sent again.
        """
        stored: Registered = self._run(lambda: self._register(kind, entry, signed))
        return stored

    def set_status(self, kind: Kind, number: int, status: str, signed: JournalEntry) -> Registered | None:
        """Set the stage of a registered record.

        Args:
            kind: What it is.
            number: Ours.
            status: A stage of its kind; "": withdrawn, registered by mistake.
            signed: Who does it.

        Returns:
            It as it is now; None where no form registered such a record.

        Raises:
            StorageUnavailableError: Nothing may have been stored.
        """
        stored: Registered | None = self._run(lambda: self._set_status(kind, number, status, signed))
        return stored

    def load_recent(self, since: datetime) -> list[Recent]:
        """Return what was registered since then, the newest first.

        Raises:
            StorageUnavailableError: The database does not answer.
        """
        found: list[Recent] = self._storeroom.in_time(lambda: self._load_recent(since))
        return found

    def show_life(self) -> None:
        """Let every form's source be seen as fresh, by storing a page of nothing the way records are stored.

        Raises:
            StorageUnavailableError: It could not be stored: then nobody can register, and the source ages.
        """
        for hand in self.forms.values():
            self._storeroom.in_time(partial(self._storeroom.store, hand.source, _page()))

    def _run(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the call returns
        found = self._storeroom.in_time(call)
        self._storeroom.after_commit()
        return found

    def _register(self, kind: Kind, entry: Entry, signed: JournalEntry) -> Registered:
        source = self.forms[kind].source
        while True:
            with self._storeroom.database.read() as connection:
                polls_n = load_source(connection, source.id).polls_total
                known = next(iter(load_registered(connection, kind, source.id, foreign_ids=[entry.id])), None)
            record = self.forms[kind].form.read(self._timed(entry, known))
            if known is not None:
                if _with_stage_of(record, known.record) != known.record:
                    raise AlreadyRegisteredError(known)
                return known
            # Whoever was quicker in another web process may be the other half of a double click: it is looked up anew.
            with contextlib.suppress(SourceTakenError):
                return self._store(kind, record, signed, action=REGISTER, after_polls_n=polls_n)

    def _set_status(self, kind: Kind, number: int, status: str, signed: JournalEntry) -> Registered | None:
        source, now = self.forms[kind].source, self._storeroom.clock.now()
        with self._storeroom.database.read() as connection:
            known = next(iter(load_registered(connection, kind, source.id, numbers=[number])), None)
        if known is None:
            return None
        record = _staged(known.record, status, now)
        if record.status == known.record.status and status:
            return known
        action = SET_STATUS if status else WITHDRAW
        return self._store(kind, record, msgspec.structs.replace(signed, detail=record.status.value), action=action)

    def _store(
        self,
        kind: Kind,
        record: AppealRecord | IncidentRecord,
        signed: JournalEntry,
        *,
        action: str,
        after_polls_n: int | None = None,
    ) -> Registered:
        source = self.forms[kind].source
        found: list[Registered] = []

        def sign(connection: Connection, outcome: PageOutcome) -> None:
            if outcome.quarantined:
                raise RecordUnreadableError(next(iter(outcome.quarantined)), "at")
            (stored,) = load_registered(connection, kind, source.id, foreign_ids=[record.foreign_id])
            problem = load_known_problem(connection, stored.number) if kind == "appeals" else None
            found.append(msgspec.structs.replace(stored, problem=problem))
            subject = _subject(kind, found[0].number)
            save_entry(connection, msgspec.structs.replace(signed, action=action, subject=subject))

        self._storeroom.store(source, _page(record), sign, after_polls_n=after_polls_n)
        return found[0]

    def _load_recent(self, since: datetime) -> list[Recent]:
        with self._storeroom.database.read() as connection:
            entries = load_entries(connection, [REGISTER, SET_STATUS, WITHDRAW], "", _READ_BACK)
            steps = {entry.subject: entry.action for entry in reversed(entries) if entry.action != REGISTER}
            withdrawn = {subject for subject, last in steps.items() if last == WITHDRAW}
            mine = {entry.subject: entry for entry in entries if entry.action == REGISTER and entry.at >= since}
            found = {
                _subject(kind, each.number): each
                for kind, hand in self.forms.items()
                for each in load_registered(connection, kind, hand.source.id, numbers=_numbers(kind, mine))
            }
        return [
            Recent(registered=found[subject], at=entry.at, who=entry.who, is_withdrawn=subject in withdrawn)
            for subject, entry in list(mine.items())[:_MOST_RECENT]
            if subject in found
        ]

    def _timed(self, entry: Entry, known: Registered | None) -> Entry:
        """Return the entry with its time: none was given means when it was first stored."""
        if entry.at is not None:
            if entry.at > self._storeroom.clock.now():
                raise RecordUnreadableError(RejectReason.TIME_IN_FUTURE, "at")
            return entry
        first_at = self._storeroom.clock.now() if known is None else _first_at(known.record)
        return msgspec.structs.replace(entry, at=first_at)


def _page(*records: AppealRecord | IncidentRecord) -> PollResult:
    return PollResult(
        records=records,
        rejected=(),
        cursor="",
        source_time_at=None,
        completeness=Completeness.COMPLETE,
        read_n=len(records),
    )


def _first_at(record: AppealRecord | IncidentRecord) -> datetime:
    return record.received_at if isinstance(record, AppealRecord) else record.started_at


def _with_stage_of(
    record: AppealRecord | IncidentRecord, known: AppealRecord | IncidentRecord
) -> AppealRecord | IncidentRecord:
    """Return a record at the stage where it is: the same form was sent again, somebody may have taken it up."""
    ended = "answered_at" if isinstance(known, AppealRecord) else "closed_at"
    return msgspec.structs.replace(
        record, status=known.status, updated_at=known.updated_at, **{ended: getattr(known, ended)}
    )


def _staged(record: AppealRecord | IncidentRecord, status: str, now: datetime) -> AppealRecord | IncidentRecord:
    """Return a record at another stage; a word that is no stage of its kind is a fault of the caller."""
    if isinstance(record, AppealRecord):
        stage = AppealStatus(status) if status else AppealStatus.WITHDRAWN
        answered_at = now if stage is AppealStatus.ANSWERED else None
        return msgspec.structs.replace(record, status=stage, updated_at=now, answered_at=answered_at)
    step = IncidentStatus(status) if status else IncidentStatus.CLOSED
    return msgspec.structs.replace(record, status=step, updated_at=now, closed_at=None if step.is_open else now)


def _subject(kind: Kind, number: int) -> str:
    return f"{kind}:{number}"


def _numbers(kind: Kind, subjects: Mapping[str, JournalEntry]) -> list[int]:
    split = (subject.partition(":") for subject in subjects)
    return [int(number) for name, _, number in split if name == kind]
