"""A simulated day on the glass: how long each point is bright, with the care that the director takes and without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from svodka.director.care import shift_at
from svodka.director.plan import Plan
from svodka.director.reader import load_plan
from svodka.profiles.reader import load_profile

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "wall.png"
BLOCK = 16
BRIGHT = 0.5  # of full luminance: text and lines on a dark ground
ALLOWED = 0.6  # of a day


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(load_profile("kuzbass"))


def _luminance() -> np.ndarray:
    upper = Image.open(PICTURE).convert("RGB").crop((0, 0, 1920, 544))  # half of it is enough, and half as long
    grey = np.asarray(upper, dtype=np.float32) / 255
    return (grey**2.2) @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def _mirrored(picture: np.ndarray) -> np.ndarray:
    """Return the picture with its left and right column in each other's place, as the page lays them out."""
    width = 656
    return np.hstack([picture[:, -width:], picture[:, width:-width], picture[:, :width]])


def _bright_shares(picture: np.ndarray, plan: Plan, *, is_cared_for: bool) -> np.ndarray:
    """Return the share of a day for which each block of 16 by 16 pixels has a point that is bright."""
    wall, start = plan.walls["main"], datetime(2026, 11, 22, tzinfo=UTC)
    shown = {False: picture > BRIGHT, True: _mirrored(picture) > BRIGHT}
    minutes: dict[tuple[int, int, bool], int] = {}
    for n in range(1440):
        at = start + timedelta(minutes=n)
        place = (*shift_at(at), plan.is_mirrored(wall, at)) if is_cared_for else (0, 0, False)
        minutes[place] = minutes.get(place, 0) + 1
    spent = np.zeros(picture.shape, dtype=np.int16)
    for (x, y, mirrored), n in minutes.items():
        spent += n * np.roll(shown[mirrored], (y, x), axis=(0, 1))
    height, width = (size // BLOCK * BLOCK for size in picture.shape)
    blocks = spent[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return blocks.max(axis=(1, 3)) / 1440


def test_points_that_are_bright_all_day_become_a_few_large_marks(plan):
    """The picture of the overview as if it never changed; what remains are the marks of incidents, which do."""
    picture = _luminance()
    without, with_care = (_bright_shares(picture, plan, is_cared_for=cared) for cared in (False, True))
    all_day_n, still_n, long_n = (int(np.sum(each)) for each in (without >= 1, with_care >= 1, with_care > ALLOWED))
    print(  # noqa: T201 - the figures that were asked for
        f"\nof {without.size} blocks bright all day: {all_day_n}, with care {still_n};"
        f" more than {ALLOWED} of it: {long_n}; median of the bright {np.median(with_care[without >= 1]):.2f}"
    )
    assert all_day_n > 300
    assert still_n <= all_day_n / 50
    assert long_n <= all_day_n / 7
