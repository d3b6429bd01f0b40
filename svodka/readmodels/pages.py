"""What each page needs: the one registry beside the read models.

What reaches a browser depends on its page and area alone (a *view*); two pages that need the same share it.
"""

from __future__ import annotations

import msgspec

from svodka.readmodels.registry import READ_MODELS, TABLE_LIMITS

_OF_EVERY_AREA = frozenset({"sources"})  # the other values are of the whole region and exist for no area alone


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a page.

    Attributes:
        stems: Read models whose values it holds.
        tables: Tables whose rows it holds.
        area: Slug of the only area whose rows it holds; None: the whole region.
    """

    stems: frozenset[str]
    tables: frozenset[str]
    area: str | None = None


EVERYTHING = View(stems=frozenset(model.stem for model in READ_MODELS), tables=frozenset(TABLE_LIMITS))
VIEWS: dict[str, View] = {"wall": EVERYTHING}


def find_view(page: str, area: str | None = None) -> View:
    """Return what a page shows, for the whole region or for one area of it.

    Raises:
        KeyError: There is no such page.
    """
    view = VIEWS[page]
    if area is None:
        return view
    return View(stems=view.stems & _OF_EVERY_AREA, tables=view.tables, area=area)
