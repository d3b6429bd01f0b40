"""By what two appeals are recognised as telling of the same problem. Pure.

A clue is a number made of what an appeal says; two appeals with an equal clue may be about the same. Which of them
really are, `svodka.ingest.problems` decides.

- The whole text, letters and digits alone, where it is long enough to be a statement: «Открытый люк» is written about
  any manhole.
- Topic and house in an area; topic and a point's surroundings. «Прочие» has neither: two matters that nobody could
  name are not one because they were met in the same house.
- The appeal's own id at its source, for those that say that they repeat it and come before it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from svodka.domain.reasons import JoinReason
from svodka.storage.facts import StoredAppeal

MIN_TEXT_LETTERS = 60
MAX_TEXT_CHARS = 20_000
NEAR_KM = 0.06
# A cell is at least twice as wide as `NEAR_KM` up to 62° N: what is near lies in one of the four nearest cells.
_LAT_STEP, _LON_STEP = 0.0012, 0.0024
_LETTERS = re.compile(r"[^\W_]+")
_ASCII_BESIDES = bytes(code for code in range(128) if not chr(code).isalnum())
# Odd numbers of 64 bits without a pattern, so that neighbouring cells have distant numbers.
_ROW_FACTOR, _COLUMN_FACTOR = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
_WORD = 2**64
_TOPICS_REMEMBERED = 1024


class Clue(NamedTuple):
    """One clue.

    Attributes:
        reason: What an equal one means.
        number: 64 bits, signed.
        is_told: Whether later appeals are to find this one by it; otherwise it only looks for earlier ones.
    """

    reason: JoinReason
    number: int
    is_told: bool


class Clues(msgspec.Struct, frozen=True):
    """All clues of an appeal, the strongest first; and its house as a number, None where it names none."""

    clues: list[Clue]
    house: int | None


def compute_clues(facts: StoredAppeal, house: str | None, *, is_other: bool) -> Clues:
    """Return what an appeal may be recognised by.

    Args:
        facts: The appeal.
        house: Its house (`svodka.geography.houses`).
        is_other: Its topic is «прочие».
    """
    clues = [Clue(JoinReason.REPEAT, clue_of_id(facts.source_id, facts.foreign_id), is_told=False)]
    text = fold_text(facts.text[:MAX_TEXT_CHARS])
    if len(text) >= MIN_TEXT_LETTERS:
        clues.append(Clue(JoinReason.SAME_TEXT, _number("text", text), is_told=True))
    house_number = _number("house", house) if house is not None else None
    if not is_other:
        if house is not None and facts.area is not None:
            number = _number("topic", facts.topic, facts.area, house)
            clues.append(Clue(JoinReason.SAME_HOUSE, number, is_told=True))
        if facts.lat is not None and facts.lon is not None:
            clues.extend(_compute_spots(facts.topic, facts.lat, facts.lon))
    return Clues(clues, house_number)


def clue_of_id(source_id: str, foreign_id: str) -> int:
    """Return the clue of an appeal's id at its source."""
    return _number("id", source_id, foreign_id)


def fold_text(text: str) -> str:
    """Return the letters and digits of a text in lower case, with е for ё."""
    folded = unicodedata.normalize("NFC", text).lower().replace("ё", "е")
    # Four times as fast as the expression for what most texts are made of.
    plain = folded.encode("utf-8", "replace").translate(None, _ASCII_BESIDES).decode()
    return plain if plain.isalnum() else "".join(_LETTERS.findall(plain))


def _compute_spots(topic: str, lat: float, lon: float) -> list[Clue]:
    own_row, near_row = _own_and_nearest(lat / _LAT_STEP)
    own_column, near_column = _own_and_nearest(lon / _LON_STEP)
    spot, base = JoinReason.SAME_SPOT, _number_of_topic(topic)
    return [
        Clue(spot, _number_of_cell(base, own_row, own_column), True),
        Clue(spot, _number_of_cell(base, own_row, near_column), False),
        Clue(spot, _number_of_cell(base, near_row, own_column), False),
        Clue(spot, _number_of_cell(base, near_row, near_column), False),
    ]


def _number_of_cell(base: int, row: int, column: int) -> int:
    number = (base + row * _ROW_FACTOR + column * _COLUMN_FACTOR) % _WORD
    return number - _WORD if number >= _WORD // 2 else number


@lru_cache(maxsize=_TOPICS_REMEMBERED)
def _number_of_topic(topic: str) -> int:
    return _number("spot", topic)


def _own_and_nearest(position: float) -> tuple[int, int]:
    own = math.floor(position)
    return own, own + (1 if position - own >= 0.5 else -1)  # noqa: PLR2004 - the middle


def _number(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
