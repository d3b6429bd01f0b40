"""Ids of the page «Проблемы»."""

from __future__ import annotations

from typing import Any

PLACE, BEAT, OPENED, ACTED, PAGE = (
    "problems-place",
    "problems-beat",
    "problems-opened",
    "problems-acted",
    "problems-page",
)
AREA, SECTOR, AS_OF, TABLE, CARD, EARLIER, LATER = (
    "problems-area",
    "problems-sector",
    "problems-as-of",
    "problems-table",
    "problems-card",
    "problems-earlier",
    "problems-later",
)
HEAD, FORM, OTHER, JOIN_PROBLEM = "problems-head", "problems-form", "problems-other", "problems-join"
NONE, SINGLES, PAGES, NEWS, SHOW = (
    "problems-none",
    "problems-singles",
    "problems-pages",
    "problems-news",
    "problems-show",
)
ROW, LINK, CELL = "problems-row", "problems-link", "problems-cell"
TAKE_OUT, JOIN_APPEAL, UNDO = "problem-take-out", "problem-join-appeal", "problem-undo"


def button_id(kind: str, number: int) -> dict[str, str | int]:
    """Return the id of a button that stands once for each appeal or decision."""
    return {"type": kind, "index": number}


def cell_id(name: str, row: object) -> dict[str, Any]:
    """Return the id of one cell of the list; `row` may be Dash's ALL."""
    return {"type": f"{CELL}-{name}", "index": row}


def row_id(kind: str, row: object) -> dict[str, Any]:
    """Return the id of a row of the list, or of its link; `row` may be Dash's ALL."""
    return {"type": kind, "index": row}
