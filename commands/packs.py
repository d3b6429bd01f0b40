"""The loop of a web process that makes packs, and asks for those that are due by schedule."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from gevent.threadpool import ThreadPool

from svodka.briefings.keeping import keep_moment
from svodka.briefings.model import make_id
from svodka.briefings.schedule import Export, find_due
from svodka.domain.clock import Clock
from svodka.geography.geometry import Geometry
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile
from svodka.realtime.loops import Loop
from svodka.realtime.reader import LogReader
from svodka.realtime.services import Services
from svodka.reports.capture import capture
from svodka.reports.packing import PackMaker, PackSettings
from svodka.reports.picture import MAX_HEIGHT, MAX_WIDTH
from svodka.scenes.book import SceneBook
from svodka.storage.database import Database, open_database
from svodka.storage.packs import ask_pack, is_due_asked

_LOOK_S = 1.0
_RESOLUTION = (3840, 2160)  # of the default room


class Exporter:
    """Asks for the packs that are due; any web process may, one does.

    Args:
        exports: What is due when.
        profile: Its zone.
        clock: The product's clock.
        ask: Calls a function with the database where waiting holds up nobody.
        wait: Calls any other function there.
        reader: Reads the moment.
        scenes: What can be shown.
        words: The language of titles.
    """

    def __init__(
        self,
        exports: Sequence[Export],
        profile: Profile,
        clock: Clock,
        *,
        ask: Callable[..., Any],
        wait: Callable[..., Any],
        reader: LogReader,
        scenes: SceneBook,
        words: Catalogue,
    ) -> None:
        self._exports, self._profile, self._clock = exports, profile, clock
        self._ask, self._wait, self._reader = ask, wait, reader
        self._scenes, self._words = scenes, words
        self._asked: dict[str, datetime] = {}

    def step(self) -> None:
        """Ask for what is due.

        Raises:
            StorageUnavailableError: The database does not answer; the next look makes up for it within an hour.
        """
        now = self._clock.now()
        for export in self._exports:
            due = find_due(export, now, self._profile.zone)
            if due is None or self._asked.get(export.id) == due:
                continue
            if not self._ask(_is_asked, export.id, due):
                self._freeze(export, due, now)
            self._asked[export.id] = due

    def _freeze(self, export: Export, due: datetime, now: datetime) -> None:
        letters = secrets.token_hex(2)
        moment, scenes = capture(
            lambda refs: self._wait(self._reader.read_moment, refs),
            self._scenes,
            export.scenes,
            make_id=lambda first: make_id(first.at, self._profile.zone, letters),
            kind="export",
            title=export.title,
            by="",
            language=self._words.language,
        )
        self._ask(keep_moment, None, moment, scenes)
        self._ask(_ask_due, export, moment.id, due, now)


class PackLoop(Loop):
    """Makes one pack after another.

    Args:
        maker: Makes them.
        exporter: Asks for those that are due.
        exports: How many packs of each schedule stay.
    """

    def __init__(self, maker: PackMaker, exporter: Exporter, exports: Sequence[Export]) -> None:
        super().__init__("packs", _LOOK_S)
        self._maker, self._exporter, self._exports = maker, exporter, exports

    def step(self) -> None:
        """Ask for what is due, and make what waits."""
        self._exporter.step()
        if self._maker.step():
            for export in self._exports:
                self._maker.remove_old(export.id, export.keep)
            self.kick()

    def stop(self, timeout_s: float = 3.0) -> None:
        """End what is being made, and the loop."""
        self._stopped.set()
        self._maker.stop()
        super().stop(timeout_s)

    def still_s(self) -> float:
        """Return 0: a pack may take minutes, and its own limits watch over it."""
        return 0.0


def _is_asked(database: Database, schedule: str, due: datetime) -> bool:
    with database.read() as connection:
        return is_due_asked(connection, schedule, due)


def _ask_due(database: Database, export: Export, moment_id: str, due: datetime, now: datetime) -> None:
    with database.write() as connection:
        formats = ",".join(export.formats)
        ask_pack(connection, moment_id, formats, at=now, by="", schedule=export.id, due_at=due)


def build_packs(services: Services, databases: list[Database], geometry: Geometry, fonts: Path) -> PackLoop:
    """Build what makes packs in this process, with a thread and a database of its own: a pack must hold up nobody.

    Args:
        services: The web process's parts.
        databases: The new database joins them, to be closed with them.
        geometry: The map's, for what its licences ask for.
        fonts: Folder of the typefaces.

    Returns:
        The loop.
    """
    settings, pool = services.settings, ThreadPool(1)
    databases.append(database := open_database(settings.sqlalchemy_url))
    width, height = services.room.resolution if services.room else _RESOLUTION
    maker = PackMaker(
        PackSettings(
            folder=services.packs_folder,
            base_url=f"http://127.0.0.1:{settings.port}",
            profile=settings.profile,
            sources=settings.sources,
            language=settings.language,
            fonts=fonts,
            width=min(width, MAX_WIDTH),
            height=min(height, MAX_HEIGHT),
            attribution=tuple(geometry.attribution),
        ),
        ask=lambda call, *words: pool.apply(call, (database, *words)),
        keep=services.frozen.keep,
        clock=services.clock,
        real_clock=services.real_clock,
    )
    exporter = Exporter(
        services.exports,
        services.profile,
        services.clock,
        ask=lambda call, *words: pool.apply(call, (database, *words)),
        wait=services.aside,
        reader=services.reader,
        scenes=services.scenes,
        words=services.words,
    )
    return PackLoop(maker, exporter, services.exports)
