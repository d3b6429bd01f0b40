"""Deliveries of systems that push: what was answered, so that a repetition is answered alike and adds nothing.

They are dated by the machine's real clock, as the senders' times are.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import deliveries
from svodka.storage.upsert import insert_if_absent

# Far longer than any replay window: senders that try again after a night are known as well.
KEPT = timedelta(hours=48)
_COLUMNS = deliveries.c


class StoredDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery.

    Attributes:
        source_id: Its source.
        digest: Of the sender's time and the body: what was signed; a random one where it could not be used.
        delivery_id: The sender's own name for it, None where it gave none.
        body_hash: Of the body alone, to tell a repetition from another delivery under the same name.
        at: When it came, real time.
        answer: What was answered; "" where it could not be used: then a repetition is read again.
    """

    source_id: str
    digest: str
    delivery_id: str | None
    body_hash: str
    at: datetime
    answer: str


def load_delivery(
    connection: Connection, source_id: str, digest: str, delivery_id: str | None
) -> StoredDelivery | None:
    """Return the delivery that was answered under that name or that signature; None: it is new."""
    is_same = _COLUMNS.digest == digest
    if delivery_id is not None:
        is_same = sa.or_(is_same, _COLUMNS.delivery_id == delivery_id)
    query = (
        sa.select(*(_COLUMNS[name] for name in StoredDelivery.__struct_fields__))
        .where(_COLUMNS.source_id == source_id, _COLUMNS.answer != "", is_same)
        .order_by(sa.case((_COLUMNS.digest == digest, 0), else_=1))
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else StoredDelivery(**row)


def count_since(connection: Connection, source_id: str, since: datetime) -> tuple[int, datetime | None]:
    """Return how many deliveries of a source came since then, usable or not, and when the first of them did."""
    query = sa.select(sa.func.count(), sa.func.min(_COLUMNS.at)).where(
        _COLUMNS.source_id == source_id, _COLUMNS.at > since
    )
    n, first_at = connection.execute(query).one()
    return int(n), first_at


def save_delivery(connection: Connection, delivery: StoredDelivery) -> bool:
    """Keep a delivery, and forget those of its source that are older than `KEPT`.

    Returns:
        Whether it is kept; False: another process has answered it meanwhile.
    """
    mine = _COLUMNS.source_id == delivery.source_id
    connection.execute(sa.delete(deliveries).where(mine, _COLUMNS.at < delivery.at - KEPT))
    return insert_if_absent(connection, deliveries, msgspec.structs.asdict(delivery))
