"""What the callbacks of a page for operators work with: who asks, whether he may, and the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec

from callbacks.access import current_principal, decide
from svodka.domain.errors import AccessDeniedError
from svodka.i18n.catalogue import Catalogue
from svodka.ingest.registration import Registration
from svodka.profiles.model import Profile
from svodka.realtime.services import Services
from svodka.security.authorise import Action
from svodka.storage.database import Database
from svodka.storage.journal import JournalEntry

P = ParamSpec("P")
T = TypeVar("T")


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
        self.registration: Registration | None = services.registration
        self.filled = services.filled  # these can be neither paused nor asked
        self.unasked = services.pushed | services.filled  # nobody asks these: they deliver by themselves

    def operator(self) -> Operator:
        """Return who the present request comes from."""
        principal = current_principal(self._services)
        link = self._services.links.in_force(principal.link_id)
        return Operator(link_id=principal.link_id, label=link.label if link is not None else "")

    def may(self, action: Action, scope: str) -> bool:
        """Whether the present request may do that. Asked before every change: seeing a page allows none."""
        return decide(self._services, action, scope).allowed

    def ask(self, function: Callable[..., T], *words: object) -> T:
        """Call a function with the database, and `words` behind it, where waiting holds up nobody.

        Returns:
            What it returns.

        Raises:
            StorageUnavailableError: The database does not answer; the page says so.
        """
        answer: T = self._services.aside(function, self._services.database, *words)
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
