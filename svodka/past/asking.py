"""What is asked of the time machine and what it answers: JSON between a web process and its archivist."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from svodka.past.archive import Basis
from svodka.readmodels.view import View


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A scene at an instant.

    Attributes:
        at: The instant, aware.
        basis: As it was seen then, or as it is known now.
        view: What the scene needs.
        is_exercise: It is shown for training.
    """

    at: datetime
    basis: Basis
    view: View
    is_exercise: bool = False


class Refusal(StrEnum):
    """Why there is no such moment."""

    FUTURE = "future"  # it is not over yet
    BEFORE = "before"  # nothing was known by then, or nothing is known of it
    FAILED = "failed"  # the database does not answer, or a fault
    BUSY = "busy"  # too many moments wait


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of an archivist.

    Attributes:
        progress: Which share of the work is done; the answer is still to come.
        size: Bytes of the snapshot, which follows this line.
        refusal: Why there is none.
        first_at: For BEFORE: since when there is something.
    """

    progress: float | None = None
    size: int | None = None
    refusal: Refusal | None = None
    first_at: datetime | None = None
