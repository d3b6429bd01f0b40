"""What a page shows of an archive: a snapshot as on the live road, with the word that it is none."""

from __future__ import annotations

from datetime import datetime

import msgspec

from svodka.domain.changes import Origin, Snapshot
from svodka.past.archive import Archive
from svodka.readmodels.registry import build_snapshot
from svodka.readmodels.view import View
from svodka.storage.cells import count_cells, save_cells

EPOCH = "archive"  # of no log: a frame of one continues nothing that is shown here


class _Standing:
    """The clock of an archive: it stands at its instant."""

    rate = 0.0

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


def make_snapshot(archive: Archive, view: View, *, is_exercise: bool) -> Snapshot:
    """Return a scene at the instant of an archive.

    Args:
        archive: The facts.
        view: What the scene needs.
        is_exercise: It is shown for training («УЧЕНИЕ»).
    """
    # What a director says now is nothing of the past that he has shown.
    view = msgspec.structs.replace(view, keys=frozenset(key for key in view.keys if key.scope.wall is None))
    _count_cells(archive, view)
    with archive.replica.database.read() as connection:
        snapshot = build_snapshot(connection, archive.profile, _Standing(archive.at), EPOCH, 0, view)
    origin = Origin(
        kind="archive",
        at=archive.at,
        basis=archive.basis.value,
        is_exercise=is_exercise,
        are_sources_known=archive.are_sources_known,
    )
    return msgspec.structs.replace(snapshot, origin=origin)


def _count_cells(archive: Archive, view: View) -> None:
    """Count the cells that the view shows: at the instant itself, where a wall had those of a little earlier."""
    for period in sorted({key.scope.period for key in view.keys if key.stem == "clusters"}):
        with archive.replica.database.write() as connection:
            save_cells(
                connection, period, count_cells(connection, period, archive.at, archive.profile.zone), archive.at
            )
