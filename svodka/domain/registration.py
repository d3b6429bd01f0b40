"""What an operator registers by hand, and the contract of the part that makes a record of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from svodka.domain.records import Record

MAX_WORDS_CHARS = 4000


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form as it was filled in.

    Attributes:
        id: Made with the form, so that the same form sent twice is one record.
        text: What the citizen said; the title of an incident.
        at: When it came in, or began; aware. None: when it is stored.
        address: The place in words.
        area: The municipality chosen by hand, by its name; "": found by the address.
        topic: Slug of the topic chosen by hand; "": found by the words.
        kind, level: Of an incident, slugs of the profile; "": other, mildest.
        affected_n: Of an incident; None unknown.
    """

    id: str
    text: str
    at: datetime | None = None
    address: str = ""
    area: str = ""
    topic: str = ""
    kind: str = ""
    level: str = ""
    affected_n: int | None = None


class Form(Protocol):
    """One form: makes a record of what was filled in."""

    @property
    def records(self) -> Literal["appeals", "incidents"]:
        """What it registers."""
        ...

    def read(self, entry: Entry) -> Record:
        """Return the record of an entry.

        Raises:
            RecordUnreadableError: Something is missing or too large; `detail` names the field.
        """
        ...
