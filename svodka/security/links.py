"""Access links: making, using and revoking them, and the book of those in force.

A token has 256 random bits; the database holds its SHA-256 only, which needs no salt at that length.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from datetime import timedelta

from svodka.domain.clock import Clock, SystemClock
from svodka.security.principals import Role
from svodka.storage.database import Database
from svodka.storage.links import StoredLink, is_known, load_links, redeem_link, revoke_link, revoke_unused, save_link

START_LABEL = "start"
_TOKEN_BYTES = 32
_ID_BYTES = 6
_START_LINK_H = 12


def hash_token(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class LinkBook:
    """The access links of the installation, with a copy in memory of those in force.

    Links live in real time, not in the product's clock: a replay of last year must not open old links.

    Args:
        database: Where they are kept.
        clock: Real time; a test passes its own.
        new_token: Source of tokens; a test passes its own.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(_TOKEN_BYTES),
    ) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._new_token = new_token
        self._in_force: dict[str, StoredLink] = {}
        self._is_set_up = False
        self._one_at_a_time = threading.Lock()  # a reading begun before a change must not overwrite what came of it

    def create(
        self,
        role: Role,
        label: str,
        *,
        one_time: bool = False,
        valid_h: float | None = None,
        briefing_id: str | None = None,
    ) -> tuple[str, str]:
        """Store a new link.

        Args:
            role: WALL, OPERATOR or GUEST.
            label: What the operator calls it.
            one_time: It opens one session only.
            valid_h: Hours within which its token can be used; None: for ever. A guest's session ends with them too.
            briefing_id: The one briefing that a guest may see.

        Returns:
            Its id and its token; the token cannot be had a second time.
        """
        now, token, link_id = self._clock.now(), self._new_token(), secrets.token_hex(_ID_BYTES)
        expires_at = None if valid_h is None else now + timedelta(hours=valid_h)
        link = StoredLink(
            id=link_id,
            role=role.value,
            label=label,
            one_time=one_time,
            created_at=now,
            expires_at=expires_at,
            briefing_id=briefing_id,
        )
        with self._database.write() as connection:
            save_link(connection, link, hash_token(token))
        return link_id, token

    def create_start_link(self) -> str:
        """Return the token of the operator's link printed at start; earlier unused ones end."""
        with self._database.write() as connection:
            revoke_unused(connection, START_LABEL, self._clock.now())
        return self.create(Role.OPERATOR, START_LABEL, one_time=True, valid_h=_START_LINK_H)[1]

    def redeem(self, token: str) -> StoredLink | None:
        """Return the link that a token opens, None when it opens nothing.

        A token that nobody ever made costs a reading and never the lock of a writer: 256 bits cannot be guessed, but
        a stranger who tries must not hold up the pollers.
        """
        with self._database.read() as connection:
            if not is_known(connection, hash_token(token)):
                return None
        with self._one_at_a_time:
            with self._database.write() as connection:
                link = redeem_link(connection, hash_token(token), self._clock.now())
            if link is not None:
                self._in_force = {**self._in_force, link.id: link}
        return link

    def revoke(self, link_id: str) -> bool:
        """End a link and its sessions; return whether it was in force."""
        with self._database.write() as connection:
            return revoke_link(connection, link_id, self._clock.now())

    def all(self) -> list[StoredLink]:
        """Return every link ever made, oldest first."""
        with self._database.read() as connection:
            return load_links(connection)

    def refresh(self) -> None:
        """Read again which links are in force; sessions of others end with the next question."""
        with self._one_at_a_time:
            links = self.all()
            self._in_force = {link.id: link for link in links if link.revoked_at is None}
            self._is_set_up = any(link.role == Role.WALL for link in links)

    def in_force(self, link_id: str) -> StoredLink | None:
        """Return a link that has not been revoked, from memory."""
        return self._in_force.get(link_id)

    @property
    def has_wall_link(self) -> bool:
        """Whether a wall link is in force, from memory."""
        now = self._clock.now()
        return any(
            link.role == Role.WALL and (link.used_at or link.expires_at is None or link.expires_at > now)
            for link in self._in_force.values()
        )

    @property
    def is_set_up(self) -> bool:
        """Whether there has ever been a wall link, from memory: from then on nobody is let in without a link."""
        return self._is_set_up
