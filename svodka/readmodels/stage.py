"""Stem `stage`: what stands on one wall, as its director left it."""

from __future__ import annotations

from datetime import UTC, datetime

from svodka.director.stage import Stage, nothing_yet
from svodka.domain.codec import decode_as
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.storage.walls import load_stage

_NEVER_SAID = datetime(1970, 1, 1, tzinfo=UTC)  # the same at every moment: nobody would tell that it is another


def compute_stage(moment: Moment, scope: Scope) -> Stage:
    """Return what the scope's wall was last told; without screens where nobody has brought it forward yet."""
    wall = scope.wall or ""
    told = load_stage(moment.connection, wall)
    return decode_as(told, Stage) if told else nothing_yet(wall, _NEVER_SAID)
