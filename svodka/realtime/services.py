"""What the edges of the web process work with; built once by `commands/web.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from svodka.briefings.schedule import Export
from svodka.director.commands import Answer, Command
from svodka.director.keeper import Keeper
from svodka.domain.clock import Clock
from svodka.i18n.catalogue import Catalogue
from svodka.ingest.intake import Intake
from svodka.ingest.registration import Registration
from svodka.past.reading_room import ReadingRoom
from svodka.profiles.model import Profile
from svodka.realtime.frozen import FrozenMoments
from svodka.realtime.gateway import Gateway
from svodka.realtime.reader import LogReader
from svodka.scenes.book import SceneBook
from svodka.scenes.room import Room
from svodka.security.links import LinkBook
from svodka.security.principals import Principal
from svodka.security.senders import Senders
from svodka.settings import Settings
from svodka.storage.database import Database
from svodka.storage.journal import JournalEntry


@dataclass(frozen=True, kw_only=True)
class Services:
    """The web process's parts.

    Attributes:
        settings: What the operator chose.
        profile: The region.
        words: The language of the pages.
        scenes: What walls can show.
        director: Has walls do what operators command, through `direct`.
        tell: Has this and the other web processes look at the log at once.
        room: Where walls stand; None: nobody has said, 1920x1080 virtual pixels.
        clock: The product's clock.
        database: For reading and writing, only through `aside`.
        real_clock: The machine's clock, for sessions and links.
        principal: Tells who a session and a WSGI environment belong to.
        links: Access links.
        frozen: Moments kept for pictures.
        gateway: The live road.
        reader: Reads a snapshot of this moment; not the gateway's, which has a thread of its own.
        aside: Calls a function with arguments where waiting for the database holds up nobody.
        health: The answer of /healthz, whole.
        metrics: The answer of /metrics.
        senders: Tells whose a delivery is.
        pushed: Ids of the sources that push.
        filled: Ids of the sources that operators fill in.
        intake: Stores deliveries; None: no source pushes.
        registration: Stores what operators register by hand; None: there is no form.
        past: Shows moments that are over.
        exports: What is exported by itself, and when.
    """

    settings: Settings
    profile: Profile
    words: Catalogue
    scenes: SceneBook
    director: Keeper
    tell: Callable[[], None]
    room: Room | None = None
    clock: Clock
    database: Database
    real_clock: Clock
    principal: Callable[[Any, Any], Principal]
    links: LinkBook
    frozen: FrozenMoments
    gateway: Gateway
    reader: LogReader
    aside: Callable[..., Any]
    health: Callable[[], dict[str, object]]
    metrics: Callable[[], bytes]
    senders: Senders = field(default_factory=lambda: Senders({}))
    pushed: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    intake: Intake | None = None
    registration: Registration | None = None
    past: ReadingRoom = field(default_factory=ReadingRoom)
    exports: tuple[Export, ...] = ()

    @property
    def packs_folder(self) -> Path:
        """Where finished packs lie."""
        return self.settings.home / "packs"

    def direct(self, entry: JournalEntry, wall: str, order: Command, rev: int | None = None) -> Answer:
        """Have a wall do something, and have its screens told at once.

        Args:
            entry: Who does it, signed by `Desk.sign(Action.ACT_ON_WALL, wall)`.
            wall: Id of the wall.
            order: What to do (`svodka.director.commands`).
            rev: `Stage.rev` of the picture that the person saw; None: it does not matter.

        Returns:
            What became of it.

        Raises:
            StorageUnavailableError: The database does not answer.
        """
        answer: Answer = self.aside(self.director.act, self.database, entry, wall, order, rev)
        self.tell()
        return answer

    def freeze(self, references: Iterable[str] = ("overview",)) -> str:
        """Keep the present state of some scenes for two minutes and return its token.

        Args:
            references: Of the scenes.

        Returns:
            What `/frozen/<token>.json` is asked with.

        Raises:
            KeyError: There is no such scene.
        """
        return self.frozen.keep(self.aside(self.reader.read_moment, tuple(references)))
