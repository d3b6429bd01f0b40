"""Ids of components: the names by which assets/js finds what it fills.

A *slot* is an element of the wall that a panel of one kind stands in; the first of a kind has the kind's name as id.
"""

from __future__ import annotations


def slot_id(kind: str, number: int) -> str:
    """Return the id of a panel's outer element: `data-panel`.

    Args:
        kind: A kind of panel.
        number: From 1.
    """
    return kind if number == 1 else f"{kind}-{number}"


def body_id(panel: str) -> str:
    """Return the id of the element whose children the browser replaces."""
    return f"{panel}-body"


def title_id(panel: str) -> str:
    """Return the id of a panel's title."""
    return f"{panel}-title"


def table_id(panel: str) -> str:
    """Return the id of the visually hidden table that repeats what a chart or the map shows."""
    return f"{panel}-table"


def figure_id(panel: str) -> str:
    """Return the id of a panel's Plotly figure."""
    return f"{panel}-figure"
