"""Two makers of one pack leave each other's files alone; a scene that was not drawn in time is marked."""

from __future__ import annotations

import contextlib
import io
import queue
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from playwright.sync_api import Error as BrowserError

from svodka.domain.clock import ManualClock
from svodka.domain.codec import decode_as
from svodka.reports import build, packing
from svodka.reports.order import ExitCode, Order
from svodka.reports.pack import Manifest
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
        return packing._Made(path=Path(order.target))

    monkeypatch.setattr(packing.PackMaker, "_watch", watch)
    monkeypatch.setattr(packing.subprocess, "Popen", lambda *_, **__: SimpleNamespace(poll=lambda: 0))
    folder = msgspec.structs.replace(SETTINGS, folder=tmp_path)
    clock = ManualClock(NOW)
    for _ in range(2):
        assert packing.PackMaker(folder, ask=ask, keep=lambda *_: "", clock=clock, real_clock=clock).step()
    assert [path.name for path in tmp_path.iterdir()] == kept[:1]


def make_order(tmp_path, formats, **words):
    make_profile(tmp_path / "invented")
    plan = make_plan()
    picture = Order(
        base_url="", path="/wall", token="", width=320, height=240, ready_limit_s=1, executable="", parent_pid=1
    )
    order = build.BuildOrder(
        plan=plan,
        snapshots={scene.ref: make_snapshot().decode() for scene in plan.scenes},
        formats=formats,
        profile=str(tmp_path / "invented"),
        sources="",
        language="ru",
        fonts="",
        picture=picture,
        target="",
        parent_pid=1,
    )
    return msgspec.structs.replace(order, **words)


def test_a_scene_that_was_not_drawn_in_time_is_marked_where_its_picture_stands(tmp_path, monkeypatch):
    """On its slide and in the name of its file."""
    order = make_order(tmp_path, ("png", "pptx"))
    monkeypatch.setattr(build, "open_page", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(build, "take_picture", lambda *_: (picture(), SimpleNamespace(ready=False)))
    monkeypatch.setattr(build.Builder, "_tell", lambda *_: None)
    with zipfile.ZipFile(io.BytesIO(build.Builder(order).build())) as pack:
        names = pack.namelist()
        slides = read_slides(pack.read(next(name for name in names if name.endswith(".pptx"))))
    words = "Нарисовано не всё"
    assert all(words in name for name in names if name.endswith(".png"))
    assert any(words in line for slide in slides for lines in slide.texts.values() for line in lines)


def test_pictures_that_came_to_half_leave_nothing_in_the_manifest(tmp_path, monkeypatch, capsys):
    """The second scene breaks the browser after the first was not ready: the memo is there, and one line in the log."""
    order = make_order(tmp_path, ("png", "docx"))
    (scene,) = order.plan.scenes
    plan = msgspec.structs.replace(order.plan, scenes=(scene, msgspec.structs.replace(scene, ref="second")))
    order = msgspec.structs.replace(order, plan=plan, snapshots=order.snapshots | {"second": make_snapshot().decode()})

    def take(_page, picture_order):
        if picture_order.scene == "second":
            message = "the browser is gone\nCall log:\n  - navigating to /wall"
            raise BrowserError(message)
        return picture(), SimpleNamespace(ready=False)

    monkeypatch.setattr(build, "open_page", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(build, "take_picture", take)
    monkeypatch.setattr(build.Builder, "_tell", lambda *_: None)
    with zipfile.ZipFile(io.BytesIO(build.Builder(order).build())) as pack:
        manifest = decode_as(pack.read("manifest.json"), Manifest)
    assert ([file.name[-4:] for file in manifest.files], manifest.failed) == (["docx"], ("png",))
    assert manifest.not_ready == ()
    assert capsys.readouterr().err == "Error: the browser is gone\n"


def test_a_pack_of_which_nothing_could_be_made_says_why_its_first_format_failed(tmp_path, monkeypatch):
    def fail(*_):
        message = "a fault of ours"
        raise ValueError(message)

    monkeypatch.setitem(build._WRITERS, "docx", fail)
    with pytest.raises(build.NoBrowserError):
        build.Builder(make_order(tmp_path, ("docx", "pptx"), picture=None)).build()


def test_a_child_that_is_ended_while_it_writes_leaves_no_half_file(tmp_path, monkeypatch):
    def ask(function, *_words):
        if function is packing._take:
            return SimpleNamespace(id=1, moment_id=MOMENT.id, formats="docx")
        if function is packing._load:
            return MOMENT, [StoredScene(scene="overview", title="О", panels="[]", body=b"{}")], None
        return True

    def watch(_maker, _pack, order, _child):
        build.part_of(Path(order.target)).write_bytes(b"P")
        raise packing._RefusedError(packing.PackRefusal.TOO_SLOW)

    monkeypatch.setattr(packing.PackMaker, "_watch", watch)
    monkeypatch.setattr(packing.subprocess, "Popen", lambda *_, **__: SimpleNamespace(poll=lambda: 0))
    clock = ManualClock(NOW)
    folder = msgspec.structs.replace(SETTINGS, folder=tmp_path)
    assert packing.PackMaker(folder, ask=ask, keep=lambda *_: "", clock=clock, real_clock=clock).step()
    assert list(tmp_path.iterdir()) == []


def test_the_log_has_what_every_format_failed_of():
    errors = queue.Queue()
    for line in (b"Error: the browser is gone\n", b"ValueError: a fault of ours\n", b""):
        errors.put(line)
    assert packing._read_errors(errors) == "Error: the browser is gone\nValueError: a fault of ours"


def build_with_faults(order, monkeypatch, told):
    """Build, and keep what the parent is told; return the endings in the pack and what its manifest lacks."""
    monkeypatch.setattr(build.sys, "stdout", SimpleNamespace(buffer=SimpleNamespace(write=told.append, flush=int)))
    with zipfile.ZipFile(io.BytesIO(build.Builder(order).build())) as pack:
        manifest = decode_as(pack.read("manifest.json"), Manifest)
        return {name.rsplit(".", 1)[-1] for name in pack.namelist()} - {"json"}, manifest.failed


def test_without_a_browser_memo_and_numbers_are_made_and_the_manifest_names_the_rest(tmp_path, monkeypatch):
    told = []
    order = make_order(tmp_path, ("png", "pptx", "docx", "xlsx"), picture=None)
    assert build_with_faults(order, monkeypatch, told) == ({"docx", "xlsx"}, ("png", "pptx"))
    last = decode_as(told[-1], build.Progress)
    assert (last.failed, last.why) == (("png", "pptx"), ExitCode.NO_BROWSER)


def test_a_writer_that_fails_costs_its_own_file_alone(tmp_path, monkeypatch):
    def fail(*_):
        message = "a fault of ours"
        raise ValueError(message)

    told = []
    monkeypatch.setitem(build._WRITERS, "docx", fail)
    order = make_order(tmp_path, ("docx", "xlsx"))
    assert build_with_faults(order, monkeypatch, told) == ({"xlsx"}, ("docx",))
    last = decode_as(told[-1], build.Progress)
    assert (last.failed, last.why) == (("docx",), None)
    with pytest.raises(ValueError, match="a fault of ours"):
        build.Builder(make_order(tmp_path, ("docx",))).build()


def test_what_a_finished_pack_lacks_is_noted_with_it(tmp_path, monkeypatch):
    kept = []

    def ask(function, *words):
        if function is packing._take:
            return SimpleNamespace(id=1, moment_id=MOMENT.id, formats="pdf,docx")
        if function is packing._load:
            return MOMENT, [StoredScene(scene="overview", title="О", panels="[]", body=b"{}")], None
        kept.append(words[-1])
        return True

    def watch(_maker, _pack, order, _child):
        Path(order.target).write_bytes(b"PK")
        return packing._Made(path=Path(order.target), failed=("pdf",), why=packing.PackRefusal.NO_BROWSER)

    monkeypatch.setattr(packing.PackMaker, "_watch", watch)
    monkeypatch.setattr(packing.subprocess, "Popen", lambda *_, **__: SimpleNamespace(poll=lambda: 0))
    clock = ManualClock(NOW)
    folder = msgspec.structs.replace(SETTINGS, folder=tmp_path)
    packing.PackMaker(folder, ask=ask, keep=lambda *_: "", clock=clock, real_clock=clock, browser=lambda: None).step()
    assert (kept[-1]["what"], kept[-1]["error"]) == ("pdf", "no_browser")
