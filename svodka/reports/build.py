"""The child process that makes one pack: `python -m svodka.reports.build`, order on stdin, progress on stdout.

A process of its own for the reasons of `svodka.reports.render`: a browser may hang or leak, and making files takes a
processor for seconds, which would hold up every push of the web process. It ends with the process that started it.

Each line of its output is one `Progress`; on failure stderr holds one line and the exit code says which.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from svodka.domain.codec import decode_as, encode
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


class BuildOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to make.

    Attributes:
        plan: Scenes, title, orders.
        snapshots: Stored snapshot of every scene, JSON text, by reference.
        formats: Some of `FORMATS`.
        profile, sources: Where names and limits are read from, as `load_profile` wants them.
        language: Of the files.
        fonts: Folder of the typefaces.
        picture: How a scene is pictured; its `scene` is filled in. None: no picture is wanted.
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
    """How far it is: steps done of all, and what is being made now: a scene's reference or a format."""

    done: int
    of: int
    what: str


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
        self._has_pictures = order.picture is not None and not WITH_PICTURES.isdisjoint(order.formats)
        pictured_n = len(order.plan.scenes) if self._has_pictures else 0
        self._done, self._of = 0, pictured_n + len([each for each in order.formats if each != "png"])
        self._pictures: dict[str, bytes] = {}
        self._not_ready: list[str] = []

    def build(self) -> bytes:
        """Return the whole pack.

        Raises:
            PageFailedError: The server did not give a page.
            BrowserError: The browser broke.
        """
        files: dict[str, bytes] = {}
        if self._has_pictures:
            assert self._order.picture is not None  # noqa: S101 - see above
            first = self._order.picture
            with open_page(first.executable, first.base_url, first.width, first.height) as page:
                self._take_pictures(page, first)
                self._mark_not_drawn()
                if "pdf" in self._order.formats:
                    files[self._name("report.file.pdf", "pdf")] = self._print(page)
        files |= self._write_office()
        if "png" in self._order.formats:
            files |= self._scenes()
        return build_pack(self._content, files, tuple(self._not_ready))

    def _take_pictures(self, page: Page, first: Order) -> None:
        for scene in self._order.plan.scenes:
            self._tell(scene.ref)
            png, facts = take_picture(page, msgspec.structs.replace(first, scene=scene.ref))
            self._pictures[scene.ref] = png
            if not facts.ready:
                self._not_ready.append(scene.ref)

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

    def _write_office(self) -> dict[str, bytes]:
        made: dict[str, bytes] = {}
        content, wording = self._content, self._wording
        for ending in self._order.formats:
            if ending in {"png", "pdf"}:
                continue
            self._tell(ending)
            if ending == "pptx":
                data = write_slides(content, wording, self._pictures)
            else:
                data = write_memo(content, wording) if ending == "docx" else write_sheets(content, wording)
            made[self._name(f"report.file.{ending}", ending)] = normalise_office(data, content.at)
        return made

    def _scenes(self) -> Mapping[str, bytes]:
        folder = self._wording.t("report.file.scenes")
        return {
            f"{folder}/{file_name(f'{number:02} {titled(page, self._wording)}', 'png')}": self._pictures[page.ref]
            for number, page in enumerate(self._content.pages, start=1)
            if page.ref in self._pictures
        }

    def _name(self, key: str, ending: str) -> str:
        return file_name(f"{self._wording.t(key)} {file_time(self._content, self._wording)}", ending)

    def _tell(self, what: str) -> None:
        line = encode(Progress(done=self._done, of=self._of, what=what))
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
        self._done += 1


def write_whole(target: Path, data: bytes) -> None:
    """Write a file that nobody ever sees half."""
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)


def main() -> ExitCode:
    """Read the order, write the pack, and return the exit code."""
    order = decode_as(sys.stdin.buffer.read(), BuildOrder)
    end_with(order.parent_pid)
    try:
        write_whole(Path(order.target), Builder(order).build())
    except PageFailedError as error:
        return _fail(str(error), ExitCode.PAGE_FAILED)
    except BrowserTimeoutError as error:
        return _fail(error.message, ExitCode.TOO_SLOW)
    except BrowserError as error:
        return _fail(error.message, ExitCode.BROWSER_FAILED)
    except OSError as error:
        return _fail(str(error), ExitCode.NOT_WRITTEN)
    return ExitCode.OK


def _fail(message: str, code: ExitCode) -> ExitCode:
    print(message.splitlines()[0], file=sys.stderr)  # noqa: T201 - the one line the parent reads
    return code


if __name__ == "__main__":
    sys.exit(main())
