"""What the callbacks of a page for operators work with: who asks, whether he may, and the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import dash
import msgspec

from callbacks.access import current_principal, decide
from svodka.director.commands import Answer, Command
from svodka.director.keeper import Keeper
from svodka.domain.errors import AccessDeniedError
from svodka.i18n.catalogue import Catalogue
from svodka.ingest.registration import Registration
from svodka.profiles.model import Profile
from svodka.realtime.services import Services
from svodka.scenes.book import SceneBook
from svodka.security.authorise import Action
from svodka.storage.database import Database
from svodka.storage.journal import JournalEntry

P = ParamSpec("P")
T = TypeVar("T")
SAID_S = 60.0  # how long a sentence about what was done stands, unless the next one comes


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: the access link and what it is called."""

    link_id: str
    label: str


class Desk:
    """The parts of the web process that pages for operators use.

    Args:
        services: The web process's parts.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self.words: Catalogue = services.words
        self.profile: Profile = services.profile
        self.clock = services.clock
        self.real_clock = services.real_clock
        self.director: Keeper = services.director
        self.scenes: SceneBook = services.scenes
        self.registration: Registration | None = services.registration
        self.filled = services.filled  # these can be neither paused nor asked
        self.unasked = services.pushed | services.filled  # nobody asks these: they deliver by themselves
        self.scenes = services.scenes
        self.links, self.reader, self.exports = services.links, services.reader, services.exports
        self.public_url = services.settings.public_urls[0]

    def operator(self) -> Operator:
        """Return who the present request comes from."""
        principal = current_principal(self._services)
        link = self._services.links.in_force(principal.link_id)
        return Operator(link_id=principal.link_id, label=link.label if link is not None else "")

    def may(self, action: Action, scope: str) -> bool:
        """Whether the present request may do that. Asked before every change: seeing a page allows none."""
        return decide(self._services, action, scope).allowed

    def time_text(self) -> str:
        """Return the present time of day in the region's zone: what is said on a page stays there for a while."""
        return f"{self.clock.now().astimezone(self.profile.zone):%H:%M:%S}"

    def say(self, key: str, said_s: float = SAID_S) -> tuple[str, float]:
        """Return what is said in the frame for a while.

        Args:
            key: Of the sentence.
            said_s: Real seconds.

        Returns:
            The sentence with its time, and until when it stands (see `layouts.desk.SAID_UNTIL`).
        """
        return f"{self.time_text()} {self.words.word(key)}", self.real_clock.now().timestamp() + said_s

    def clear_old(self, element: str, said_until: object, until: str) -> None:
        """Take away what was said, once its time is over; `said_until` is what the browser kept."""
        if isinstance(said_until, int | float) and said_until < self.real_clock.now().timestamp():
            dash.set_props(element, {"children": ""})
            dash.set_props(until, {"data": None})

    def ask(self, function: Callable[..., T], *words: object) -> T:
        """Call a function with the database, and `words` behind it, where waiting holds up nobody.

        Returns:
            What it returns.

        Raises:
            StorageUnavailableError: The database does not answer; the page says so.
        """
        answer: T = self._services.aside(function, self._services.database, *words)
        return answer

    def wait(self, function: Callable[..., T], *words: object) -> T:
        """Call a function that has a database of its own, where waiting holds up nobody; see `ask`.

        Returns:
            What it returns.
        """
        answer: T = self._services.aside(function, *words)
        return answer

    def act(self, action: Action, scope: str, function: Callable[[Database, JournalEntry], T], detail: str = "") -> T:
        """Change something in the name of the present operator.

        Args:
            action: What is done.
            scope: To what.
            function: Does it in one transaction and saves the entry in the same one
                (`svodka.storage.journal.save_entry`).
            detail: What the journal says of it besides; nothing personal.

        Returns:
            What the function returns.

        Raises:
            AccessDeniedError: The operator may not; nothing was called.
            StorageUnavailableError: The database does not answer.
        """
        return self.ask(function, self.sign(action, scope, detail))

    def direct(self, wall: str, order: Command, rev: int | None = None) -> Answer:
        """Have a wall do something in the name of the present operator.

        Returns:
            What became of it, as of `Services.direct`.

        Raises:
            AccessDeniedError: The operator may not.
            StorageUnavailableError: The database does not answer.
        """
        return self._services.direct(self.sign(Action.ACT_ON_WALL, wall), wall, order, rev)

    def sign(self, action: Action, scope: str, detail: str = "") -> JournalEntry:
        """Return the journal's entry for what the present operator is about to do.

        Raises:
            AccessDeniedError: The operator may not.
        """
        if not self.may(action, scope):
            raise AccessDeniedError(action.value)
        who = self.operator()
        return JournalEntry(
            at=self.clock.now(),
            link_id=who.link_id,
            who=who.label,
            action=action.value,
            subject=scope,
            detail=detail,
        )
