"""Shapes of the values that panels show: the contract between `svodka.readmodels` and `assets/js`.

One structure per stem; `tests/golden/` holds an example of each that Python and JavaScript tests share.
Definitions of every KPI stand in docs/kpi.md. None always means "no data", never 0. Slugs are names of the profile;
words for them travel once, in the page's configuration. Instants are aware UTC; hours are local hours of the region.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every value on the wire."""


class TargetView(_Value, frozen=True):
    """A target as a tile shows it."""

    value: float
    better: Literal["higher", "lower"]
    example: bool


class KpiValue(_Value, frozen=True):
    """One number of a tile.

    Attributes:
        kpi: Its id (`data-kpi`).
        value: The number (`data-value`), None without data.
        unit: `share` (0..1), `minutes`, `count` or `rating` (1..5).
        n: How many appeals it rests on.
        previous: The same number for the same span seven days earlier, None where there is none.
        target: None where the profile has none: then no arc is drawn.
    """

    kpi: str
    value: float | None
    unit: Literal["share", "minutes", "count", "rating"]
    n: int
    previous: float | None
    target: TargetView | None


class TermBasis(_Value, frozen=True):
    """Which terms the in-time share rests on: how many from the record, how many from which preset (slug of a norm).

    `without_term_n`: answered in the same window without any term, so left out of the share.
    """

    from_record_n: int
    norms: dict[str, int]
    without_term_n: int


class InTimeValue(_Value, frozen=True):
    """Stem `in_time`."""

    in_time: KpiValue
    basis: TermBasis


class ResponseValue(_Value, frozen=True):
    """Stem `response`: median time to answer."""

    response_minutes: KpiValue


class OpenValue(_Value, frozen=True):
    """Stem `open`: open and overdue now."""

    open_now: KpiValue
    overdue_now: KpiValue


class SatisfactionValue(_Value, frozen=True):
    """Stem `satisfaction`: mean mark of the answers of seven days."""

    satisfaction: KpiValue


class ChannelCount(_Value, frozen=True):
    """Appeals of one channel received today."""

    channel: str
    received_today: int


class FlowValue(_Value, frozen=True):
    """Stem `flow`: appeals by local hour of today.

    `received` and `answered` have one entry per local hour of the day (usually 24); None for hours to come.
    Entry i of the week-ago lists is the hour with the same local time seven local days earlier, for the whole
    day; None where the history does not reach back so far or the clocks left that hour out. The two
    `…_full_hours` numbers compare equal spans: midnight to the start of the present hour, and the same local
    hours seven days earlier (None: no history).
    """

    day: date
    hours: tuple[datetime, ...]
    received: tuple[int | None, ...]
    answered: tuple[int | None, ...]
    week_ago_received: tuple[int | None, ...]
    week_ago_answered: tuple[int | None, ...]
    received_today: int
    answered_today: int
    received_full_hours: int
    week_ago_received_full_hours: int | None
    channels: tuple[ChannelCount, ...]


class AreaValue(_Value, frozen=True):
    """One area of the map over the 24 hours of the window; `per_10k` is None where the population is unknown."""

    area: str
    received: int
    per_10k: float | None
    open_incidents: int


class AreaNumber(_Value, frozen=True):
    """A KPI of one area and how many cases it rests on; None without data."""

    area: str
    value: float | None
    n: int


class ShadedBy(_Value, frozen=True):
    """The KPI that areas are shaded by; `unit` as in `RatingValue`. Numbers of fewer than `min_n` cases say little."""

    kpi: str
    unit: Literal["share", "minutes", "rating", "rate"]
    better: Literal["higher", "lower"]
    target: TargetView | None
    min_n: int
    rows: tuple[AreaNumber, ...]


class MapValue(_Value, frozen=True):
    """Stem `map`: `steps` are the lower bounds of the shades, rising; `unknown_area` counts appeals without area.

    Shaded is `per_10k`, or the KPI of `by`.
    """

    areas: tuple[AreaValue, ...]
    steps: tuple[float, ...]
    received: int
    unknown_area: int
    by: ShadedBy | None = None


class ClustersValue(_Value, frozen=True):
    """Stem `clusters`: appeals of the period that have a point, in cells of a grid of the map.

    Attributes:
        counted_at: When that was counted, aware UTC; None: not yet.
        step: Height of a cell in degrees of latitude; it is twice as many degrees of longitude wide.
        cells: Cells from the south pole, from the date line, and the number of appeals, above 0.
        placed: Their sum.
        unplaced: Appeals without a point.
    """

    counted_at: datetime | None
    step: float
    cells: tuple[tuple[int, int, int], ...]
    placed: int
    unplaced: int


class SectorCount(_Value, frozen=True):
    """Open and overdue appeals of one sector."""

    sector: str
    open: int
    overdue: int


class SectorsValue(_Value, frozen=True):
    """Stem `sectors`: every sector of the profile, most open first; the sector of the topic «прочие» always last."""

    sectors: tuple[SectorCount, ...]


class LevelCount(_Value, frozen=True):
    """Open incidents of one level."""

    level: str
    open: int


class IncidentsValue(_Value, frozen=True):
    """Stem `incidents`: every level of the profile, gravest first."""

    levels: tuple[LevelCount, ...]
    open: int


class FeedValue(_Value, frozen=True):
    """Stem `feed`: how many appeals came (by `feed_at`) in the last 60 minutes: what the list may not hold."""

    received_last_hour: int


class SourceView(_Value, frozen=True):
    """One source: ages are for the browser to count from `last_complete_at`. `paused`: an operator wants it so."""

    source: str
    last_complete_at: datetime | None
    last_success_at: datetime | None
    lag_s: float | None
    failing: bool
    error_kind: str
    records_total: int
    quarantined_total: int
    paused: bool = False


class SourcesValue(_Value, frozen=True):
    """Stem `sources`: every source of the sources file, in its order."""

    sources: tuple[SourceView, ...]


class RatingRow(_Value, frozen=True):
    """One area of the rating.

    `value` is None where it has no number: no case, or no known population. `rank` is None for fewer than `min_n`
    cases; equal values share one. `previous` rests on `min_n` cases at least, else it is None.
    """

    area: str
    value: float | None
    n: int
    previous: float | None
    rank: int | None


class RatingValue(_Value, frozen=True):
    """Stem `rating`: every area of the profile, best first, then those of few cases, then those without a number.

    `unit` is as in `KpiValue`, or `rate`: per 10,000 residents. `unknown_area`: cases whose area is not determined.
    """

    kpi: str
    unit: Literal["share", "minutes", "rating", "rate"]
    better: Literal["higher", "lower"]
    target: TargetView | None
    min_n: int
    rows: tuple[RatingRow, ...]
    unknown_area: int


class TopicCount(_Value, frozen=True):
    """Appeals of one topic.

    `change` is how many more whole hours of the period brought than the same hours a week earlier, `trend` what that
    means; None where the history does not reach back so far.
    """

    topic: str
    received: int
    change: int | None
    trend: Literal["new", "rising", "falling", "steady"] | None


class TopicsValue(_Value, frozen=True):
    """Stem `topics`: every topic of the scope, most first; «прочие» last, where the scope has it (`has_other`)."""

    topics: tuple[TopicCount, ...]
    has_other: bool
    received: int
    change: int | None


class WeekValue(_Value, frozen=True):
    """Stem `week`: appeals by local day, the seven days before today and today, which is not over.

    `week_ago_received` has the days seven earlier, whole. None: a day that begins before the history. The
    totals are those of the seven whole days before today; `before_7_days` was received on the seven before them.
    """

    days: tuple[date, ...]
    received: tuple[int | None, ...]
    answered: tuple[int | None, ...]
    week_ago_received: tuple[int | None, ...]
    received_7_days: int | None
    answered_7_days: int | None
    before_7_days: int | None


class SourceTableRow(_Value, frozen=True):
    """What one source brought and what is wrong with it.

    `today` counts appeals by their place in the feed, or incidents by their beginning; `last_hour` appeals alone, None
    for incidents; both are None where nothing came and the source was never read whole. `quarantined`: different
    records that wait now. `failures`: failed polls in a row. `next_poll_at` is None for a source that is left alone,
    was never asked, or pushes.
    """

    source: str
    today: int | None
    last_hour: int | None
    quarantined: int
    failures: int
    next_poll_at: datetime | None


class SourceTableValue(_Value, frozen=True):
    """Stem `source_table`: every source of the sources file, in its order."""

    sources: tuple[SourceTableRow, ...]


class IncidentListValue(_Value, frozen=True):
    """Stem `incident_list`: as `incidents`, and when the last incident of the scope ended; None: none ever did."""

    levels: tuple[LevelCount, ...]
    open: int
    last_ended_at: datetime | None


class AreaFactsValue(_Value, frozen=True):
    """Stem `area_facts`: received in the period, per 10,000 residents, and the region's rate; `area` None: of all."""

    area: str | None
    received: int
    per_10k: float | None
    region_per_10k: float | None
