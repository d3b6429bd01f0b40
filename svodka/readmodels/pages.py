"""The views of the scenes that are known: the one registry beside the read models."""

from __future__ import annotations

from svodka.readmodels.registry import OF_REGION, TABLE_LIMITS
from svodka.readmodels.view import View

EVERYTHING = View(
    scene="overview",
    keys=frozenset(OF_REGION),
    tables=frozenset(TABLE_LIMITS),
)
VIEWS: dict[str, View] = {"overview": EVERYTHING}


def find_scene(reference: str) -> View:
    """Return what a scene needs.

    Raises:
        KeyError: There is no such scene.
    """
    return VIEWS[reference]
