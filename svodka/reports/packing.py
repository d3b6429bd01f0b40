"""Makes packs: takes them from the queue, has a child process make each, tells how far it is, and keeps the files.

Any web process serves the queue. What a pack is made of lies in the database; the child pictures the scenes by the own
server. A cancelled pack ends its child; a child whose maker has died is taken up anew by another.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog

from svodka.briefings.model import GivenOrder, Story, StoryPage
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.codec import DecodeError, decode_as, encode
from svodka.reports.assemble import PackPlan, PanelPlan, ScenePlan
from svodka.reports.browser import find_browser
from svodka.reports.build import WITH_PICTURES, BuildOrder, Progress, part_of
from svodka.reports.content import Annotation, OrderGiven
from svodka.reports.order import ExitCode, Order
from svodka.storage.briefings import load_briefing
from svodka.storage.database import Database
from svodka.storage.moments import StoredMoment, StoredScene, load_moment, load_scenes
from svodka.storage.packs import (
    PackState,
    StoredPack,
    end_pack,
    is_any_free,
    load_old,
    note_progress,
    note_removed,
    take_pack,
)

FROZEN_S = 1800.0
_ROOT = Path(__file__).resolve().parents[2]
_TOLD_EVERY_S = 2.0
_SILENT_LIMIT_S = 180.0
_END_GRACE_S = 5.0
_CHUNK = 1 << 20
_ERRORS_CHARS = 4000


class PackRefusal(StrEnum):
    """Why a pack was not made; a person reads `briefing.pack.error.<value>` of the locales, which says what to do."""

    NO_BROWSER = "no_browser"
    PAGE_FAILED = "page_failed"
    BROWSER_FAILED = "browser_failed"
    TOO_SLOW = "too_slow"
    NOT_WRITTEN = "not_written"
    NO_MOMENT = "no_moment"
    FAILED = "failed"


_BY_CODE = {
    ExitCode.PAGE_FAILED: PackRefusal.PAGE_FAILED,
    ExitCode.BROWSER_FAILED: PackRefusal.BROWSER_FAILED,
    ExitCode.TOO_SLOW: PackRefusal.TOO_SLOW,
    ExitCode.NOT_WRITTEN: PackRefusal.NOT_WRITTEN,
    ExitCode.NO_BROWSER: PackRefusal.NO_BROWSER,
}


class _RefusedError(Exception):
    def __init__(self, refusal: PackRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """A finished pack: where it lies, and which formats it lacks and why."""

    path: Path
    failed: tuple[str, ...] = ()
    why: PackRefusal = PackRefusal.FAILED


class PackSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What packs are made with.

    Attributes:
        folder: Where finished packs lie.
        base_url: Origin of the own server, loopback.
        profile, sources: Where the child reads names and limits from.
        language: Of the files.
        fonts: Folder of the typefaces.
        width, height: Of the pictures, in pixels: the wall's.
        attribution: Lines that the map's licences ask for.
        ready_limit_s: How long a scene may take to become ready before it is pictured as it is.
    """

    folder: Path
    base_url: str
    profile: str
    sources: str
    language: str
    fonts: Path
    width: int
    height: int
    attribution: tuple[str, ...] = ()
    ready_limit_s: float = 60.0


class PackMaker:
    """Makes the packs that wait.

    Args:
        settings: What they are made with.
        ask: Calls a function with the database, and words behind it, where waiting holds up nobody.
        keep: Keeps snapshots under a token for so many seconds, for the child's browser.
        clock: The product's clock.
        real_clock: The machine's clock: who makes a pack lives in it.
        browser: Finds the browser's executable.
    """

    def __init__(
        self,
        settings: PackSettings,
        *,
        ask: Callable[..., Any],
        keep: Callable[[Mapping[str, bytes], float], str],
        clock: Clock,
        real_clock: Clock,
        browser: Callable[[], str | None] = find_browser,
    ) -> None:
        self._settings, self._ask, self._keep = settings, ask, keep
        self._clock, self._real_clock, self._browser = clock, real_clock, browser
        self._log = structlog.get_logger().bind(part="packs")
        self._child: subprocess.Popen[bytes] | None = None

    def step(self) -> bool:
        """Make the next pack.

        Returns:
            Whether there was one.

        Raises:
            StorageUnavailableError: The database does not answer; the pack is taken up again later.
        """
        pack: StoredPack | None = self._ask(_take, self._real_clock.now())
        if pack is None:
            return False
        started_s = monotonic_s()
        try:
            made = self._make(pack)
        except _RefusedError as error:
            self._log.warning("pack_failed", pack=pack.id, why=error.refusal.value)
            self._ask(_end, pack.id, PackState.FAILED, self._clock.now(), {"error": error.refusal.value})
            return True
        if made is None:  # cancelled meanwhile
            return True
        path, failed = made.path, ",".join(made.failed)
        told = {"file": path.name, "bytes": path.stat().st_size, "sha256": hash_file(path), "what": failed}
        if failed:
            told["error"] = made.why.value
            self._log.warning("pack_lacks_files", pack=pack.id, formats=failed, why=made.why.value)
        if not self._ask(_end, pack.id, PackState.DONE, self._clock.now(), told):
            path.unlink(missing_ok=True)
        self._log.info("pack_made", pack=pack.id, took_s=round(monotonic_s() - started_s, 1), bytes=told["bytes"])
        return True

    def stop(self) -> None:
        """End what is being made: another process takes it up."""
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()

    def remove_old(self, schedule: str, keep: int) -> None:
        """Delete the files of a schedule's packs beyond the newest so many."""
        for pack in self._ask(_load_old, schedule, keep):
            (self._settings.folder / pack.file).unlink(missing_ok=True)
            self._ask(_note_removed, pack.id)

    def _make(self, pack: StoredPack) -> _Made | None:
        found: tuple[StoredMoment, list[StoredScene], Story | None] | None = self._ask(_load, pack.moment_id)
        if found is None:
            raise _RefusedError(PackRefusal.NO_MOMENT)
        order = self._order(pack, *found)
        try:
            self._settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _RefusedError(PackRefusal.NOT_WRITTEN) from error
        return self._run(pack, order)

    def _order(
        self, pack: StoredPack, moment: StoredMoment, scenes: list[StoredScene], story: Story | None
    ) -> BuildOrder:
        formats = tuple(pack.formats.split(","))
        snapshots = {scene.scene: scene.body for scene in scenes}
        picture = None
        executable = None if WITH_PICTURES.isdisjoint(formats) else self._browser()
        if executable is not None:
            picture = Order(
                base_url=self._settings.base_url,
                path="/wall",
                token=self._keep(snapshots, FROZEN_S),
                width=self._settings.width,
                height=self._settings.height,
                ready_limit_s=self._settings.ready_limit_s,
                executable=executable,
                parent_pid=os.getpid(),
            )
        try:
            plan = make_plan(moment, scenes, story, self._settings.attribution)
        except DecodeError as error:
            raise _RefusedError(PackRefusal.FAILED) from error
        return BuildOrder(
            plan=plan,
            snapshots={scene: body.decode() for scene, body in snapshots.items()},
            formats=formats,
            profile=self._settings.profile,
            sources=self._settings.sources,
            language=self._settings.language,
            fonts=str(self._settings.fonts),
            picture=picture,
            # Of two makers, one of which was thought dead, none may write or delete the other's file.
            target=str(self._settings.folder / f"svodka-{moment.id}-{pack.id}-{secrets.token_hex(4)}.zip"),
            parent_pid=os.getpid(),
        )

    def _run(self, pack: StoredPack, order: BuildOrder) -> _Made | None:
        """Return the finished pack, None where it is not wanted any more."""
        child = subprocess.Popen(
            [sys.executable, "-m", "svodka.reports.build"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._child = child
        made = None
        try:
            made = self._watch(pack, order, child)
        finally:
            self._child = None
            end_child(child)
            if made is None:  # cancelled or failed, perhaps in the moment in which it was finished
                for left in (Path(order.target), part_of(Path(order.target))):
                    left.unlink(missing_ok=True)
        return made

    def _watch(self, pack: StoredPack, order: BuildOrder, child: subprocess.Popen[bytes]) -> _Made | None:
        assert child.stdin is not None  # noqa: S101 - a pipe was asked for
        assert child.stdout is not None  # noqa: S101
        assert child.stderr is not None  # noqa: S101
        lines: queue.Queue[bytes] = queue.Queue()
        errors: queue.Queue[bytes] = queue.Queue()
        for stream, kept in ((child.stdout, lines), (child.stderr, errors)):
            threading.Thread(target=_read_lines, args=(stream, kept), daemon=True).start()
        child.stdin.write(encode(order))
        child.stdin.close()
        progress, spoke_s = Progress(done=0, of=0, what=""), monotonic_s()
        while True:
            try:
                line = lines.get(timeout=_TOLD_EVERY_S)
            except queue.Empty:
                line = None
            if line == b"":
                break
            if line is not None:
                progress, spoke_s = decode_as(line, Progress), monotonic_s()
            if monotonic_s() - spoke_s > _SILENT_LIMIT_S:
                raise _RefusedError(PackRefusal.TOO_SLOW)
            if not self._ask(_note, pack.id, self._real_clock.now(), progress):
                return None
        code = child.wait(_END_GRACE_S)
        if code == ExitCode.OK and not progress.failed:
            return _Made(path=Path(order.target))
        self._log.warning("pack_child_failed", pack=pack.id, code=code, said=_read_errors(errors))
        if code == ExitCode.OK:
            return _Made(path=Path(order.target), failed=progress.failed, why=_refusal_of(progress.why))
        raise _RefusedError(_refusal_of(code))


def _refusal_of(code: int | None) -> PackRefusal:
    return next((refusal for known, refusal in _BY_CODE.items() if known == code), PackRefusal.FAILED)


def make_plan(
    moment: StoredMoment, scenes: list[StoredScene], story: Story | None, attribution: tuple[str, ...]
) -> PackPlan:
    """Return what a pack is made of: the pages of the story, or where there is none every stored scene.

    Raises:
        DecodeError: The stored panels are of another shape.
    """
    by_ref = {scene.scene: scene for scene in scenes}
    story = story or Story(title=moment.title, pages=tuple(StoryPage(scene=scene.scene) for scene in scenes))
    pages: dict[str, ScenePlan] = {}
    for page in story.pages:
        if page.scene in by_ref:
            pages[page.scene] = _page(by_ref[page.scene], page, pages.get(page.scene))
    return PackPlan(
        id=moment.id,
        title=story.title,
        scenes=tuple(pages.values()),
        attribution=attribution,
        protocol=story.protocol,
        orders=tuple(_order(order) for order in story.orders),
    )


def _page(scene: StoredScene, page: StoryPage, before: ScenePlan | None) -> ScenePlan:
    """Return a scene's page; one that is shown twice stands in the pack once, with all that is said over it."""
    placed = tuple(
        Annotation(text=each.text, column=each.column, row=each.row, span=each.span) for each in page.annotations
    )
    notes = page.notes
    if before is not None:
        placed, notes = before.annotations + placed, "\n".join(part for part in (before.notes, notes) if part)
    return ScenePlan(
        ref=scene.scene,
        title=scene.title,
        panels=tuple(decode_as(scene.panels, list[PanelPlan])),
        notes=notes,
        annotations=placed,
    )


def _order(order: GivenOrder) -> OrderGiven:
    return OrderGiven(number=order.number, text=order.text, body=order.body, due_on=order.due_on)


def end_child(child: subprocess.Popen[bytes]) -> None:
    """End a child and collect it; its browser ends with it because their pipe breaks."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_END_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _read_lines(stream: IO[bytes], kept: queue.Queue[bytes]) -> None:
    for line in stream:
        kept.put(line)
    kept.put(b"")


def _read_errors(errors: queue.Queue[bytes]) -> str:
    """Return the end of what a child that has ended said was wrong: a line for each format, or where it happened."""
    said = b""
    with contextlib.suppress(queue.Empty):
        while line := errors.get(timeout=1.0):
            said += line
    return said.decode(errors="replace").strip()[-_ERRORS_CHARS:]


def _take(database: Database, now: datetime) -> StoredPack | None:
    with database.read() as connection:  # which costs no writer anything: nearly always there is none
        if not is_any_free(connection, now):
            return None
    with database.write() as connection:
        return take_pack(connection, now)


def _note(database: Database, pack_id: int, now: datetime, progress: Progress) -> bool:
    with database.write() as connection:
        return note_progress(connection, pack_id, now, done=progress.done, steps=progress.of, what=progress.what)


def _end(database: Database, pack_id: int, state: PackState, now: datetime, told: dict[str, object]) -> bool:
    with database.write() as connection:
        return end_pack(connection, pack_id, state, now, **told)


def _load(database: Database, moment_id: str) -> tuple[StoredMoment, list[StoredScene], Story | None] | None:
    with database.read() as connection:
        moment, row = load_moment(connection, moment_id), load_briefing(connection, moment_id)
        if moment is None:
            return None
        story = None if row is None else decode_as(row.story, Story)
        return moment, load_scenes(connection, moment_id), story


def _load_old(database: Database, schedule: str, keep: int) -> list[StoredPack]:
    with database.read() as connection:
        return load_old(connection, schedule, keep)


def _note_removed(database: Database, pack_id: int) -> None:
    with database.write() as connection:
        note_removed(connection, pack_id)
