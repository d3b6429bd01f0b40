"""What of a citizen's text may be shown: everything but who he is and how he is reached.

`mask` is the only way by which a text leaves the database (docs/adr/0160). It never fails, keeps what it does not take,
and takes the more likely reading where two are possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from svodka.domain.masking.contacts import find_emails, find_phones, find_profiles
from svodka.domain.masking.documents import find_births, find_cards, find_documents, find_plates
from svodka.domain.masking.fields import find_fields
from svodka.domain.masking.flats import find_flats
from svodka.domain.masking.folding import Shadow, fold
from svodka.domain.masking.found import Found, Kind
from svodka.domain.masking.names import find_names

__all__ = ["Found", "Kind", "find_personal", "mask", "mask_id"]

Finder = Callable[[str], Iterator[Found]]
# The first that claims a place gives it its word.
_WITH_DIGITS: tuple[Finder, ...] = (find_cards, find_documents, find_phones, find_births, find_plates, find_flats)
_ANY: tuple[Finder, ...] = (find_fields, find_emails, find_profiles, find_names)
_END = 2
_DIGIT = re.compile(r"[0-9]")


def mask(text: str) -> str:
    """Return a text without personal data.

    Args:
        text: A citizen's words, an address, or a record as it came (JSON, HTML); of any length.

    Returns:
        The text with a word in brackets for every phone, e-mail address, document, card, number plate, flat and name.
    """
    parts: list[str] = []
    at = 0
    for found in find_personal(text):
        parts += (text[at : found.start], found.kind.value)
        at = found.end
    return "".join([*parts, text[at:]]) if parts else text


def mask_id(foreign_id: str) -> str:
    """Return the id that a source gave, or only its ends where it may be a telephone number or the like."""
    return foreign_id if not find_personal(foreign_id) else f"{foreign_id[:_END]}…{foreign_id[-_END:]}"


def find_personal(text: str) -> list[Found]:
    """Return the personal data of a text, in its order, none touching another."""
    shadow = fold(text)
    finders = _WITH_DIGITS + _ANY if _DIGIT.search(shadow.text) else _ANY
    found = [(each.start, rank, each) for rank, finder in enumerate(finders) for each in finder(shadow.text)]
    found.sort(key=lambda entry: entry[:2])
    return [_in_original(shadow, each) for each in _join(each for _, _, each in found)]


def _join(all_found: Iterator[Found]) -> Iterator[Found]:
    """Yield what was found, overlaps as one: of the kind that begins first."""
    last: Found | None = None
    for found in all_found:
        if last is None or found.start >= last.end:
            if last is not None:
                yield last
            last = found
        elif found.end > last.end:
            last = Found(last.start, found.end, last.kind)
    if last is not None:
        yield last


def _in_original(shadow: Shadow, found: Found) -> Found:
    start, end = shadow.locate(found.start, found.end)
    return Found(start, end, found.kind)
