"""What a page does with a frame, in Python: the model that the browser's reducer is held against.

`reduce` only inserts, replaces and removes. Appeals stay sorted by (feed_at, id), newest first, and cut to their
limit; incidents are kept by id.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from svodka.domain.changes import AppealRow, Frame, IncidentRow, RowChange, Snapshot


class PageState(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A page after a snapshot and some frames; incidents by id as text, as JSON keys are."""

    scene: str
    view: str
    epoch: str
    seq: int
    at: datetime
    appeals: list[AppealRow]
    incidents: dict[str, IncidentRow]
    limits: dict[str, int]
    values: dict[str, object]


ROWS: dict[str, type[AppealRow] | type[IncidentRow]] = {"appeals": AppealRow, "incidents": IncidentRow}


def read_snapshot(told: dict[str, Any]) -> Snapshot:
    """Return a snapshot read from JSON: which kind of row a table holds is known by its name."""
    tables = {name: tuple(msgspec.convert(row, ROWS[name]) for row in rows) for name, rows in told["tables"].items()}
    at = msgspec.convert(told["at"], datetime)
    return Snapshot(**(told | {"at": at, "tables": tables}))


def read_frame(told: dict[str, Any]) -> Frame:
    """Return a frame read from JSON."""
    rows = tuple(
        RowChange(**(change | {"row": change["row"] and msgspec.convert(change["row"], ROWS[change["table"]])}))
        for change in told["rows"]
    )
    at = msgspec.convert(told["at"], datetime)
    return Frame(
        v=told["v"],
        epoch=told["epoch"],
        from_seq=told["from"],
        to_seq=told["to"],
        at=at,
        rows=rows,
        values=told["values"],
    )


def start(snapshot: Snapshot) -> PageState:
    """Return the page that a snapshot describes."""
    return PageState(
        scene=snapshot.scene,
        view=snapshot.view,
        epoch=snapshot.epoch,
        seq=snapshot.seq,
        at=snapshot.at,
        appeals=[row for row in snapshot.tables["appeals"] if isinstance(row, AppealRow)],
        incidents={str(row.id): row for row in snapshot.tables["incidents"] if isinstance(row, IncidentRow)},
        limits=dict(snapshot.limits),
        values=dict(snapshot.values),
    )


def reduce(state: PageState, frame: Frame) -> Literal["applied", "dropped", "gap"]:
    """Apply a frame to the page in place, or say why not."""
    if frame.epoch != state.epoch:
        return "gap"
    if frame.to_seq <= state.seq:
        return "dropped"
    if frame.from_seq != state.seq:
        return "gap"
    appeals = {str(row.id): row for row in state.appeals}
    for change in frame.rows:
        table = appeals if change.table == "appeals" else state.incidents
        if change.op == "put":
            table[change.key] = change.row
        else:
            table.pop(change.key, None)
    newest_first = sorted(appeals.values(), key=lambda row: (row.feed_at, row.id), reverse=True)
    state.appeals = newest_first[: state.limits["appeals"]]
    state.values.update(frame.values)
    state.seq, state.at = frame.to_seq, frame.at
    return "applied"
