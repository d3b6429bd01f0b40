"""Two makers of one pack leave each other's files alone; a scene that was not drawn in time is marked."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from svodka.domain.clock import ManualClock
from svodka.reports import build, packing
from svodka.reports.order import Order
from svodka.storage.moments import StoredMoment, StoredScene
from tests.office import read_slides
from tests.report_factory import make_plan, make_profile, make_snapshot
from tests.unit.test_pack_files import picture

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
MOMENT = StoredMoment(id="2026-11-22-0930-7f3a", kind="export", title="Д", at=NOW, epoch="e", seq=7, saved_by="")
SETTINGS = packing.PackSettings(
    folder=Path(), base_url="", profile="", sources="", language="ru", fonts=Path(), width=320, height=240
)


def test_a_maker_that_comes_second_leaves_the_first_ones_file(tmp_path, monkeypatch):
    """One that stood still for a minute was thought dead: both finish, one is told that it is not wanted."""
    kept = []

    def ask(function, *words):
        if function is packing._take:
            return SimpleNamespace(id=1, moment_id=MOMENT.id, formats="docx")
        if function is packing._load:
            return MOMENT, [StoredScene(scene="overview", title="О", panels="[]", body=b"{}")], None
        kept.append(words[-1]["file"])
        return len(kept) == 1

    def watch(_maker, _pack, order, _child):
        Path(order.target).write_bytes(b"PK")
        return Path(order.target)

    monkeypatch.setattr(packing.PackMaker, "_watch", watch)
    monkeypatch.setattr(packing.subprocess, "Popen", lambda *_, **__: SimpleNamespace(poll=lambda: 0))
    folder = packing.msgspec.structs.replace(SETTINGS, folder=tmp_path)
    clock = ManualClock(NOW)
    for _ in range(2):
        assert packing.PackMaker(folder, ask=ask, keep=lambda *_: "", clock=clock, real_clock=clock).step()
    assert [path.name for path in tmp_path.iterdir()] == kept[:1]


def test_a_scene_that_was_not_drawn_in_time_is_marked_where_its_picture_stands(tmp_path, monkeypatch):
    """On its slide and in the name of its file."""
    make_profile(tmp_path / "invented")
    plan = make_plan()
    order = build.BuildOrder(
        plan=plan,
        snapshots={scene.ref: make_snapshot().decode() for scene in plan.scenes},
        formats=("png", "pptx"),
        profile=str(tmp_path / "invented"),
        sources="",
        language="ru",
        fonts="",
        picture=Order(
            base_url="", path="/wall", token="", width=320, height=240, ready_limit_s=1, executable="", parent_pid=1
        ),
        target="",
        parent_pid=1,
    )
    monkeypatch.setattr(build, "open_page", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(build, "take_picture", lambda *_: (picture(), SimpleNamespace(ready=False)))
    monkeypatch.setattr(build.Builder, "_tell", lambda *_: None)
    with zipfile.ZipFile(io.BytesIO(build.Builder(order).build())) as pack:
        names = pack.namelist()
        slides = read_slides(pack.read(next(name for name in names if name.endswith(".pptx"))))
    words = "Нарисовано не всё"
    assert all(words in name for name in names if name.endswith(".png"))
    assert any(words in line for slide in slides for lines in slide.texts.values() for line in lines)
