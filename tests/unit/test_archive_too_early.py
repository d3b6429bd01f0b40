"""The page «Машина времени» names the basis that goes further back than the one that was chosen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from callbacks.archive import Day, Machine
from callbacks.operating import Desk
from svodka.past.archive import Basis

_SINCE = datetime(2026, 11, 22, 11, 56, 16, tzinfo=UTC)


def _say(basis: Basis, is_from: datetime | None) -> str:
    """Return what is said where `seen` begins at `_SINCE` and `is` at another instant."""

    def ask(_load: object, _profile: object, asked: Basis, _from_at: datetime) -> Day:
        assert asked is Basis.IS
        return Day(first_at=is_from, sources_at=None, incidents=[])

    desk: Any = SimpleNamespace(
        director=None,
        clock=None,
        ask=ask,
        profile=SimpleNamespace(zone=ZoneInfo("Asia/Novokuznetsk")),
        words=SimpleNamespace(word=lambda name: name + " {since}", locale="ru"),
    )
    return Machine(cast("Desk", desk))._too_early(basis, _SINCE)


@pytest.mark.parametrize(
    ("basis", "is_from", "word"),
    [
        (Basis.SEEN, _SINCE - timedelta(days=14), "archive.before_seen"),
        (Basis.SEEN, _SINCE, "past.refused.before"),
        (Basis.SEEN, None, "past.refused.before"),
        (Basis.IS, _SINCE - timedelta(days=14), "past.refused.before"),
    ],
)
def test_the_other_basis_is_named_only_where_it_goes_further_back(
    basis: Basis, is_from: datetime | None, word: str
) -> None:
    """Given how far back each basis goes, when a time before the chosen one is asked for, then that is said."""
    said = _say(basis, is_from)
    assert said.startswith(word)
    assert "22.11.2026 18:56" in said
