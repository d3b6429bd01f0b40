"""A pack's content from the golden snapshot: an invented region with one source of appeals and one of incidents."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec

from svodka.domain.codec import encode
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.readmodels import values as v
from svodka.reports.assemble import PackPlan, PanelPlan, ScenePlan, assemble
from svodka.reports.content import Annotation, OrderGiven, PackContent
from svodka.reports.wording import Wording
from tests.golden import examples
from tests.profile_factory import write_profile

SOURCES = "".join(
    f"""
[[source]]
id = "{id_}"
name = "{name}"
connector = "open311"
records = "{records}"
url = "http://127.0.0.1:9/"
interval_s = 5.0
ageing_s = 30.0
stale_s = 60.0
dead_s = 600.0
cover = {cover}
{'channel = "web"' if records == "appeals" else ""}
"""
    for id_, name, records, cover in (
        ("portal-main", "Портал", "appeals", 3),
        ("dispatch", "Диспетчер", "incidents", 1),
    )
)
PANELS = {
    "kpi-in-time": "in_time",
    "kpi-response": "response",
    "flow": "flow",
    "sectors": "sectors",
    "map": "map",
    "kpi-open": "open",
    "kpi-satisfaction": "satisfaction",
    "incidents": "incidents",
    "feed": "feed",
    "sources": "sources",
}
ID = "2026-03-02-1730-7f3a"


def make_profile(folder: Path) -> Profile:
    """Return the invented region."""
    return load_profile(str(write_profile(folder, sources=SOURCES)))


def make_snapshot(**silent_s: float | None) -> bytes:
    """Return the golden snapshot; sources named here (_ for -) were read so many seconds before it, None: never."""
    snapshot = examples.snapshot()
    ages = {"portal-main": 12.0, "dispatch": 3.0} | {name.replace("_", "-"): age for name, age in silent_s.items()}
    views = []
    for view in snapshot.values["sources"].sources:
        age = ages[view.source]
        at = None if age is None else snapshot.at - timedelta(seconds=age)
        views.append(
            msgspec.structs.replace(view, last_complete_at=at, last_success_at=at, failing=False, error_kind="")
        )
    values = snapshot.values | {"sources": v.SourcesValue(sources=tuple(views))}
    return encode(msgspec.structs.replace(snapshot, values=values))


def make_plan(**more: object) -> PackPlan:
    """Return the plan of one scene with all panels, notes, an annotation and an order."""
    scene = ScenePlan(
        ref="overview",
        title="Обстановка",
        panels=tuple(PanelPlan(slot=slot, kind=slot, key=key) for slot, key in PANELS.items()),
        notes="Начать с просроченных.",
        annotations=(Annotation(text="Мост: срок сегодня", column=5, row=6),),
    )
    plan = PackPlan(
        id=ID,
        title="Доклад главе",
        scenes=(scene,),
        attribution=("© участники OpenStreetMap",),
        protocol="Заслушаны все.",
        orders=(OrderGiven(number=1, text="Закрыть просроченные", body="Минстрой", due_on=date(2026, 3, 5)),),
    )
    return msgspec.structs.replace(plan, **more)


def make_content(
    profile: Profile, snapshot: bytes | None = None, language: str = "ru", plan: PackPlan | None = None
) -> tuple[PackContent, Wording]:
    """Return what the pack says, and the words it says it with."""
    words = load_catalogue(language)
    plan = plan or make_plan()
    snapshot = snapshot or make_snapshot()
    content = assemble(plan, {scene.ref: snapshot for scene in plan.scenes}, profile, words)
    return content, Wording(words, profile.zone)
