"""Deliveries of systems that push: known ones are answered as before, new ones stored before they are answered.

Whoever delivers has been identified by then (`svodka.security.senders`). Decision: docs/adr/0170.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from secrets import token_hex

import msgspec
import structlog

from svodka.domain import codec
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import SourceContractBrokenError, StorageUnavailableError, SvodkaError
from svodka.domain.push import Delivery, Receiver
from svodka.domain.reasons import Outcome
from svodka.domain.records import PollResult
from svodka.ingest.commit import PageOutcome, record_failure
from svodka.ingest.pushed import Storeroom
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Connection
from svodka.storage.deliveries import StoredDelivery, count_since, load_delivery, save_delivery
from svodka.storage.sources import load_source

_MINUTE = timedelta(seconds=60)
_AWAY_RETRY_S = 5
_PAUSED_RETRY_S = 60


class PushedSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source that pushes, with what reads it."""

    source: SourceConfig
    receiver: Receiver


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender is told.

    Attributes:
        status: HTTP status.
        body: JSON.
        retry_after_s: When to try again, None where that would not help.
        repeated: The delivery was known; the answer is the one of then.
    """

    status: HTTPStatus
    body: str
    retry_after_s: int | None = None
    repeated: bool = False


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records of a delivery; `reasons` counts the quarantined ones by why."""

    read: int
    stored: int
    updated: int
    duplicate: int
    outdated: int
    quarantined: int
    reasons: dict[str, int]


class _KnownMeanwhileError(SvodkaError):
    """Another process answered the same delivery while this one read it: undo, and answer alike."""


def refuse(status: HTTPStatus, error: str, detail: str, retry_after_s: int | None = None) -> Answer:
    """Return a refusal.

    Args:
        status: HTTP status.
        error: A word for programs.
        detail: A sentence for people, without anything of the content.
        retry_after_s: When to try again.
    """
    return Answer(
        status=status, body=codec.encode_text({"error": error, "detail": detail}), retry_after_s=retry_after_s
    )


class Intake:
    """Takes the deliveries of one process.

    Args:
        pushed: The sources that push, by id.
        storeroom: Stores what they bring.
        real_clock: The machine's clock: senders live in real time, whatever the product's clock shows.
    """

    def __init__(self, pushed: Mapping[str, PushedSource], storeroom: Storeroom, real_clock: Clock) -> None:
        self._pushed = pushed
        self._storeroom = storeroom
        self._real_clock = real_clock
        self._log = structlog.get_logger().bind(part="intake")

    def receiver(self, source_id: str) -> Receiver:
        """Return what reads a source that is there."""
        return self._pushed[source_id].receiver

    def deliver(self, delivery: Delivery) -> Answer:
        """Return what a delivery of an identified sender is answered; 202 means that it is committed."""
        began_s = monotonic_s()
        try:
            answer: Answer = self._storeroom.in_time(lambda: self._take(delivery))
        except StorageUnavailableError:
            answer = refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "storage_unavailable",
                "Nothing may have been stored: send the same delivery again, with the same Svodka-Delivery.",
                _AWAY_RETRY_S,
            )
        self._log.info(
            "delivery",
            source=delivery.source_id,
            status=int(answer.status),
            bytes=len(delivery.body),
            repeated=answer.repeated,
            took_ms=round((monotonic_s() - began_s) * 1000),
            told=answer.body,
        )
        if not answer.repeated and answer.status in {HTTPStatus.ACCEPTED, HTTPStatus.UNPROCESSABLE_ENTITY}:
            self._storeroom.after_commit()
        return answer

    def _take(self, delivery: Delivery) -> Answer:
        pushed = self._pushed[delivery.source_id]
        now = self._real_clock.now()
        row = _row(delivery, now)
        known = self._find_known(row) or self._refuse_paused(pushed) or self._refuse_too_many(pushed, now)
        if known is not None:
            return known
        try:
            result = pushed.receiver.read(delivery)
        except SourceContractBrokenError as error:
            return self._note_unusable(pushed.source, error, row)
        result = msgspec.structs.replace(result, source_time_at=self._in_product_time(result.source_time_at, now))
        try:
            return self._store(pushed.source, result, row)
        except _KnownMeanwhileError:
            return self._find_known(row) or refuse(
                HTTPStatus.SERVICE_UNAVAILABLE, "busy", "The same delivery is being read: try again.", _AWAY_RETRY_S
            )

    def _find_known(self, row: StoredDelivery) -> Answer | None:
        with self._storeroom.database.read() as connection:
            known = load_delivery(connection, row.source_id, row.digest, row.delivery_id)
        if known is None:
            return None
        if known.body_hash != row.body_hash:
            return refuse(
                HTTPStatus.CONFLICT, "delivery_id_used", "Another body was delivered under this Svodka-Delivery."
            )
        return Answer(status=HTTPStatus.ACCEPTED, body=known.answer, repeated=True)

    def _refuse_paused(self, pushed: PushedSource) -> Answer | None:
        """Refuse where an operator wants the source left alone: its sender keeps what it has, as a polled one does."""
        with self._storeroom.database.read() as connection:
            paused_at = load_source(connection, pushed.source.id).paused_at
        if paused_at is None:
            return None
        return refuse(HTTPStatus.SERVICE_UNAVAILABLE, "paused", "An operator has paused this source.", _PAUSED_RETRY_S)

    def _refuse_too_many(self, pushed: PushedSource, now: datetime) -> Answer | None:
        """Refuse what is beyond the rate; counted in the database, so over all processes."""
        limit = pushed.receiver.limits.per_minute
        with self._storeroom.database.read() as connection:
            n, first_at = count_since(connection, pushed.source.id, now - _MINUTE)
        if n < limit or first_at is None:
            return None
        wait_s = max((first_at + _MINUTE - now).total_seconds(), 0.0)
        return refuse(
            HTTPStatus.TOO_MANY_REQUESTS, "too_many", f"At most {limit} deliveries a minute.", int(wait_s) + 1
        )

    def _note_unusable(self, source: SourceConfig, error: SourceContractBrokenError, row: StoredDelivery) -> Answer:
        record_failure(self._storeroom.database, source, error, self._storeroom.clock.now())
        with self._storeroom.database.write() as connection:
            # Counted towards the rate each time, and not answered alike another time: by then the field map may be
            # mended. So it is kept under a name by which nobody looks for it.
            nameless = msgspec.structs.replace(row, digest=token_hex(16), delivery_id=None, answer="")
            save_delivery(connection, nameless)
        return refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "unusable", f"Nothing was stored: {error}.")

    def _store(self, source: SourceConfig, result: PollResult, row: StoredDelivery) -> Answer:
        said = ""

        def remember(connection: Connection, outcome: PageOutcome) -> None:
            nonlocal said
            said = codec.encode_text(_count(outcome))
            if not save_delivery(connection, msgspec.structs.replace(row, answer=said)):
                raise _KnownMeanwhileError

        self._storeroom.store(source, result, remember)
        return Answer(status=HTTPStatus.ACCEPTED, body=said)

    def _in_product_time(self, at: datetime | None, now: datetime) -> datetime | None:
        return None if at is None else self._storeroom.clock.now() - (now - at)


def _row(delivery: Delivery, now: datetime) -> StoredDelivery:
    signed = blake2b(delivery.timestamp.encode() + b"." + delivery.body, digest_size=16)
    return StoredDelivery(
        source_id=delivery.source_id,
        digest=signed.hexdigest(),
        delivery_id=delivery.delivery_id or None,
        body_hash=blake2b(delivery.body, digest_size=16).hexdigest(),
        at=now,
        answer="",
    )


def _count(outcome: PageOutcome) -> Counts:
    outcomes = outcome.outcomes
    return Counts(
        read=outcome.read_n,
        stored=outcomes[Outcome.STORED],
        updated=outcomes[Outcome.UPDATED],
        duplicate=outcomes[Outcome.DUPLICATE],
        outdated=outcomes[Outcome.OUTDATED],
        quarantined=outcomes[Outcome.QUARANTINED],
        reasons={reason.value: n for reason, n in sorted(outcome.quarantined.items())},
    )
