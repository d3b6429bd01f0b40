"""From stored snapshots to what a pack says. Pure: never asks a database or a clock.

The snapshots of all scenes were read in one transaction, so that every number of a pack belongs to one `seq`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from svodka import __version__
from svodka.domain.changes import IncidentRow
from svodka.domain.codec import decode_as
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile, SourceConfig
from svodka.readmodels.keys import parse_key
from svodka.readmodels.registry import READ_MODELS
from svodka.readmodels.values import ClustersValue, SourcesValue, SourceView
from svodka.reports.ages import BLIND, AgedSource, PanelAge, note_of, read_age, source_words
from svodka.reports.content import Annotation, OrderGiven, PackContent, ScenePage, Section, SourceAge
from svodka.reports.sections import write_section
from svodka.reports.sections.told import Parts, Told
from svodka.reports.wording import Wording

_OF_STEM = {model.stem: model.rests_on for model in READ_MODELS}
_SOURCES = "sources"


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack reads of a stored snapshot (`svodka.domain.changes.Snapshot`); the rest of it is for browsers."""

    epoch: str
    seq: int
    at: datetime
    values: dict[str, object]
    tables: dict[str, list[msgspec.Raw]] = {}


class PanelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A panel of a scene: its id on the page, its kind, the text of its value's key (`flow@area=kemerovo`).

    `title` stands in place of the kind's own.
    """

    slot: str
    kind: str
    key: str
    title: str = ""


class ScenePlan(msgspec.Struct, frozen=True, kw_only=True):
    """A scene of the pack, with what the presenter says over it."""

    ref: str
    title: str
    panels: tuple[PanelPlan, ...]
    notes: str = ""
    annotations: tuple[Annotation, ...] = ()


class PackPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack is made of, besides its snapshots."""

    id: str
    title: str
    scenes: tuple[ScenePlan, ...]
    attribution: tuple[str, ...] = ()
    protocol: str = ""
    orders: tuple[OrderGiven, ...] = ()


def assemble(plan: PackPlan, snapshots: Mapping[str, bytes], profile: Profile, words: Catalogue) -> PackContent:
    """Return everything that the pack says.

    Args:
        plan: Its scenes in their order.
        snapshots: The stored snapshot of every scene, JSON, by reference.
        profile: Names, and the limits of the sources' ages.
        words: The language of the pack.

    Raises:
        KeyError: A scene has no snapshot.
        ValidationError: A snapshot is not of the shape that this program knows (`msgspec`).
    """
    wording = Wording(words, profile.zone)
    stored = {scene.ref: decode_as(snapshots[scene.ref], Stored) for scene in plan.scenes}
    first = stored[plan.scenes[0].ref]
    views = _views(first)
    whole = read_age(profile.sources, views, first.at, profile.partial_min_cover)
    return PackContent(
        id=plan.id,
        title=plan.title,
        region=profile.name,
        centre=profile.title,
        at=first.at,
        as_of=whole.as_of,
        epoch=first.epoch,
        seq=first.seq,
        digest=digest_of([snapshots[scene.ref] for scene in plan.scenes]),
        version=__version__,
        is_simulated=profile.is_simulated,
        pages=tuple(_page(scene, stored[scene.ref], profile, wording) for scene in plan.scenes),
        sources=tuple(_source(source, wording) for source in whole.sources),
        attribution=plan.attribution,
        protocol=plan.protocol,
        orders=plan.orders,
    )


def digest_of(snapshots: Sequence[bytes]) -> str:
    """Return the SHA-256 of snapshots, one after another."""
    found = hashlib.sha256()
    for snapshot in snapshots:
        found.update(snapshot)
    return found.hexdigest()


def _views(stored: Stored) -> dict[str, SourceView]:
    value = stored.values.get(_SOURCES)
    return {} if value is None else {view.source: view for view in msgspec.convert(value, SourcesValue).sources}


def _source(source: AgedSource, wording: Wording) -> SourceAge:
    return SourceAge(
        id=source.config.id,
        name=source.config.name,
        brings=wording.t(f"passport.brings.{source.config.records}"),
        state=source.state,
        words=source_words(source, wording),
        age_s=source.age_s,
        last_complete_at=source.at,
        records_total=source.view.records_total if source.view else 0,
    )


def _page(scene: ScenePlan, stored: Stored, profile: Profile, wording: Wording) -> ScenePage:
    views = _views(stored)
    incidents = tuple(msgspec.json.decode(row, type=IncidentRow) for row in stored.tables.get("incidents", []))
    sections = []
    for panel in scene.panels:
        stem, _, scope = panel.key.partition("@")
        params = dict(pair.split("=", 1) for pair in scope.split(",") if "=" in pair)
        age = read_age(_feeds(profile, stem), views, stored.at, profile.partial_min_cover)
        told = Told(
            profile=profile,
            wording=wording,
            at=age.as_of if age.state in BLIND and age.as_of else stored.at,
            incidents=incidents,
            params=params,
            has_appeals=_has(stored, views, profile, "appeals"),
            clusters=_clusters(stored, panel.key),
        )
        sections.append(_section(panel, stem, stored, age, told))
    return ScenePage(
        ref=scene.ref,
        title=scene.title,
        sections=tuple(sections),
        notes=scene.notes,
        annotations=scene.annotations,
    )


def _feeds(profile: Profile, stem: str) -> Sequence[SourceConfig]:
    rests_on = _OF_STEM.get(stem, "all")
    return [source for source in profile.sources if rests_on in {"all", source.records}]


def _clusters(stored: Stored, key: str) -> ClustersValue | None:
    """Return what a map counts beside its own value, None where it is no map or counts nothing.

    A map's value is of all areas; what it counts is of the one that its scene is about (`svodka.scenes.checks`).
    """
    if not _is_of("map", key):
        return None
    own = parse_key(key).scope
    for name, value in stored.values.items():
        if _is_of("clusters", name):
            scope = parse_key(name).scope
            if (scope.sector, scope.period) == (own.sector, own.period):
                return msgspec.convert(value, ClustersValue)
    return None


def _is_of(stem: str, key: str) -> bool:
    return key.partition("@")[0] == stem


def _section(panel: PanelPlan, stem: str, stored: Stored, age: PanelAge, told: Told) -> Section:
    wording, value = told.wording, stored.values.get(panel.key)
    if stem == _SOURCES:
        parts = Parts(message=_say_sources(age, wording))
    elif value is None or _is_nothing_known(stored, age):
        parts = Parts(message=wording.t("state.empty").capitalize())
    else:
        parts = write_section(stem, value, told)
    of = "".join(f"{name}: " for name in _scope(told))  # in a memo a sentence stands without its panel's title
    return Section(
        slot=panel.slot,
        key=panel.key,
        title=_title(panel, told),
        message=f"{of}{parts.message}",
        sentences=parts.sentences,
        figures=tuple(msgspec.structs.replace(each, label=f"{of}{each.label}") for each in parts.figures),
        tables=parts.tables,
        chart=parts.chart,
        state=age.state,
        note=note_of(age, wording),
        as_of=age.as_of,
    )


def _title(panel: PanelPlan, told: Told) -> str:
    title = panel.title or told.wording.t(f"panel.{panel.kind}.title")
    return " · ".join([title, *_scope(told)])


def _scope(told: Told) -> list[str]:
    """Return the names of the area and the sector that a panel is about; none: the region."""
    scope = [area.short_name for area in told.profile.areas if area.id == told.params.get("area")]
    return scope + [sector.name for sector in told.profile.sectors if sector.id == told.params.get("sector")]


def _say_sources(age: PanelAge, wording: Wording) -> str:
    silent = ", ".join(source.config.name for source in age.blind)
    if silent:
        return wording.t("report.say.sources_silent", names=silent)
    return wording.t("report.say.sources_well", n=wording.number(len(age.sources)))


def _has(stored: Stored, views: Mapping[str, SourceView], profile: Profile, records: str) -> bool:
    """Whether a source of these records ever answered, or the database holds any."""
    asked = any(
        source.records == records and views.get(source.id) and views[source.id].last_complete_at
        for source in profile.sources
    )
    return asked or bool(stored.tables.get(records))


def _is_nothing_known(stored: Stored, age: PanelAge) -> bool:
    """Whether no source of a panel ever answered and nothing of theirs is stored: then even 0 would be a lie."""
    if any(source.age_s is not None for source in age.sources):
        return False
    return not any(stored.tables.get(source.config.records) for source in age.sources)
