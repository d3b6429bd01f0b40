"""Plans and machines for tests of the director."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from svodka.director.facts import OpenIncident, PlainFacts
from svodka.director.machine import Machine
from svodka.director.plan import Plan, Playlist, Step, Takeover, Wall, When

ZONE = ZoneInfo("Asia/Novokuznetsk")
NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)  # a Wednesday, 12:00 there
QUIET = PlainFacts()
S = 1000


def after(seconds: float, at: datetime = NOON) -> datetime:
    return at + timedelta(seconds=seconds)


def incident(number: int, rank: int = 1, area: str | None = "kemerovo", at: datetime = NOON) -> OpenIncident:
    return OpenIncident(id=number, rank=rank, area=area, started_at=at)


def facts(*incidents: OpenIncident, **more: object) -> PlainFacts:
    return PlainFacts(incidents=incidents, **more)  # type: ignore[arg-type] # a test's own fields


def steps(*pairs: tuple[str, int]) -> tuple[Step, ...]:
    return tuple(Step(scenes=tuple(scenes.split()), length_ms=seconds * S) for scenes, seconds in pairs)


def takeover(
    rank: int = 1, scene: str = "incidents", seconds: int = 60, *, screens: tuple[int, ...] = (), breaks: bool = False
) -> Takeover:
    return Takeover(
        rank=rank,
        scene=scene,
        screens=screens,
        length_ms=seconds * S,
        breaks_hold=breaks,
        begun_within=timedelta(hours=6),
    )


def make_machine(
    *lines: tuple[str, int], screens_n: int = 1, takeovers: tuple[Takeover, ...] = (takeover(),), **more: object
) -> Machine:
    """Return the machine of a wall that plays one playlist; by default two scenes, 60 and 30 s."""
    playlist = Playlist(id="day", name="", name_en="", steps=steps(*(lines or (("overview", 60), ("appeals", 30)))))
    night = Playlist(id="night", name="", name_en="", steps=steps(("sources", 120)))
    wall = Wall(
        id="main",
        name="",
        name_en="",
        screens_n=screens_n,
        home="overview",
        dwell_ms=10 * S,
        chosen_ms=300 * S,
        playlist="day",
        takeovers=takeovers,
        **more,  # type: ignore[arg-type] # a test's own fields
    )
    plan = Plan(
        zone=ZONE,
        walls={"main": wall},
        playlists={"day": playlist, "night": night},
        arguments={"sector": ("housing", "health", "energy"), "area": ("kemerovo", "prokopevsk")},
    )
    return Machine(plan, wall)


WHEN_GRAVE = When(rank=2)
