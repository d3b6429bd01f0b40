"""A small page and what happens to it: `snapshot.json` and `frames.json`, written from the types themselves.

`python -m tests.golden.examples` writes the files anew; a test fails when they differ from what stands here.
All names and numbers are invented.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from svodka.domain import codec
from svodka.domain.changes import AppealRow, Frame, IncidentRow, RowChange, Snapshot
from svodka.readmodels import values as v
from tests import reducer

FOLDER = Path(__file__).parent
EPOCH = "golden-1"
AT = datetime(2026, 3, 2, 5, 30, 20, 250000, tzinfo=UTC)  # 12:30 in a zone seven hours ahead
LIMITS = {"appeals": 4, "incidents": 500}  # small, so that cutting is seen


def minutes_ago(minutes: float) -> datetime:
    return AT - timedelta(minutes=minutes)


def appeal(id_: int, feed_at: datetime, **fields: Any) -> AppealRow:
    row: dict[str, Any] = {
        "known_at": feed_at + timedelta(seconds=8),
        "topic": "heating",
        "sector": "housing",
        "area": "north-town",
        "channel": "portal",
        "source": "portal-main",
        "status": "new",
        "lat": 54.123,
        "lon": 86.456,
        "moved": False,
    }
    return AppealRow(id=id_, feed_at=feed_at, **(row | fields))


def incident(id_: int, **fields: Any) -> IncidentRow:
    row: dict[str, Any] = {
        "kind": "heat",
        "level": "second",
        "status": "in_work",
        "area": "north-town",
        "source": "dispatch",
        "started_at": minutes_ago(90),
        "updated_at": minutes_ago(20),
        "known_at": minutes_ago(19),
        "affected_n": 120,
        "lat": 54.1,
        "lon": 86.4,
        "moved": False,
    }
    return IncidentRow(id=id_, **(row | fields))


def kpi(  # noqa: PLR0917 - read as one line of a table
    name: str, unit: Any, value: float | None, n: int, previous: float | None = None, target: Any = None
) -> v.KpiValue:
    return v.KpiValue(kpi=name, value=value, unit=unit, n=n, previous=previous, target=target)


def all_values() -> dict[str, msgspec.Struct]:
    """Return one value of every read model, with an example of "no data" among them."""
    hours = tuple(datetime(2026, 3, 1, 17, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24))
    so_far = (3, 1, 0, 0, 2, 4, 9, 18, 41, 52, 47, 38, 21)
    ahead: tuple[int | None, ...] = (None,) * (24 - len(so_far))
    answered = (0, 0, 0, 0, 0, 0, 2, 11, 35, 44, 40, 29, 12)
    week_ago = (2, 2, 1, 0, 1, 5, 8, 20, 39, 55, 44, 40, 36, 33, 31, 30, 28, 24, 19, 15, 12, 9, 6, 4)
    source = {
        "last_success_at": minutes_ago(0.2),
        "lag_s": 0.4,
        "failing": False,
        "error_kind": "",
        "quarantined_total": 0,
    }
    return {
        "in_time": v.InTimeValue(
            in_time=kpi("in_time", "share", 0.914, 431, 0.897, v.TargetView(value=0.9, better="higher", example=True)),
            basis=v.TermBasis(from_record_n=380, norms={"letter-30d": 51}, without_term_n=12),
        ),
        "response": v.ResponseValue(response_minutes=kpi("response_minutes", "minutes", 2875, 443, 3010)),
        "open": v.OpenValue(
            open_now=kpi("open_now", "count", 1204, 11890), overdue_now=kpi("overdue_now", "count", 37, 1171)
        ),
        "satisfaction": v.SatisfactionValue(satisfaction=kpi("satisfaction", "rating", None, 0)),
        "flow": v.FlowValue(
            day=date(2026, 3, 2),
            hours=hours,
            received=so_far + ahead,
            answered=answered + ahead,
            week_ago_received=week_ago,
            week_ago_answered=(None, None, *week_ago[2:]),
            received_today=sum(so_far),
            answered_today=sum(answered),
            received_full_hours=sum(so_far[:12]),
            week_ago_received_full_hours=sum(week_ago[:12]),
            channels=(
                v.ChannelCount(channel="portal", received_today=180),
                v.ChannelCount(channel="letters", received_today=56),
            ),
        ),
        "map": v.MapValue(
            areas=(
                v.AreaValue(area="north-town", received=310, per_10k=6.2, open_incidents=1),
                v.AreaValue(area="south-district", received=95, per_10k=None, open_incidents=0),
            ),
            steps=(0.0, 1.5, 3.0, 6.0, 12.0),
            received=410,
            unknown_area=5,
        ),
        "clusters": v.ClustersValue(
            counted_at=AT - timedelta(seconds=20),
            step=0.0078125,
            cells=((18447, 17053, 12), (18448, 17053, 390)),
            placed=402,
            unplaced=8,
        ),
        "sectors": v.SectorsValue(
            sectors=(
                v.SectorCount(sector="housing", open=700, overdue=30),
                v.SectorCount(sector="roads", open=480, overdue=7),
                v.SectorCount(sector="other", open=24, overdue=0),
            )
        ),
        "incidents": v.IncidentsValue(
            levels=(v.LevelCount(level="first", open=0), v.LevelCount(level="second", open=2)), open=2
        ),
        "feed": v.FeedValue(received_last_hour=44),
        "sources": v.SourcesValue(
            sources=(
                v.SourceView(source="portal-main", last_complete_at=minutes_ago(0.2), records_total=11890, **source),
                v.SourceView(
                    source="dispatch",
                    last_complete_at=None,
                    last_success_at=None,
                    lag_s=None,
                    failing=True,
                    error_kind="SourceUnavailableError",
                    records_total=0,
                    quarantined_total=3,
                ),
            )
        ),
        "rating": v.RatingValue(
            kpi="in_time",
            unit="share",
            better="higher",
            target=v.TargetView(value=0.9, better="higher", example=True),
            min_n=20,
            rows=(
                v.RatingRow(area="north-town", value=0.93, n=210, previous=0.91, rank=1),
                v.RatingRow(area="south-district", value=1.0, n=7, previous=None, rank=None),
            ),
            unknown_area=12,
        ),
        "topics": v.TopicsValue(
            topics=(
                v.TopicCount(topic="heating", received=61, change=30, trend="rising"),
                v.TopicCount(topic="potholes", received=9, change=8, trend="new"),
                v.TopicCount(topic="other", received=14, change=-2, trend="steady"),
            ),
            has_other=True,
            received=84,
            change=36,
        ),
        "week": v.WeekValue(
            days=tuple(date(2026, 3, 2) - timedelta(days=days) for days in reversed(range(8))),
            received=(301, 288, 290, 310, 296, 170, 122, 236),
            answered=(280, 270, 295, 305, 290, 90, 60, 173),
            week_ago_received=(None, 280, 275, 300, 301, 180, 130, 301),
            received_7_days=1777,
            answered_7_days=1763,
            before_7_days=None,
        ),
        "source_table": v.SourceTableValue(
            sources=(
                v.SourceTableRow(
                    source="portal-main", today=180, last_hour=44, quarantined=0, failures=0, next_poll_at=AT
                ),
                v.SourceTableRow(
                    source="dispatch", today=0, last_hour=None, quarantined=3, failures=5, next_poll_at=None
                ),
            )
        ),
        "incident_list": v.IncidentListValue(
            levels=(v.LevelCount(level="first", open=0), v.LevelCount(level="second", open=2)),
            open=2,
            last_ended_at=minutes_ago(250),
        ),
        "area_facts": v.AreaFactsValue(area=None, received=410, per_10k=None, region_per_10k=7.3),
    }


def snapshot() -> Snapshot:
    return Snapshot(
        epoch=EPOCH,
        seq=100,
        at=AT,
        rate=1.0,
        tables={
            "appeals": (
                appeal(14, minutes_ago(1)),
                appeal(13, minutes_ago(5), area=None, lat=None, lon=None),
                appeal(11, minutes_ago(9), topic="potholes", sector="roads", area="south-district", moved=True),
                appeal(12, minutes_ago(12), channel="letters", status="in_work"),
            ),
            "incidents": (
                incident(3),
                incident(2, kind="water", started_at=minutes_ago(300), updated_at=None, affected_n=None),
            ),
        },
        limits=LIMITS,
        values=dict(all_values()),
        scene="overview",
        view="0123456789abcdef",
    )


def put(row: AppealRow | IncidentRow) -> RowChange:
    table = "appeals" if isinstance(row, AppealRow) else "incidents"
    return RowChange(table=table, op="put", key=str(row.id), row=row)


def remove(table: Any, id_: int) -> RowChange:
    return RowChange(table=table, op="del", key=str(id_))


def frame(from_seq: int, to_seq: int, *rows: RowChange, epoch: str = EPOCH, **values: msgspec.Struct) -> Frame:
    at = AT + timedelta(seconds=to_seq - 100)
    return Frame(epoch=epoch, from_seq=from_seq, to_seq=to_seq, at=at, rows=rows, values=dict(values))


def steps() -> list[tuple[str, Frame]]:
    """Return frames as a page may meet them, good and bad, each with what it shows."""
    late = appeal(15, minutes_ago(7), topic="potholes", sector="roads")
    twin = appeal(16, minutes_ago(1))
    return [
        (
            "a new appeal comes first and the oldest is cut",
            frame(100, 101, put(appeal(17, AT)), feed=v.FeedValue(received_last_hour=45)),
        ),
        ("one that was received earlier finds its place", frame(101, 102, put(late))),
        ("the same instant: the greater id stands first", frame(102, 103, put(twin))),
        ("what was seen is dropped", frame(101, 103, put(appeal(99, AT)), feed=v.FeedValue(received_last_hour=0))),
        ("a gap: ask for what is missing", frame(105, 106, put(appeal(98, AT)))),
        ("another log: ask for a snapshot", frame(103, 104, put(appeal(97, AT)), epoch="golden-2")),
        (
            "a correction replaces the row in its place",
            frame(103, 104, put(appeal(14, minutes_ago(1), status="answered"))),
        ),
        (
            "a correction of a row that was cut changes nothing to be seen",
            frame(104, 105, put(appeal(12, minutes_ago(12), status="answered"))),
        ),
        (
            "incidents come, change and go in the order of the log",
            frame(
                105,
                109,
                put(incident(4, kind="fire", level="first", affected_n=None)),
                put(incident(3, affected_n=900, updated_at=AT)),
                remove("incidents", 2),
                put(incident(5)),
                incidents=v.IncidentsValue(
                    levels=(v.LevelCount(level="first", open=1), v.LevelCount(level="second", open=2)), open=3
                ),
            ),
        ),
        (
            "what came and went within one frame leaves no trace",
            frame(109, 112, put(incident(6)), remove("incidents", 6)),
        ),
        ("removing what is not there is no fault", frame(112, 113, remove("incidents", 77))),
        ("a frame may be empty and still moves the page", frame(113, 120)),
        (
            "a value becomes unknown",
            frame(
                120,
                121,
                open=v.OpenValue(
                    open_now=kpi("open_now", "count", None, 0), overdue_now=kpi("overdue_now", "count", None, 0)
                ),
            ),
        ),
    ]


def documents() -> dict[str, bytes]:
    """Return the files by name, one row or frame a line."""
    page = reducer.start(snapshot())
    told = [{"name": name, "outcome": reducer.reduce(page, step), "frame": step} for name, step in steps()]
    return {
        "snapshot.json": _pretty(snapshot()),
        "frames.json": _pretty({"steps": told, "expected": page}),
    }


def _pretty(value: object) -> bytes:
    return msgspec.json.format(codec.encode(value), indent=1) + b"\n"


if __name__ == "__main__":
    for name, content in documents().items():
        (FOLDER / name).write_bytes(content)
