"""Reading `walls.toml`: the region's own, or the operator's where a setting names one.

A profile without one has one wall that shows one scene.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from svodka.director.plan import (
    DAY_KINDS,
    DAY_MIN,
    Colouring,
    Dimming,
    Plan,
    Playlist,
    Rule,
    Span,
    Step,
    Takeover,
    Theme,
    Wall,
    When,
)
from svodka.profiles.errors import ProfileError
from svodka.profiles.model import Profile, Provenance

WALLS_FILE = "walls.toml"
HOME = "overview"
MAX_SCREENS = 16
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REFERENCE = re.compile(r"[a-z0-9-]+(:([a-z0-9-]+|\*))?")
_WORST = re.compile(r":worst-(?!0)\d{1,2}$")
_MS = 1000
_MAX_S = 24 * 3600


class _Raw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what stands in the file."""


class _RawWhen(_Raw, frozen=True):
    incidents_of_level: str | None = None
    overdue_above: int | None = None
    source_silent: bool = False


class _RawStep(_Raw, frozen=True):
    scenes: tuple[str, ...]
    seconds: float
    when: _RawWhen = _RawWhen()


class _RawPlaylist(_Raw, frozen=True):
    id: str
    name: str
    name_en: str
    step: tuple[_RawStep, ...]


class _RawSpan(_Raw, frozen=True, rename={"from_": "from"}):
    from_: str = "00:00"
    to: str = "00:00"
    days: tuple[str, ...] = ()


class _RawRule(_RawSpan, frozen=True, kw_only=True):
    playlist: str


class _RawDim(_RawSpan, frozen=True, kw_only=True):
    percent: int


class _RawTheme(_RawSpan, frozen=True, kw_only=True):
    theme: Theme


class _RawTakeover(_Raw, frozen=True):
    level: str
    scene: str
    screens: tuple[int, ...] = ()
    seconds: float = 60
    breaks_hold: bool = False
    begun_within_h: float = 6


class _RawWall(_Raw, frozen=True):
    id: str
    name: str
    name_en: str
    playlist: str
    screens: int = 1
    home: str = HOME
    min_dwell_s: float = 10
    chosen_s: float = 300
    pixel_shift: bool = True
    rule: tuple[_RawRule, ...] = ()
    takeover: tuple[_RawTakeover, ...] = ()
    mirrored: tuple[_RawSpan, ...] = ()
    dim: tuple[_RawDim, ...] = ()
    theme: tuple[_RawTheme, ...] = ()


class _RawCalendar(_Raw, frozen=True):
    holidays: tuple[date, ...] = ()
    working: tuple[date, ...] = ()


class _RawFile(_Raw, frozen=True):
    provenance: Provenance
    wall: tuple[_RawWall, ...]
    playlist: tuple[_RawPlaylist, ...]
    calendar: _RawCalendar = _RawCalendar()


def load_plan(profile: Profile, path: str = "") -> Plan:
    """Read the plan of the walls.

    Args:
        profile: The region.
        path: The operator's file; empty: the profile's, or one wall with one scene where it has none.

    Returns:
        The plan. That a scene exists is not checked: scenes come and go while the program runs.

    Raises:
        ProfileError: The file is missing or cannot be used; the message names file and place.
    """
    file = Path(path) if path else Path(profile.folder) / WALLS_FILE
    if not path and not file.exists():
        return _build(_DEFAULT, profile)
    try:
        raw = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _RawFile)
        return _build(raw, profile)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{file} cannot be read: {error}."
        raise ProfileError(message) from error
    except (msgspec.ValidationError, _WrongError) as error:
        message = f"{file}: {error}."
        raise ProfileError(message) from error


_DEFAULT = _RawFile(
    provenance=Provenance(source="", date=""),
    wall=(_RawWall(id="main", name="Стена", name_en="Wall", playlist="default"),),
    playlist=(
        _RawPlaylist(
            id="default", name="Обстановка", name_en="Overview", step=(_RawStep(scenes=(HOME,), seconds=3600),)
        ),
    ),
)


class _WrongError(Exception):
    """Something in the file cannot be used."""


def _build(raw: _RawFile, profile: Profile) -> Plan:
    _need_different("wall", [wall.id for wall in raw.wall])
    _need_different("playlist", [playlist.id for playlist in raw.playlist])
    playlists = {each.id: _playlist(each, profile) for each in raw.playlist}
    walls = {each.id: _wall(each, profile, playlists) for each in raw.wall}
    for wall in walls.values():
        for name in {wall.playlist, *(rule.playlist for rule in wall.rules)}:
            shortest_ms = min(step.length_ms for step in playlists[name].steps)
            _need(shortest_ms >= wall.dwell_ms, f"playlist {name}: a step is shorter than min_dwell_s of {wall.id}")
    return Plan(
        zone=profile.zone,
        walls=walls,
        playlists=playlists,
        holidays=frozenset(raw.calendar.holidays),
        working=frozenset(raw.calendar.working),
        arguments={
            "sector": tuple(each.id for each in profile.sectors if each.id != profile.other_topic.sector),
            "area": tuple(each.id for each in profile.areas),
        },
    )


def _playlist(raw: _RawPlaylist, profile: Profile) -> Playlist:
    where = f"playlist {raw.id}"
    _need(bool(raw.step), f"{where}: it has no step")
    steps = []
    for number, step in enumerate(raw.step, start=1):
        place = f"{where}: step {number}"
        _need(bool(step.scenes), f"{place}: scenes is empty")
        for scene in step.scenes:
            _need_reference(place, scene)
        when = When(
            rank=_rank(place, step.when.incidents_of_level, profile),
            overdue_above=step.when.overdue_above,
            source_silent=step.when.source_silent,
        )
        steps.append(Step(scenes=step.scenes, length_ms=_ms(place, "seconds", step.seconds), when=when))
    return Playlist(id=raw.id, name=raw.name, name_en=raw.name_en, steps=tuple(steps))


def _wall(raw: _RawWall, profile: Profile, playlists: Mapping[str, Playlist]) -> Wall:
    where = f"wall {raw.id}"
    _need(1 <= raw.screens <= MAX_SCREENS, f"{where}: screens must be 1 to {MAX_SCREENS}")
    _need_reference(where, raw.home, is_pattern=False)
    for name in (raw.playlist, *(rule.playlist for rule in raw.rule)):
        _need(name in playlists, f"{where}: there is no playlist {name}")
    for dim in raw.dim:
        _need(0 <= dim.percent <= 80, f"{where}: dim: percent must be 0 to 80")  # noqa: PLR2004 - the bound of a stage
    return Wall(
        id=raw.id,
        name=raw.name,
        name_en=raw.name_en,
        screens_n=raw.screens,
        home=raw.home,
        dwell_ms=_ms(where, "min_dwell_s", raw.min_dwell_s),
        chosen_ms=_ms(where, "chosen_s", raw.chosen_s),
        playlist=raw.playlist,
        is_shifted=raw.pixel_shift,
        rules=tuple(Rule(span=_span(where, rule), playlist=rule.playlist) for rule in raw.rule),
        takeovers=tuple(_takeover(where, each, raw, profile) for each in raw.takeover),
        mirrored=tuple(_span(where, span) for span in raw.mirrored),
        dims=tuple(Dimming(span=_span(where, dim), percent=dim.percent) for dim in raw.dim),
        themes=tuple(Colouring(span=_span(where, each), theme=each.theme) for each in raw.theme),
    )


def _takeover(where: str, raw: _RawTakeover, wall: _RawWall, profile: Profile) -> Takeover:
    place = f"{where}: takeover"
    _need_reference(place, raw.scene)
    _need(all(1 <= screen <= wall.screens for screen in raw.screens), f"{place}: there is no such screen")
    return Takeover(
        rank=_rank(place, raw.level, profile) or 0,
        scene=raw.scene,
        screens=raw.screens,
        length_ms=_ms(place, "seconds", raw.seconds),
        breaks_hold=raw.breaks_hold,
        begun_within=timedelta(hours=raw.begun_within_h),
    )


def _rank(where: str, level: str | None, profile: Profile) -> int | None:
    if level is None:
        return None
    ranks = {each.id: each.rank for each in profile.levels}
    _need(level in ranks, f"{where}: there is no level {level}; known are {', '.join(ranks)}")
    return ranks[level]


def _span(where: str, raw: _RawSpan) -> Span:
    for day in raw.days:
        _need(day in DAY_KINDS, f"{where}: {day} is none of {', '.join(DAY_KINDS)}")
    return Span(from_min=_minute(where, raw.from_), to_min=_minute(where, raw.to), days=raw.days)


def _minute(where: str, text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None and text != "24:00":
        message = f"{where}: {text!r} is no time of day like 08:30"
        raise _WrongError(message)
    return 0 if found is None else (int(found[1]) * 60 + int(found[2])) % DAY_MIN


def _ms(where: str, key: str, seconds: float) -> int:
    _need(1 <= seconds <= _MAX_S, f"{where}: {key} must be 1 to {_MAX_S}")
    return round(seconds * _MS)


def _need_reference(where: str, reference: str, *, is_pattern: bool = True) -> None:
    is_whole = _REFERENCE.fullmatch(reference) is not None and (is_pattern or not reference.endswith("*"))
    is_worst = ":worst-" in reference
    _need(is_whole and (not is_worst or bool(_WORST.search(reference))), f"{where}: {reference!r} names no scene")


def _need_different(kind: str, ids: list[str]) -> None:
    _need(bool(ids), f"there is no [[{kind}]]")
    for each in ids:
        _need(_SLUG.fullmatch(each) is not None, f"{kind} {each!r}: an id is lower-case letters, digits and hyphens")
        _need(ids.count(each) == 1, f"{kind} {each} stands there twice")


def _need(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise _WrongError(otherwise)
