"""Rooms: how large a wall's glass is, where its seams run and how far away people sit, and what follows for type.

A room file says what a tape measure says; how many virtual pixels a scene has there follows from it. Text keeps its
size in virtual pixels everywhere (`ESSENTIAL_PX`, `SECONDARY_PX`), so a farther seat makes a virtual pixel larger and
a scene smaller.

Source: NUREG-0700 rev. 3 for displays read by a group (capitals of at least 16 minutes of arc); AVIXA for the height of
lower-case letters (at least 10 minutes of arc).
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from PIL import ImageFont

from svodka.domain.errors import StartError
from svodka.profiles.errors import ProfileError
from svodka.profiles.model import Provenance
from svodka.profiles.reader import label_of

FONT = Path(__file__).resolve().parents[2] / "assets" / "vendor" / "golos-cyrillic.woff2"
ESSENTIAL_PX = 42.0
SECONDARY_PX = 21.0
MIN_CAPITAL_ARCMIN = 16.0
MIN_LOWER_CASE_ARCMIN = 10.0
DRAWN_FOR_PX = 1080  # the height that scenes are drawn for: a nearer seat gets larger letters, not more of them
VIRTUAL_PX = 10  # of a scene unit
DEFAULT_ROOM = "default"
_EM = 1000  # size at which letters are measured
_METRES = Annotated[float, msgspec.Meta(gt=0, le=100)]
_COUNT = Annotated[int, msgspec.Meta(ge=1, le=20)]
_PIXELS = Annotated[int, msgspec.Meta(ge=640, le=32_000)]


class Bezels(msgspec.Struct, frozen=True, kw_only=True):
    """Where seams between displays run across a scene, in its virtual pixels.

    Attributes:
        x: Middles of the upright ones, from the left.
        y: Middles of the level ones, from the top.
        px: How wide each is.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    px: float = 0.0


class Room(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room file: `profiles/<region>/rooms/<id>.toml`.

    Attributes:
        provenance: Where the figures come from.
        title: Its name.
        title_en: Its name in English.
        displays: How many displays stand side by side and above each other.
        resolution: Pixels of all of them together, width and height.
        pixel_pitch_mm: From the middle of a pixel to that of the next.
        bezel_mm: Width of the seam between two displays, from picture to picture.
        farthest_seat_m: From the glass to the eyes of those who sit farthest away.
        first_row_m: From the glass to the eyes of the first row.
        virtual_height: Height of a scene in virtual pixels; 0: as many as can be read, 1080 at most.
    """

    provenance: Provenance
    title: str
    title_en: str
    displays: tuple[_COUNT, _COUNT]
    resolution: tuple[_PIXELS, _PIXELS]
    pixel_pitch_mm: Annotated[float, msgspec.Meta(gt=0, le=50)]
    bezel_mm: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0
    farthest_seat_m: _METRES
    first_row_m: _METRES
    virtual_height: Annotated[int, msgspec.Meta(ge=0, le=4000)] = 0

    @property
    def height(self) -> int:
        """Height of a scene in virtual pixels."""
        return self.virtual_height or min(DRAWN_FOR_PX, math.floor(self.readable_height))

    @property
    def width(self) -> float:
        """Width of a scene in virtual pixels, as wide as the glass."""
        return round(self.height * self.resolution[0] / self.resolution[1], 2)

    @property
    def readable_height(self) -> float:
        """The most virtual pixels that a scene may be high here, both classes of text being large enough."""
        own_mm = self.resolution[1] * self.pixel_pitch_mm
        classes = ((ESSENTIAL_PX, self.farthest_seat_m), (SECONDARY_PX, self.first_row_m))
        return min(
            own_mm * px * letter_heights()[0] / subtended_mm(MIN_CAPITAL_ARCMIN, seat_m) for px, seat_m in classes
        )

    @property
    def virtual_px_mm(self) -> float:
        """What a virtual pixel measures on the glass."""
        return self.resolution[1] * self.pixel_pitch_mm / self.height

    @property
    def style(self) -> str:
        """What makes a page's `rem` ten virtual pixels."""
        return f"--room-width:{self.width / VIRTUAL_PX:g};--room-height:{self.height / VIRTUAL_PX:g}"

    @property
    def bezels(self) -> Bezels:
        """The seams in virtual pixels."""
        across, down = self.displays
        if (across, down) == (1, 1):
            return Bezels()
        return Bezels(
            x=tuple(round(self.width * n / across, 2) for n in range(1, across)),
            y=tuple(round(self.height * n / down, 2) for n in range(1, down)),
            px=round(self.bezel_mm / self.virtual_px_mm, 2),
        )

    def page_config(self) -> dict[str, object]:
        """Return what a page is told: virtual pixels and seams."""
        return {"width": self.width, "height": self.height, "bezels": msgspec.to_builtins(self.bezels)}


def subtended_mm(arcmin: float, distance_m: float) -> float:
    """Return how high in mm something is that fills so many minutes of arc from so far away."""
    return distance_m * 1000 * math.tan(math.radians(arcmin / 60))


def arcmin_of(height_mm: float, distance_m: float) -> float:
    """Return how many minutes of arc a height in mm fills from so far away."""
    return 60 * math.degrees(math.atan(height_mm / (distance_m * 1000)))


@cache
def letter_heights() -> tuple[float, float]:
    """Return heights of a capital and of a lower-case letter of the wall's typeface, as shares of its size.

    Measured in the font file itself (Н and х); its variants by weight are equally high.

    Raises:
        ProfileError: The font is not there; set-up puts it there.
    """
    try:
        font = ImageFont.truetype(str(FONT), _EM)
    except OSError as error:
        message = f"{FONT.name} is not in {FONT.parent}: run `make setup`."
        raise ProfileError(message) from error
    capital, lower = (-font.getbbox(letter, anchor="ls")[1] / _EM for letter in ("Н", "х"))
    return capital, lower


def load_room(path: Path) -> Room:
    """Read a room file.

    Returns:
        The room.

    Raises:
        ProfileError: It is missing or cannot be used; the message names file and key.
    """
    label = label_of(path)
    try:
        room = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Room)
    except FileNotFoundError as error:
        message = f"{label} is missing."
        raise ProfileError(message) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        message = f"{label} cannot be used: {error}."
        raise ProfileError(message) from error
    if room.first_row_m > room.farthest_seat_m:
        message = f"{label}: first_row_m is farther away than farthest_seat_m."
        raise ProfileError(message)
    return room


def open_room(name_or_path: str, profile_folder: Path) -> Room | None:
    """Return the room that a wall stands in; None where none is named and the profile has none called `default`.

    Raises:
        StartError: It is named and not there, or cannot be used.
    """
    try:
        if name_or_path:
            return load_room(find_room(name_or_path, profile_folder))
        path = profile_folder / "rooms" / f"{DEFAULT_ROOM}.toml"
        return load_room(path) if path.is_file() else None
    except ProfileError as error:
        raise StartError(str(error)) from error


def find_room(name_or_path: str, profile_folder: Path) -> Path:
    """Return the file of a room: one of the profile's by its name, or a path.

    Raises:
        ProfileError: There is none; the message names those of the profile.
    """
    rooms = profile_folder / "rooms"
    for path in (rooms / f"{name_or_path}.toml", Path(name_or_path).absolute()):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in rooms.glob("*.toml"))) or "none"
    message = f"There is no room {name_or_path!r}; the profile's are: {known}."
    raise ProfileError(message)
