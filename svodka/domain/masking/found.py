"""What a mask finds: kinds of personal data, and where one stands."""

from __future__ import annotations

from enum import Enum

import msgspec


class Kind(Enum):
    """A kind of personal datum; its value is the word that takes its place in a Russian text."""

    PHONE = "[телефон]"
    EMAIL = "[почта]"
    PROFILE = "[профиль]"
    DOCUMENT = "[документ]"
    CARD = "[карта]"
    PLATE = "[госномер]"
    BIRTH = "[дата рождения]"
    FLAT = "[квартира]"
    NAME = "[имя]"


class Found(msgspec.Struct, frozen=True):
    """One datum: where it begins, where it ends, what it is."""

    start: int
    end: int
    kind: Kind
