"""What a page needs once: names by slug, zones, words, kinds of panel, limits of freshness, the map's frame.

Served as `/page/<name>/config.json`. Everything that moves comes over the socket; nothing here does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from svodka import __version__
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.model import Profile, SourceConfig
from svodka.scenes.book import SceneBook
from svodka.scenes.kinds import KINDS, PanelKind
from svodka.scenes.model import Grid, Scene, Tracks

# Keys of locales/ that the browser's code uses.
BROWSER_WORDS = (
    "state.",
    "banner.",
    "remark.",
    "missed.",
    "header.",
    "mark.",
    "panel.",
    "kpi.",
    "flow.",
    "sectors.",
    "map.",
    "incidents.",
    "feed.",
    "sources.",
    "unit.",
    "snapshot.",
    "follow.",
    "connection.",
    "status.",
    "error.",
    "format.",
    "list.",
    "week.",
    "source_table.",
    "incident_list.",
    "area_facts.",
    "rating.",
    "topics.",
)


class Geometry(Protocol):
    """What the page asks of the map's geometry (`svodka.geography.geometry`)."""

    @property
    def kind(self) -> str:
        """`official` or `schematic`."""
        ...

    @property
    def attribution(self) -> tuple[str, ...]:
        """Lines that the licences of the borders ask for."""
        ...

    @property
    def label_points(self) -> dict[str, tuple[float, float]]:
        """A point (longitude, latitude) inside each area."""
        ...

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, in degrees."""
        ...

    @property
    def style(self) -> dict[str, Any] | str | None:
        """The operator's own map below the areas, or where browsers ask for it; None: there is none."""
        ...

    @property
    def area_bounds(self) -> Mapping[str, tuple[float, float, float, float]]:
        """The same of each area."""
        ...


def build_page_config(profile: Profile, geometry: Geometry, language: str, *, real_time: bool = True) -> dict[str, Any]:
    """Return the configuration of the wall as plain JSON values.

    Args:
        profile: The region with the sources that are really connected.
        geometry: The prepared map.
        language: Of the words.
        real_time: Whether the server's clock is the time of day, with which a browser may compare its own.

    Returns:
        A dictionary that `assets/js/main.mjs` reads; see docs/wall.md for its fields.
    """
    words = load_catalogue(language)
    return {
        "language": language,
        "version": __version__,  # another version of the page begins again
        "words": words.below(*BROWSER_WORDS),
        "region": {"name": profile.name, "title": profile.title, "vocabulary": profile.vocabulary},
        "zones": {"local": profile.time_zone, "federal": profile.federal_time_zone},
        "real_time": real_time,
        "is_simulated": profile.is_simulated,
        "partial_min_cover": profile.partial_min_cover,
        "sources": [_source(source) for source in profile.sources],
        "kinds": build_kinds_config(profile),
        "names": {
            "sectors": {s.id: s.short_name for s in profile.sectors},
            "topics": {t.id: t.short_name for t in profile.topics},
            "channels": {c.id: c.short_name for c in profile.channels},
            "kinds": {k.id: {"name": k.short_name, "unit": k.affected_unit} for k in profile.incident_kinds},
            "norms": {n.id: {"name": n.name, "hours": n.hours, "example": n.example} for n in profile.norms},
        },
        "levels": [
            {"id": level.id, "name": level.short_name, "rank": level.rank, "shape": level.shape, "tone": level.tone}
            for level in sorted(profile.levels, key=lambda level: level.rank)
        ],
        "areas": {
            area.id: {
                "name": area.short_name,
                "lat": area.lat,
                "lon": area.lon,
                "population": area.population,
                "population_on": area.population_on,
                "kind": area.kind,
                "centre": area.centre,
                "label_point": geometry.label_points.get(area.id),
            }
            for area in profile.areas
        },
        "targets": {
            t.kpi: {"value": t.value, "better": t.better, "example": t.example, "source": t.source}
            for t in profile.targets
        },
        "map": {
            "kind": str(geometry.kind),
            "attribution": list(geometry.attribution),
            "bounds": list(geometry.bounds),
            "area_bounds": {slug: list(box) for slug, box in geometry.area_bounds.items()},
            "places": [
                {"name": place.name, "area": place.area, "lat": place.lat, "lon": place.lon}
                for place in sorted(profile.places, key=lambda place: -place.population)
            ],
            "style": geometry.style,
            "url": "/geodata/areas.json",
        },
    }


def _source(source: SourceConfig) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name,
        "records": source.records,
        "simulated": source.simulated,
        "cover": source.cover,
        "limits": {"ageing_s": source.ageing_s, "stale_s": source.stale_s, "dead_s": source.dead_s},
    }


def build_kinds_config(profile: Profile) -> dict[str, Any]:
    """Return the kinds of panel as the browser knows them, by name."""
    return {kind.kind: _kind(kind, profile) for kind in KINDS}


def _kind(kind: PanelKind, profile: Profile) -> dict[str, Any]:
    return {
        "stem": kind.stem,
        "beside": kind.beside,
        "tables": kind.tables,
        "takes": kind.takes,
        "narrows": [name for name in kind.takes if name not in kind.apart],
        "defaults": {name: values[0] for name, values in kind.choices.items()},
        "has_figure": kind.has_figure,
        "sources": [s.id for s in profile.sources if kind.rests_on in {"all", s.records}],
    }


def build_scenes_config(scenes: SceneBook, language: str) -> dict[str, Any]:
    """Return the scenes as the browser places them.

    Args:
        scenes: As they are now.
        language: Of the titles.

    Returns:
        `version`, another one after every change; `first`, shown where nothing else is said; and `scenes` by id.
    """
    return {
        "version": scenes.version,
        "first": str(scenes.find(None)),
        "scenes": {id_: _scene(scene, language) for id_, scene in scenes.scenes.items()},
    }


def _scene(scene: Scene, language: str) -> dict[str, Any]:
    return {
        "title": (scene.title_en or scene.title) if language == "en" else scene.title,
        "takes": scene.takes,
        "grid": _grid(scene.grid),
        "wide": None if scene.wide is None else _grid(scene.wide),
        "panels": [
            {
                "kind": panel.kind,
                "title": (panel.title_en or panel.title) if language == "en" else panel.title,
                "at": panel.at,
                "span": panel.span,
                "wide_at": panel.wide_at,
                "wide_span": panel.wide_span,
                "params": dict(panel.params),
            }
            for panel in scene.panels
        ],
    }


def _grid(grid: Grid) -> dict[str, list[str]]:
    return {"columns": _tracks(grid.columns), "rows": _tracks(grid.rows)}


def _tracks(tracks: Tracks) -> list[str]:
    """Return tracks as CSS; a share never grows with what stands in it."""
    return [f"minmax(0, {track})" if isinstance(track, str) else f"{track:g}rem" for track in tracks]
