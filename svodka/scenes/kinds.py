"""Kinds of panel: the one registry of what a scene may place.

A kind is bound to a read model by `stem`, to its element by `layouts.panels.registry`, to the function that fills it by
`assets/js/kinds.mjs`, and to its title by the word `panel.<kind>.title`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

PERIODS = ("day", "week")
SHADED_KPIS = ("in_time", "response", "satisfaction", "open", "overdue")
RATING_KPIS = ("in_time", "response", "satisfaction", "per_10k", "open", "overdue")
Scoped = Literal["area", "sector", "period", "kpi"]


class PanelKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of panel.

    Attributes:
        kind: Its name in scene files; the first panel of a kind has it as id, the second `<kind>-2`.
        stem: The read model it shows.
        rests_on: Which sources its freshness depends on.
        beside: Stems of further values it shows, each with what it is narrowed to as well.
        only_if: Which of these it shows only where a parameter has one of some values.
        tables: The tables of rows it shows.
        takes: What its value may be narrowed to; these words stand in the key of its value.
        apart: Which of these narrow what the panel shows (its rows, where it looks) and not its value.
        choices: Further parameters of a scene file, and `kpi`, with the values they may have, the default first ("":
            what is not written).
        has_figure: Whether it holds a Plotly figure.
        may_cross_bezel: Whether it may lie across the edge of two screens.
        minimum: Least width and height in scene units of 10 px.
        most_n: How many a scene may hold.
    """

    kind: str
    stem: str
    rests_on: Literal["appeals", "incidents", "all"]
    beside: Mapping[str, tuple[Scoped, ...]] = {}
    only_if: Mapping[str, tuple[str, tuple[str | bool, ...]]] = {}
    tables: tuple[str, ...] = ()
    takes: tuple[Scoped, ...] = ()
    apart: tuple[Scoped, ...] = ()
    choices: Mapping[str, tuple[str | bool, ...]] = {}
    has_figure: bool = False
    may_cross_bezel: bool = False
    minimum: tuple[float, float] = (20, 10)
    most_n: int = 4


_PART: tuple[Scoped, ...] = ("area", "sector")
_PART_AND_PERIOD: tuple[Scoped, ...] = (*_PART, "period")

KINDS: tuple[PanelKind, ...] = (
    PanelKind(kind="kpi-in-time", stem="in_time", rests_on="appeals", takes=_PART_AND_PERIOD, minimum=(26, 20)),
    PanelKind(kind="kpi-response", stem="response", rests_on="appeals", takes=_PART_AND_PERIOD, minimum=(26, 20)),
    PanelKind(kind="flow", stem="flow", rests_on="appeals", takes=_PART, has_figure=True, minimum=(50, 24)),
    PanelKind(kind="sectors", stem="sectors", rests_on="appeals", takes=("area",), minimum=(50, 16)),
    PanelKind(
        kind="map",
        stem="map",
        rests_on="all",
        beside={"clusters": ("area", "sector", "period")},
        only_if={"clusters": ("marks", ("clusters", "heat"))},
        tables=("appeals", "incidents"),
        takes=("area", "sector", "period", "kpi"),
        apart=("area",),
        choices={
            "kpi": ("", *SHADED_KPIS),
            "shades": (True, False),
            "marks": ("fresh", "clusters", "heat", "none"),
            "incidents": (True, False),
        },
        has_figure=True,
        may_cross_bezel=True,
        minimum=(40, 40),
        most_n=1,
    ),
    PanelKind(kind="kpi-open", stem="open", rests_on="appeals", takes=_PART, minimum=(26, 20)),
    PanelKind(kind="kpi-satisfaction", stem="satisfaction", rests_on="appeals", takes=_PART, minimum=(26, 20)),
    PanelKind(
        kind="incidents",
        stem="incidents",
        rests_on="incidents",
        tables=("incidents",),
        takes=_PART,
        minimum=(50, 16),
    ),
    PanelKind(kind="feed", stem="feed", rests_on="appeals", tables=("appeals",), takes=_PART, minimum=(40, 13)),
    PanelKind(kind="sources", stem="sources", rests_on="all", may_cross_bezel=True, minimum=(60, 6)),
    PanelKind(
        kind="rating",
        stem="rating",
        rests_on="appeals",
        takes=("sector", "period", "kpi"),
        choices={"kpi": RATING_KPIS},
        minimum=(56, 30),
    ),
    PanelKind(kind="topics", stem="topics", rests_on="appeals", takes=("area", "sector", "period"), minimum=(50, 26)),
    PanelKind(
        kind="week", stem="week", rests_on="appeals", takes=("area", "sector"), has_figure=True, minimum=(56, 28)
    ),
    PanelKind(kind="source-table", stem="source_table", rests_on="all", minimum=(90, 30), most_n=1),
    PanelKind(
        kind="incident-list",
        stem="incident_list",
        rests_on="incidents",
        tables=("incidents",),
        takes=("area", "sector"),
        minimum=(50, 32),
    ),
    PanelKind(kind="levels", stem="incidents", rests_on="incidents", takes=_PART, minimum=(36, 16)),
    PanelKind(kind="area-facts", stem="area_facts", rests_on="appeals", takes=("area", "period"), minimum=(56, 32)),
)
