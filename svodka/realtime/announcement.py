"""What the relay publishes and the gateways hear: a piece of the change log, over Redis pub/sub.

Pub/sub may lose, repeat or reorder announcements. Nobody is wrong because of it: the log is looked at once a second.
"""

from __future__ import annotations

import msgspec

from svodka.domain.changes import Change

CHANNEL = "svodka:changes"
MAX_ANNOUNCED = 2000


class Announcement(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_seq": "from", "to_seq": "to"}
):
    """Changes of the half-open range (from, to]; without them when they are too many: then it only wakes."""

    epoch: str
    from_seq: int
    to_seq: int
    changes: tuple[Change, ...] = ()
