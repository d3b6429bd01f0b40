"""Which rows of a range of the log a page needs. Pure.

A row that something later in the same range replaces, removes or pushes out of its table is not sent. What a page
shows afterwards is what it would show after all of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping

import msgspec

from svodka.domain.changes import AppealRow, Change, ChangeKind, RowChange
from svodka.readmodels.keys import Extent


class Thinned(msgspec.Struct, frozen=True, kw_only=True):
    """What remains of a range of the log.

    Attributes:
        rows: In the order of the log.
        passed_ids: Incidents that were put and removed within the range; only their removal is among the rows.
    """

    rows: tuple[RowChange, ...]
    passed_ids: frozenset[int]


def thin(
    changes: Iterable[Change],
    *,
    tables: Collection[str],
    extent: Extent,
    sectors: Mapping[str, str | None],
    limits: Mapping[str, int],
) -> Thinned | None:
    """Return the rows that a page needs after these changes.

    Args:
        changes: A range of the log, in its order.
        tables: The page's tables.
        extent: Whose rows it shows.
        sectors: The sector of each kind of incident.
        limits: How many rows of a table a page keeps.

    Returns:
        The rows; None where an appeal left the page's area or sector: which older one takes its place is known to the
        database alone.
    """
    appeals: dict[str, tuple[int, AppealRow]] = {}
    incidents: dict[str, tuple[int, RowChange]] = {}
    put: set[str] = set()
    for change in changes:
        if change.kind is ChangeKind.APPEAL and change.appeal is not None and "appeals" in tables:
            if extent.holds(change.appeal.area, change.appeal.sector):
                appeals[change.key] = (change.seq, change.appeal)
            elif extent.holds(*find_former_place(change, change.appeal)):
                return None
        elif change.kind is ChangeKind.INCIDENT and change.op is not None and "incidents" in tables:
            row = change.incident
            is_here = row is not None and extent.holds(row.area, sectors.get(row.kind))
            if is_here:
                put.add(change.key)
            incidents[change.key] = (change.seq, _incident(change) if is_here else _removal(change))
    newest = heapq.nlargest(limits["appeals"], appeals.items(), key=_place)
    kept = [
        *((seq, RowChange(table="appeals", op="put", key=key, row=row)) for key, (seq, row) in newest),
        *incidents.values(),
    ]
    kept.sort(key=lambda pair: pair[0])
    gone = {key for key, (_, row) in incidents.items() if row.op == "del"}
    return Thinned(rows=tuple(row for _, row in kept), passed_ids=frozenset(int(key) for key in put & gone))


def find_former_place(change: Change, row: AppealRow) -> tuple[str | None, str]:
    """Return the area and the sector that an appeal was in before a change."""
    return change.left_area or row.area, change.left_sector or row.sector


def _place(item: tuple[str, tuple[int, AppealRow]]) -> tuple[object, int]:
    row = item[1][1]
    return row.feed_at, row.id


def _incident(change: Change) -> RowChange:
    return RowChange(table="incidents", op="put", key=change.key, row=change.incident)


def _removal(change: Change) -> RowChange:
    return RowChange(table="incidents", op="del", key=change.key)
