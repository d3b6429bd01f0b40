"""What the files of a profile must agree on; every complaint is one sentence that names file and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from svodka.profiles.errors import ProfileError
from svodka.profiles.model import Profile, SourceConfig

MIN_TOPICS = 3
MAX_SECTOR_SHORT = 16
MAX_TOPIC_SHORT = 30
MAX_KIND_SHORT = 30
MAX_AREA_SHORT = 18
MAX_CHANNEL_SHORT = 16
MAX_SOURCE_NAME = 16
MAX_PASSPORT = 300
_PROBLEM_WINDOW_MAX_DAYS = 3650
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_profile(profile: Profile) -> None:
    """Check slugs, references, the two "other" entries, topics per sector, zones and lengths.

    Raises:
        ProfileError: The first thing that is wrong.
    """
    _check_head(profile)
    _check_slugs("sectors.toml", "sector", [sector.id for sector in profile.sectors])
    _check_slugs("sectors.toml", "topic", [topic.id for topic in profile.topics])
    _check_slugs("areas.toml", "area", [area.id for area in profile.areas])
    _check_slugs("bodies.toml", "body", [body.id for body in profile.bodies])
    _check_slugs("norms.toml", "norm", [norm.id for norm in profile.norms])
    _check_slugs("norms.toml", "channel", [channel.id for channel in profile.channels])
    _check_slugs("incidents.toml", "level", [level.id for level in profile.levels])
    _check_slugs("incidents.toml", "kind", [kind.id for kind in profile.incident_kinds])
    _check_topics(profile)
    _check_places(profile)
    _check_bodies(profile)
    _check_norms(profile)
    _check_incidents(profile)
    _check_lengths(profile)


def check_sources(profile: Profile, file_name: str) -> None:
    """Check that the sources fit the profile.

    Args:
        profile: The profile with its sources.
        file_name: The sources file, as messages name it.

    Raises:
        ProfileError: The first thing that is wrong.
    """
    channels = {channel.id for channel in profile.channels}
    topics = {topic.id for topic in profile.topics}
    _check_slugs(file_name, "source", [source.id for source in profile.sources])
    for source in profile.sources:
        where = f"source {source.id}"
        if source.records == "appeals" and source.channel is None:
            _complain(file_name, f"{where}: channel is missing; appeals need one")
        if source.channel is not None:
            _check_reference(file_name, f"{where}: channel", source.channel, channels)
        for topic in source.topic_map.values():
            _check_reference(file_name, f"{where}: topic_map", topic, topics)
        _check_source_numbers(file_name, where, source)
        for key in ("owner", "legal_basis", "contact", "note"):
            if len(getattr(source, key)) > MAX_PASSPORT:
                _complain(file_name, f"{where}: {key} has more than {MAX_PASSPORT} characters")
        _check_zone(file_name, f"{where}: time_zone", source.time_zone)
        _check_length(file_name, f"{where}: name", source.name, MAX_SOURCE_NAME)


def _check_source_numbers(file_name: str, where: str, source: SourceConfig) -> None:
    if source.interval_s <= 0:
        _complain(file_name, f"{where}: interval_s must be above 0")
    if not 0 < source.ageing_s < source.stale_s < source.dead_s:
        _complain(file_name, f"{where}: ageing_s, stale_s and dead_s must rise")
    if source.cover < 0:
        _complain(file_name, f"{where}: cover must not be negative")
    if source.close_after_missing_polls is not None and source.close_after_missing_polls < 1:
        _complain(file_name, f"{where}: close_after_missing_polls must be at least 1")


def _check_head(profile: Profile) -> None:
    file_name = "profile.toml"
    if not _SLUG.fullmatch(profile.id):
        _complain(file_name, f"id {profile.id!r} is not lower-case ASCII with hyphens")
    _check_zone(file_name, "time_zone", profile.time_zone)
    _check_zone(file_name, "federal_time_zone", profile.federal_time_zone)
    if not profile.vocabulary.get("federal_clock"):
        _complain(file_name, "vocabulary lacks federal_clock, the name of the second clock")
    if not 0 <= profile.partial_min_cover <= 1:
        _complain(file_name, "partial_min_cover must lie between 0 and 1")
    if not 0 < profile.problem_window_days <= _PROBLEM_WINDOW_MAX_DAYS:
        _complain(file_name, f"problem_window_days must be above 0 and at most {_PROBLEM_WINDOW_MAX_DAYS}")
    for file, field, entries in (
        ("sectors.toml", "sector", profile.sectors),
        ("areas.toml", "area", profile.areas),
        ("norms.toml", "channel", profile.channels),
        ("incidents.toml", "level", profile.levels),
    ):
        if not entries:
            _complain(file, f"there is no [[{field}]]")


def _check_topics(profile: Profile) -> None:
    file_name = "sectors.toml"
    sectors = {sector.id for sector in profile.sectors}
    others = [topic for topic in profile.topics if topic.other]
    if len(others) != 1:
        _complain(file_name, f"exactly one topic must be other = true, not {len(others)}")
    own_sector = others[0].sector
    if any(topic.sector == own_sector and not topic.other for topic in profile.topics):
        _complain(
            file_name, f"topic {others[0].id}: the other topic needs a sector of its own, {own_sector!r} has more"
        )
    for topic in profile.topics:
        _check_reference(file_name, f"topic {topic.id}: sector", topic.sector, sectors)
        for keyword in topic.keywords:
            if not keyword.strip() or keyword != keyword.lower() or "ё" in keyword:
                _complain(file_name, f"topic {topic.id}: keyword {keyword!r} must be lower-case, with е for ё")
    for sector in profile.sectors:
        number = sum(topic.sector == sector.id for topic in profile.topics)
        if number < MIN_TOPICS and sector.id != own_sector:
            _complain(file_name, f"sector {sector.id} has {number} topics, at least {MIN_TOPICS} are needed")


def _check_places(profile: Profile) -> None:
    areas = {area.id for area in profile.areas}
    for area in profile.areas:
        _check_point("areas.toml", f"area {area.id}", area.lat, area.lon)
        if area.population is not None and area.population <= 0:
            _complain("areas.toml", f"area {area.id}: population must be above 0, or left out")
    for place in profile.places:
        _check_reference("places.toml", f"place {place.name}: area", place.area, areas)
        _check_point("places.toml", f"place {place.name}", place.lat, place.lon)


def _check_bodies(profile: Profile) -> None:
    areas = {area.id for area in profile.areas}
    sectors = {sector.id for sector in profile.sectors}
    for body in profile.bodies:
        for sector in body.sectors:
            _check_reference("bodies.toml", f"body {body.id}: sectors", sector, sectors)
        if body.area is not None:
            _check_reference("bodies.toml", f"body {body.id}: area", body.area, areas)


def _check_norms(profile: Profile) -> None:
    norms = {norm.id for norm in profile.norms}
    for norm in profile.norms:
        if norm.hours <= 0:
            _complain("norms.toml", f"norm {norm.id}: hours must be above 0")
    for channel in profile.channels:
        if channel.norm is not None:
            _check_reference("norms.toml", f"channel {channel.id}: norm", channel.norm, norms)
    kpis = [target.kpi for target in profile.targets]
    if len(set(kpis)) != len(kpis):
        _complain("norms.toml", "a kpi has two targets")


def _check_incidents(profile: Profile) -> None:
    file_name = "incidents.toml"
    sectors = {sector.id for sector in profile.sectors}
    others = sum(kind.other for kind in profile.incident_kinds)
    if others != 1:
        _complain(file_name, f"exactly one kind must be other = true, not {others}")
    for kind in profile.incident_kinds:
        if kind.sector is not None:
            _check_reference(file_name, f"kind {kind.id}: sector", kind.sector, sectors)
    ranks = sorted(level.rank for level in profile.levels)
    if ranks != list(range(1, len(ranks) + 1)):
        _complain(file_name, "the ranks of the levels must be 1, 2, 3 … without gap or repeat")


def _check_lengths(profile: Profile) -> None:
    for sector in profile.sectors:
        _check_length("sectors.toml", f"sector {sector.id}: short_name", sector.short_name, MAX_SECTOR_SHORT)
    for topic in profile.topics:
        _check_length("sectors.toml", f"topic {topic.id}: short_name", topic.short_name, MAX_TOPIC_SHORT)
    for area in profile.areas:
        _check_length("areas.toml", f"area {area.id}: short_name", area.short_name, MAX_AREA_SHORT)
    for channel in profile.channels:
        _check_length("norms.toml", f"channel {channel.id}: short_name", channel.short_name, MAX_CHANNEL_SHORT)
    for kind in profile.incident_kinds:
        _check_length("incidents.toml", f"kind {kind.id}: short_name", kind.short_name, MAX_KIND_SHORT)


def _check_slugs(file_name: str, key: str, slugs: Sequence[str]) -> None:
    seen: set[str] = set()
    for slug in slugs:
        if not _SLUG.fullmatch(slug):
            _complain(file_name, f"{key} {slug!r}: id is not lower-case ASCII with hyphens")
        if slug in seen:
            _complain(file_name, f"{key} {slug}: id stands twice")
        seen.add(slug)


def _check_reference(file_name: str, where: str, slug: str, known: Iterable[str]) -> None:
    if slug not in known:
        _complain(file_name, f"{where} {slug!r} does not exist; known are {', '.join(sorted(known))}")


def _check_length(file_name: str, where: str, text: str, limit: int) -> None:
    if not 0 < len(text) <= limit:
        _complain(file_name, f"{where} {text!r} must have 1 to {limit} characters")


def _check_point(file_name: str, where: str, lat: float, lon: float) -> None:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # noqa: PLR2004 - degrees
        _complain(file_name, f"{where}: lat and lon must be degrees")


def _check_zone(file_name: str, where: str, name: str | None) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        _complain(file_name, f"{where}: {name!r} is not a time zone")


def _complain(file_name: str, what: str) -> None:
    message = f"{file_name}: {what}."
    raise ProfileError(message)
