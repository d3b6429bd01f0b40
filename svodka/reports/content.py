"""What an exported file says, before it is a slide, a sheet or a page: numbers, tables, charts and sentences.

Every format is written from these structures alone, so that all of them say the same. A number keeps the id that it has
on the wall (`data-kpi`), so that a program can compare the two.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from svodka.domain.freshness import State

BLIND = frozenset({State.STALE, State.DEAD})


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything here."""


class Figure(_Part, frozen=True):
    """One number.

    Attributes:
        id: `data-kpi`.
        label: What it is, in words.
        value: As on the wire; None: no data.
        unit: `share` (0..1), `minutes`, `rating`, `rate` (per 10,000) or `count`.
        text: As a person reads it.
        previous: Text of the same number seven days earlier, "" where there is none.
        change: What changed since, in words, "" where nothing can be said.
        target: Its target in words, "" without one.
        is_missed: Whether it misses its target.
    """

    id: str
    label: str
    value: float | None
    unit: str
    text: str
    previous: str = ""
    change: str = ""
    target: str = ""
    is_missed: bool = False


class Cell(_Part, frozen=True):
    """One cell of a table: words, or a number with its id."""

    text: str
    id: str = ""
    value: float | None = None
    unit: str = "count"


class Table(_Part, frozen=True):
    """A table; `rest` says what it leaves out, "" where it is whole."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: str = ""


class Series(_Part, frozen=True):
    """One line of a chart. `look` says how it is drawn: what came, what was answered, the week before, what is late."""

    name: str
    values: tuple[float | None, ...]
    look: Literal["main", "beside", "before", "late"]


class Chart(_Part, frozen=True):
    """A chart over categories: `columns` along time, `bars` for a ranking with its words on the left.

    `unfinished` is the category that is not over yet; None: all are. Bars of several series stand over one another, the
    first behind: a part before its whole.
    """

    kind: Literal["columns", "bars"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unfinished: int | None = None


class Section(_Part, frozen=True):
    """What one panel of a scene says.

    Attributes:
        slot: Its id on the page (`data-panel`).
        key: The key of its value; the same key in two scenes is the same section.
        title: The panel's title.
        message: The one sentence that it says; the title of its slide.
        sentences: What else is worth saying.
        figures: Its numbers that stand alone.
        tables: Its tables.
        chart: Its chart.
        state: Its freshness at the moment of the pack.
        note: That freshness in words, "" where all is well.
        as_of: What its data are of; None before the first.
    """

    slot: str
    key: str
    title: str
    message: str
    sentences: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: Chart | None = None
    state: State = State.FRESH
    note: str = ""
    as_of: datetime | None = None

    @property
    def is_blind(self) -> bool:
        """Whether nobody knows what it would say now."""
        return self.state in BLIND


BOARD = (0.0105, 0.1, 0.979, 0.89)  # left, top, width, height of the panels' part of a scene's picture, as shares of it
GRID_COLUMNS, GRID_ROWS = 12, 8


class Annotation(_Part, frozen=True):
    """A text box on a scene: column 1..12 and row 1..8 of a grid over its panels (`BOARD`), width in columns."""

    text: str
    column: int = 1
    row: int = 1
    span: int = 4


class ScenePage(_Part, frozen=True):
    """One scene of the pack.

    Attributes:
        ref: Reference of the scene.
        title: Its title in words.
        sections: Its panels in the order of reading.
        notes: What the presenter says.
        annotations: Text boxes on its picture.
        is_drawn: Whether all of it was drawn when it was pictured.
    """

    ref: str
    title: str
    sections: tuple[Section, ...]
    notes: str = ""
    annotations: tuple[Annotation, ...] = ()
    is_drawn: bool = True


class SourceAge(_Part, frozen=True):
    """How a source stood: `words` is its state in words, "" where all was well."""

    id: str
    name: str
    brings: str
    state: State
    words: str
    age_s: float | None
    last_complete_at: datetime | None
    records_total: int


class OrderGiven(_Part, frozen=True):
    """An order (поручение) given at the briefing."""

    number: int
    text: str
    body: str
    due_on: date | None


class PackContent(_Part, frozen=True):
    """Everything that a pack says.

    Attributes:
        id: The snapshot's id.
        title: What the briefing is called.
        region, centre: Names of the region and its centre.
        at: The server's clock at the snapshot.
        as_of: «Данные на»; None without data.
        epoch, seq: The position of the log.
        digest: SHA-256 of the stored snapshots.
        version: Of the program.
        is_simulated: Whether the numbers are a demonstration's.
        pages: Scenes in their order.
        sources: How every source stood.
        attribution: Lines that the map's licences ask for.
        protocol: What was decided, in words.
        orders: Orders given.
    """

    id: str
    title: str
    region: str
    centre: str
    at: datetime
    as_of: datetime | None
    epoch: str
    seq: int
    digest: str
    version: str
    is_simulated: bool
    pages: tuple[ScenePage, ...]
    sources: tuple[SourceAge, ...]
    attribution: tuple[str, ...] = ()
    protocol: str = ""
    orders: tuple[OrderGiven, ...] = ()

    def sections(self) -> tuple[Section, ...]:
        """Return every section once, in the order of reading, by its key."""
        found: dict[str, Section] = {}
        for page in self.pages:
            for section in page.sections:
                found.setdefault(section.key, section)
        return tuple(found.values())
