"""The child process that makes one pack: `python -m svodka.reports.build`, order on stdin, progress on stdout.

A process of its own for the reasons of `svodka.reports.render`: a browser may hang or leak, and making files takes a
processor for seconds, which would hold up every push of the web process. It ends with the process that started it.

Each line of its output is one `Progress`; stderr says what failed, the exit code why where nothing could be made.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from svodka.domain.codec import decode_as, encode
from svodka.domain.errors import SvodkaError
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.reader import load_profile
from svodka.reports.assemble import PackPlan, assemble
from svodka.reports.content import PackContent
from svodka.reports.memo import write_memo
from svodka.reports.normal import normalise_office, normalise_pdf
from svodka.reports.order import ExitCode, Order
from svodka.reports.pack import build_pack, file_name
from svodka.reports.paper import read_fonts, write_foot, write_paper
from svodka.reports.render import PageFailedError, end_with, open_page, take_picture
from svodka.reports.sheets import write_sheets
from svodka.reports.slides import write_slides
from svodka.reports.stamp import file_time, titled
from svodka.reports.wording import Wording

FORMATS = ("png", "pptx", "pdf", "docx", "xlsx")
WITH_PICTURES = frozenset({"png", "pptx", "pdf"})


_WRITERS: dict[str, Callable[[PackContent, Wording, Mapping[str, bytes]], bytes]] = {
    "pptx": write_slides,
    "docx": lambda content, wording, _pictures: write_memo(content, wording),
    "xlsx": lambda content, wording, _pictures: write_sheets(content, wording),
}


class BuildOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to make.

    Attributes:
        plan: Scenes, title, orders.
        snapshots: Stored snapshot of every scene, JSON text, by reference.
        formats: Some of `FORMATS`.
        profile, sources: Where names and limits are read from, as `load_profile` wants them.
        language: Of the files.
        fonts: Folder of the typefaces.
        picture: How a scene is pictured; its `scene` is filled in. None: no picture is wanted, or nobody can take one.
        target: Path of the finished ZIP; it appears there at once and whole.
        parent_pid: The process that ordered.
    """

    plan: PackPlan
    snapshots: dict[str, str]
    formats: tuple[str, ...]
    profile: str
    sources: str
    language: str
    fonts: str
    picture: Order | None
    target: str
    parent_pid: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is.

    Attributes:
        done, of: Steps.
        what: Is being made now: a scene's reference or a format; "zip": the pack itself, as the last step.
        failed: Formats that the pack lacks because they could not be made.
        why: The `ExitCode` that would tell why the first of them failed; None where it was a fault of the program.
    """

    done: int
    of: int
    what: str
    failed: tuple[str, ...] = ()
    why: int | None = None


class NoBrowserError(SvodkaError):
    """There is no browser to take pictures with."""


_CODES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (NoBrowserError, ExitCode.NO_BROWSER),
    (PageFailedError, ExitCode.PAGE_FAILED),
    (BrowserTimeoutError, ExitCode.TOO_SLOW),
    (BrowserError, ExitCode.BROWSER_FAILED),
)


class Builder:
    """Makes the files of one pack.

    Args:
        order: What to make.
    """

    def __init__(self, order: BuildOrder) -> None:
        self._order = order
        profile = load_profile(order.profile, order.sources)
        words = load_catalogue(order.language)
        self._wording = Wording(words, profile.zone)
        snapshots = {scene: text.encode() for scene, text in order.snapshots.items()}
        self._content: PackContent = assemble(order.plan, snapshots, profile, words)
        pictured_n = 0 if order.picture is None else len(order.plan.scenes)
        self._done, self._of = 0, pictured_n + len([each for each in order.formats if each != "png"])
        self._pictures: dict[str, bytes] = {}
        self._not_ready: list[str] = []
        self._failed: dict[str, Exception] = {}

    def build(self) -> bytes:
        """Return the pack with all that could be made; what could not is named in its manifest.

        Nothing is returned where nothing could be made: what the first format failed of is raised (`_CODES`, or a
        fault of the program).
        """
        asked = self._order.formats
        files = self._try([ending for ending in asked if ending in WITH_PICTURES], self._make_pictured)
        for ending in asked:
            if ending in _WRITERS and ending not in self._failed:
                files |= self._try([ending], partial(self._write, ending))
        if "png" not in self._failed:
            files |= self._scenes()
        if self._failed and not files:
            first, *_ = self._failed.values()
            raise first
        pack = build_pack(self._content, files, tuple(self._not_ready), tuple(self._failed))
        self._tell("zip")
        return pack

    def _try(self, endings: Sequence[str], make: Callable[[], Mapping[str, bytes]]) -> dict[str, bytes]:
        """Return what was made; a fault costs these formats and no other."""
        try:
            return dict(make()) if endings else {}
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one format, the others are wanted
            self._failed |= {ending: error for ending in endings if ending not in self._failed}
            _say(error)
            return {}

    def _make_pictured(self) -> dict[str, bytes]:
        """Take the pictures, and return what is printed from them."""
        first = self._order.picture
        if first is None:
            message = "no browser"
            raise NoBrowserError(message)
        with open_page(first.executable, first.base_url, first.width, first.height) as page:
            self._take_pictures(page, first)
            self._mark_not_drawn()
            if "pdf" not in self._order.formats:
                return {}
            return self._try(["pdf"], lambda: {self._name("report.file.pdf", "pdf"): self._print(page)})

    def _take_pictures(self, page: Page, first: Order) -> None:
        """Take all pictures or keep none: of those of half the scenes no file is made, and no manifest tells."""
        pictures: dict[str, bytes] = {}
        not_ready = []
        for scene in self._order.plan.scenes:
            self._tell(scene.title)
            pictures[scene.ref], facts = take_picture(page, msgspec.structs.replace(first, scene=scene.ref))
            if not facts.ready:
                not_ready.append(scene.ref)
        self._pictures, self._not_ready = pictures, not_ready

    def _mark_not_drawn(self) -> None:
        pages = self._content.pages
        marked = tuple(msgspec.structs.replace(page, is_drawn=page.ref not in self._not_ready) for page in pages)
        self._content = msgspec.structs.replace(self._content, pages=marked)

    def _print(self, page: Page) -> bytes:
        self._tell("pdf")
        fonts = read_fonts(Path(self._order.fonts))
        page.set_content(write_paper(self._content, self._wording, self._pictures, fonts), wait_until="load")
        page.evaluate("document.fonts.ready.then(() => true)")
        printed = page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=write_foot(self._content, self._wording),
            outline=True,
            tagged=True,
        )
        return normalise_pdf(printed, self._content.at)

    def _write(self, ending: str) -> dict[str, bytes]:
        self._tell(ending)
        data = _WRITERS[ending](self._content, self._wording, self._pictures)
        return {self._name(f"report.file.{ending}", ending): normalise_office(data, self._content.at)}

    def _scenes(self) -> Mapping[str, bytes]:
        if "png" not in self._order.formats:
            return {}
        folder = self._wording.t("report.file.scenes")
        return {
            f"{folder}/{file_name(f'{number:02} {titled(page, self._wording)}', 'png')}": self._pictures[page.ref]
            for number, page in enumerate(self._content.pages, start=1)
            if page.ref in self._pictures
        }

    def _name(self, key: str, ending: str) -> str:
        return file_name(f"{self._wording.t(key)} {file_time(self._content, self._wording)}", ending)

    def _tell(self, what: str) -> None:
        why = next((code_of(error) for error in self._failed.values()), None)
        line = encode(Progress(done=self._done, of=self._of, what=what, failed=tuple(self._failed), why=why))
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
        self._done += 1


def part_of(target: Path) -> Path:
    """Return where a file lies until it is whole; whoever ends the writer early removes it."""
    return target.with_suffix(".part")


def write_whole(target: Path, data: bytes) -> None:
    """Write a file that nobody ever sees half."""
    part = part_of(target)
    part.write_bytes(data)
    part.replace(target)


def main() -> ExitCode:
    """Read the order, write the pack, and return the exit code."""
    order = decode_as(sys.stdin.buffer.read(), BuildOrder)
    end_with(order.parent_pid)
    try:
        pack = Builder(order).build()
    except Exception as error:
        if (code := code_of(error)) is None:
            raise
        return code
    try:
        write_whole(Path(order.target), pack)
    except OSError as error:
        _say(error)
        return ExitCode.NOT_WRITTEN
    return ExitCode.OK


def _say(error: Exception) -> None:
    """Tell the parent's log what failed: of a known fault the line that says it, of a fault of the program where.

    The lines that a browser adds to its own tell of the call, and would be taken for the cause.
    """
    if code_of(error) is None:
        traceback.print_exception(error)
    else:
        print(f"{type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)  # noqa: T201 - the parent logs it


def code_of(error: Exception) -> ExitCode | None:
    """Return the exit code that says why something was not made, None where it is a fault of the program."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), None)


if __name__ == "__main__":
    sys.exit(main())
