"""What is asked of the time machine and what it answers: JSON between a web process and its archivist."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from svodka.domain.codec import decode_as, encode
from svodka.past.archive import Basis
from svodka.readmodels.keys import parse_key
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


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it is written: keys by their text, in an order."""

    at: datetime
    basis: Basis
    is_exercise: bool
    scene: str
    keys: tuple[str, ...]
    tables: tuple[str, ...]
    area: str | None
    sector: str | None


def write_question(asked: Asked) -> bytes:
    """Return a question as one line of JSON, without its end."""
    view = asked.view
    return encode(
        _Line(
            at=asked.at,
            basis=asked.basis,
            is_exercise=asked.is_exercise,
            scene=view.scene,
            keys=tuple(sorted(map(str, view.keys))),
            tables=tuple(sorted(view.tables)),
            area=view.area,
            sector=view.sector,
        )
    )


def read_question(line: bytes) -> Asked:
    """Return the question of a line.

    Raises:
        ValueError: It is none.
    """
    told = decode_as(line, _Line)
    view = View(
        scene=told.scene,
        keys=frozenset(map(parse_key, told.keys)),
        tables=frozenset(told.tables),
        area=told.area,
        sector=told.sector,
    )
    return Asked(at=told.at, basis=told.basis, view=view, is_exercise=told.is_exercise)
