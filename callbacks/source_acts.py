"""What an operator can do with a source on the page «Источники».

What is wished of a source is only written down (`svodka.storage.wishes`): the poller that holds its lease does it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from callbacks.operating import Desk
from callbacks.passport_view import Sayer
from layouts.pages import sources as page
from svodka.profiles.model import SourceConfig
from svodka.readmodels.passports import find_notice
from svodka.security.authorise import Action
from svodka.storage.database import Database
from svodka.storage.journal import JournalEntry
from svodka.storage.notices import acknowledge_notices
from svodka.storage.wishes import WishKind, pause_source, save_wish

_TIME_FORMAT = "%d.%m.%Y %H:%M"
_LONGEST_BACK = timedelta(days=3660)
_WISHES = {page.REFETCH: WishKind.REFETCH, page.REPROCESS: WishKind.REPROCESS}
_CONFIRMED = tuple(_WISHES)  # they cost the source a long reading
_SAID = {
    WishKind.POLL: "passport.said.poll",
    WishKind.REFETCH: "passport.said.refetch",
    WishKind.REPROCESS: "passport.said.reprocess",
}


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What waits for a yes: kept in the browser, so it is read as anything from there."""

    what: str
    source: str
    from_at: datetime | None = None


class Form(msgspec.Struct, frozen=True):
    """What stands in the page, as the browser tells it: unchecked."""

    from_text: object
    pause_label: object
    asked: object


class Done(msgspec.Struct, frozen=True):
    """What was done.

    Attributes:
        said: What to say about it.
        question: What to ask before anything is done.
        asked: What a yes will do; None: nothing is asked.
    """

    said: str
    question: str = ""
    asked: dict[str, Any] | None = None


class SourceActs:
    """What an operator can do with a source; each says what it did."""

    def __init__(self, desk: Desk, say: Sayer) -> None:
        self._desk = desk
        self._say = say
        self.word = desk.words.word

    def find(self, source_id: str) -> SourceConfig | None:
        """Return a source of the sources file."""
        return next((source for source in self._desk.profile.sources if source.id == source_id), None)

    def now_text(self) -> str:
        """Return a word that differs each time, so that the page is drawn anew."""
        return self._desk.clock.now().isoformat()

    def do(self, pressed: object, source: SourceConfig, form: Form) -> Done:
        """Do what a button asks for.

        Args:
            pressed: Its id.
            source: Of which source.
            form: What stands in the page.

        Returns:
            What to say, and the question where a yes is wanted first.
        """
        if isinstance(pressed, dict):
            return Done(self._take_note(source, str(pressed.get("key", ""))))
        pauses = form.pause_label == self.word("passport.pause")
        is_resumed = pressed == page.PAUSE and not pauses  # whatever it is: it may have been another kind of source
        can = source.id not in (self._desk.filled if pressed == page.PAUSE else self._desk.unasked)
        if pressed == page.NO or not (can or is_resumed):
            return Done(self.word("passport.said.no"))
        if pressed in _CONFIRMED:
            return self._prepare(str(pressed), source, form.from_text)
        if pressed == page.YES:
            return Done(self._confirm(source, form.asked))
        if pressed == page.PAUSE:
            return Done(self._pause(source, paused=pauses))
        return Done(self._wish(source, WishKind.POLL, None))

    def _pause(self, source: SourceConfig, *, paused: bool) -> str:
        """Leave a source alone, or no longer: as the button said, whatever somebody else did meanwhile."""

        def save(database: Database, entry: JournalEntry) -> bool:
            with database.write() as connection:
                return pause_source(connection, source.id, entry, paused=paused)

        detail = self.word("passport.did.pause" if paused else "passport.did.resume")
        self._desk.act(Action.ACT_ON_SOURCE, source.id, save, detail)
        return self._said("passport.said.pause" if paused else "passport.said.resume")

    def _prepare(self, what: str, source: SourceConfig, from_text: object) -> Done:
        """Ask before a long reading."""
        if what == page.REPROCESS:
            asked = _Asked(what=what, source=source.id)
            question = self.word("passport.ask.reprocess").format(name=source.name)
            return Done("", question, msgspec.to_builtins(asked))
        from_at = self._read_time(from_text)
        if from_at is None:
            return Done(self.word("passport.said.bad_time"))
        asked = _Asked(what=what, source=source.id, from_at=from_at)
        question = self.word("passport.ask.refetch").format(name=source.name, at=self._say.at(from_at))
        return Done("", question, msgspec.to_builtins(asked))

    def _confirm(self, source: SourceConfig, data: object) -> str:
        """Do what was asked for, where it was asked of the source that is shown."""
        try:
            asked = msgspec.convert(data, _Asked)
        except msgspec.ValidationError:
            return self.word("passport.said.no")
        kind = _WISHES.get(asked.what)
        if asked.source != source.id or kind is None:
            return self.word("passport.said.no")
        from_at = asked.from_at if kind is WishKind.REFETCH else None
        if kind is WishKind.REFETCH and not self._is_possible(from_at):
            return self.word("passport.said.bad_time")
        return self._wish(source, kind, from_at)

    def _wish(self, source: SourceConfig, kind: WishKind, from_at: datetime | None) -> str:
        """Write a wish down."""
        detail = {
            WishKind.POLL: "passport.wish.poll",
            WishKind.REFETCH: "passport.wish.refetch",
            WishKind.REPROCESS: "passport.wish.reprocess",
        }[kind]

        def save(database: Database, entry: JournalEntry) -> bool:
            with database.write() as connection:
                return save_wish(connection, source.id, kind, entry, from_at)

        is_new = self._desk.act(Action.ACT_ON_SOURCE, source.id, save, self.word(detail))
        return self._said(_SAID[kind] if is_new else "passport.said.waits")

    def _take_note(self, source: SourceConfig, key: str) -> str:
        """Take note of an unusual thing."""

        def note(database: Database, entry: JournalEntry) -> int:
            with database.write() as connection:
                notice = find_notice(connection, source.id, key)
                chosen = [] if notice is None else [(notice.kind.value, notice.subject)]
                return acknowledge_notices(connection, source.id, chosen, entry)

        self._desk.act(Action.ACT_ON_SOURCE, source.id, note, self.word("passport.did.seen"))
        return self._said("passport.said.seen")

    def _said(self, key: str) -> str:
        return f"{self._desk.time_text()} {self.word(key)}"

    def _read_time(self, text: object) -> datetime | None:
        """Return an instant that a person wrote in the region's zone; None where it is none or impossible."""
        if not isinstance(text, str):
            return None
        try:
            local = datetime.strptime(text.strip(), _TIME_FORMAT)  # noqa: DTZ007 - the zone follows
        except ValueError:
            return None
        at = local.replace(tzinfo=self._desk.profile.zone).astimezone(UTC)
        return at if self._is_possible(at) else None

    def _is_possible(self, at: datetime | None) -> bool:
        now = self._desk.clock.now()
        return at is not None and at.tzinfo is not None and now - _LONGEST_BACK < at < now
