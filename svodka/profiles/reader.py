"""Reading the folder of a region profile.

A profile is a folder of TOML files; each begins with a `[provenance]` table (source and date), because a fact
without a source is no fact here. What the files say together is checked in `svodka.profiles.checks`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from svodka.profiles.checks import check_profile, check_sources
from svodka.profiles.errors import ProfileError
from svodka.profiles.model import (
    Area,
    Body,
    Channel,
    IncidentKind,
    Level,
    Norm,
    Place,
    Profile,
    Provenance,
    Sector,
    SourceConfig,
    Target,
    Topic,
)

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
PROFILE_FILE = "profile.toml"
SOURCES_FILE = "sources.toml"

# Tables of each file: key in the file, field of the profile, type of one entry.
_FILES: dict[str, tuple[tuple[str, str, type[msgspec.Struct]], ...]] = {
    "sectors.toml": (("sector", "sectors", Sector), ("topic", "topics", Topic)),
    "areas.toml": (("area", "areas", Area),),
    "places.toml": (("place", "places", Place),),
    "bodies.toml": (("body", "bodies", Body),),
    "norms.toml": (("norm", "norms", Norm), ("channel", "channels", Channel), ("target", "targets", Target)),
    "incidents.toml": (("level", "levels", Level), ("kind", "incident_kinds", IncidentKind)),
}
_HEAD = ("id", "name", "title", "time_zone", "federal_time_zone", "partial_min_cover", "outline")

T = TypeVar("T")


def known_profiles(root: Path = PROFILES) -> tuple[str, ...]:
    """Return the names of the profiles in `root`, sorted."""
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{PROFILE_FILE}")))


def load_profile(name_or_path: str, sources_path: str = "", *, root: Path = PROFILES) -> Profile:
    """Read a profile and check it.

    Args:
        name_or_path: Name of a folder in `root`, or the path of a profile's folder.
        sources_path: Path of a sources file to use instead of the profile's own.
        root: Where named profiles lie.

    Returns:
        The profile; `sources` is empty where there is no sources file.

    Raises:
        ProfileError: There is no such profile, or one of its files cannot be used; the message names file and key.
    """
    folder = _find_folder(name_or_path, root)
    provenance: dict[str, Provenance] = {}
    parts = _read_file(folder / PROFILE_FILE, provenance)
    head = parts.pop("profile", {})
    fields: dict[str, Any] = {"folder": str(folder)}
    for key in _HEAD:
        if key not in head:
            message = f"{folder.name}/{PROFILE_FILE}: {key} is missing."
            raise ProfileError(message)
        fields[key] = head.pop(key)
    if "problem_window_days" in head:
        fields["problem_window_days"] = head.pop("problem_window_days")
    fields["vocabulary"] = parts.pop("vocabulary", {})
    _refuse_unknown(folder / PROFILE_FILE, head)
    _refuse_unknown(folder / PROFILE_FILE, parts)
    for file_name, tables in _FILES.items():
        data = _read_file(folder / file_name, provenance)
        for key, field, kind in tables:
            fields[field] = _convert(folder / file_name, key, data.pop(key, []), kind)
        _refuse_unknown(folder / file_name, data)
    sources_file = Path(sources_path) if sources_path else folder / SOURCES_FILE
    fields["sources"] = _read_sources(sources_file, provenance) if sources_path or sources_file.exists() else ()
    try:
        profile = msgspec.convert({**fields, "provenance": provenance}, Profile, from_attributes=True)
    except msgspec.ValidationError as error:
        message = f"{folder.name}/{PROFILE_FILE}: {error}."
        raise ProfileError(message) from error
    check_profile(profile)
    check_sources(profile, label_of(sources_file))
    return profile


def load_sources(path: str | Path) -> tuple[SourceConfig, ...]:
    """Read a sources file on its own: `[provenance]` and one `[[source]]` per connected system.

    Args:
        path: Path of the TOML file.

    Returns:
        The sources in the order of the file.

    Raises:
        ProfileError: The file is missing or cannot be used; the message names file and key.
    """
    return _read_sources(Path(path), {})


def label_of(path: Path) -> str:
    """Return how messages name a file: short within a profile, else as the operator wrote it."""
    return f"{path.parent.name}/{path.name}" if (path.parent / PROFILE_FILE).is_file() else str(path)


def _find_folder(name_or_path: str, root: Path) -> Path:
    for folder in (root / name_or_path, Path(name_or_path).absolute()):
        if (folder / PROFILE_FILE).is_file():
            return folder
    known = ", ".join(known_profiles(root)) or "none"
    message = f"There is no profile {name_or_path!r}; known profiles are: {known}."
    raise ProfileError(message)


def _read_sources(path: Path, provenance: dict[str, Provenance]) -> tuple[SourceConfig, ...]:
    data = _read_file(path, provenance)
    sources = _convert(path, "source", data.pop("source", []), SourceConfig)
    _refuse_unknown(path, data)
    return sources


def _read_file(path: Path, provenance: dict[str, Provenance]) -> dict[str, Any]:
    label = label_of(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{label} is missing."
        raise ProfileError(message) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{label} cannot be read: {error}."
        raise ProfileError(message) from error
    if "provenance" not in data:
        message = f"{label}: [provenance] with source and date is missing."
        raise ProfileError(message)
    try:
        provenance[path.name] = msgspec.convert(data.pop("provenance"), Provenance)
    except msgspec.ValidationError as error:
        message = f"{label}: provenance: {error}."
        raise ProfileError(message) from error
    return data


def _convert(path: Path, key: str, entries: Any, kind: type[T]) -> tuple[T, ...]:  # noqa: ANN401 - raw TOML
    label = label_of(path)
    if not isinstance(entries, list):
        message = f"{label}: {key} must be written as [[{key}]]."
        raise ProfileError(message)
    converted = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id") or entry.get("name") or entry.get("kpi") if isinstance(entry, dict) else None
        try:
            converted.append(msgspec.convert(entry, kind))
        except msgspec.ValidationError as error:
            message = f"{label}: {key} {name or number}: {error}."
            raise ProfileError(message) from error
    return tuple(converted)


def _refuse_unknown(path: Path, rest: dict[str, Any]) -> None:
    if rest:
        message = f"{label_of(path)}: unknown key {next(iter(rest))}."
        raise ProfileError(message)
