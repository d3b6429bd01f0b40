"""Ids of components: the names by which assets/js finds what it fills.

`docs/architecture.md` lists the panels; the order here is the order of reading.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class PanelSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a panel shows.

    Attributes:
        id: `data-panel`.
        stem: The read model it shows.
        rests_on: Which sources its freshness depends on.
        tables: The tables of rows it shows.
    """

    id: str
    stem: str
    rests_on: Literal["appeals", "incidents", "all"]
    tables: tuple[str, ...] = ()


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec(id="kpi-in-time", stem="in_time", rests_on="appeals"),
    PanelSpec(id="kpi-response", stem="response", rests_on="appeals"),
    PanelSpec(id="flow", stem="flow", rests_on="appeals"),
    PanelSpec(id="sectors", stem="sectors", rests_on="appeals"),
    PanelSpec(id="map", stem="map", rests_on="all", tables=("appeals", "incidents")),
    PanelSpec(id="kpi-open", stem="open", rests_on="appeals"),
    PanelSpec(id="kpi-satisfaction", stem="satisfaction", rests_on="appeals"),
    PanelSpec(id="incidents", stem="incidents", rests_on="incidents", tables=("incidents",)),
    PanelSpec(id="feed", stem="feed", rests_on="appeals", tables=("appeals",)),
    PanelSpec(id="sources", stem="sources", rests_on="all"),
)


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
