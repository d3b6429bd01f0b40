"""How different two colours look: by luminance, by CIEDE2000, also as people with a colour deficiency see them.

Pure arithmetic on sRGB colours written as `#rrggbb`.
"""

from __future__ import annotations

import math
from typing import Literal

Triple = tuple[float, float, float]
Deficiency = Literal["protanopia", "deuteranopia", "tritanopia"]

# Source: Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
# TVCG 15(6), 2009, severity 1.0; applied to linear RGB.
_SEEN: dict[Deficiency, tuple[Triple, Triple, Triple]] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
DEFICIENCIES: tuple[Deficiency, ...] = ("protanopia", "deuteranopia", "tritanopia")
# Source: IEC 61966-2-1 (sRGB, D65).
_TO_XYZ: tuple[Triple, Triple, Triple] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Triple = (0.95047, 1.0, 1.08883)
_25_TO_THE_7 = 25.0**7


def linear_rgb(colour: str) -> Triple:
    """Return a colour's linear RGB, each 0..1.

    Raises:
        ValueError: It is not written as `#rrggbb` or `#rgb`.
    """
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits  # noqa: PLR2004 - short form
    if not colour.startswith("#") or len(digits) != 6:  # noqa: PLR2004 - two for each of three
        message = f"{colour!r} is not a colour of the form #rrggbb"
        raise ValueError(message)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return _linear(red), _linear(green), _linear(blue)


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours' luminances, 1..21.

    Source: WCAG 2.2, contrast ratio.
    """
    light, dark = sorted((_apply(_TO_XYZ, linear_rgb(each))[1] for each in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen_with(deficiency: Deficiency | None, colour: str) -> Triple:
    """Return a colour in CIELAB as somebody with a deficiency sees it; None: without any."""
    rgb = linear_rgb(colour)
    if deficiency:
        red, green, blue = (min(1.0, max(0.0, part)) for part in _apply(_SEEN[deficiency], rgb))
        rgb = (red, green, blue)
    x, y, z = (part / white for part, white in zip(_apply(_TO_XYZ, rgb), _WHITE, strict=True))
    fx, fy, fz = _lab_root(x), _lab_root(y), _lab_root(z)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one: str, other: str, deficiency: Deficiency | None = None) -> float:
    """Return how different two colours look (CIEDE2000); about 2 can just be seen side by side."""
    return ciede2000(seen_with(deficiency, one), seen_with(deficiency, other))


def ciede2000(one: Triple, other: Triple) -> float:
    """Return the difference of two colours in CIELAB.

    Source: Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and Application 30(1), 2005.
    """
    light_1, a_1, b_1 = one
    light_2, a_2, b_2 = other
    mean_7 = ((math.hypot(a_1, b_1) + math.hypot(a_2, b_2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - math.sqrt(mean_7 / (mean_7 + _25_TO_THE_7)))
    chroma_1, hue_1 = math.hypot(stretch * a_1, b_1), _hue(stretch * a_1, b_1)
    chroma_2, hue_2 = math.hypot(stretch * a_2, b_2), _hue(stretch * a_2, b_2)
    is_grey = chroma_1 * chroma_2 == 0
    turn = 0.0 if is_grey else (hue_2 - hue_1 + 180) % 360 - 180
    d_hue = 2 * math.sqrt(chroma_1 * chroma_2) * math.sin(math.radians(turn / 2))
    light, chroma = (light_1 + light_2) / 2, (chroma_1 + chroma_2) / 2
    hue = hue_1 + hue_2 if is_grey else _mean_hue(hue_1, hue_2)
    weight = (
        1
        - 0.17 * math.cos(math.radians(hue - 30))
        + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6))
        - 0.20 * math.cos(math.radians(4 * hue - 63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    parts = (
        (light_2 - light_1) / s_light,
        (chroma_2 - chroma_1) / (1 + 0.045 * chroma),
        d_hue / (1 + 0.015 * chroma * weight),
    )
    turned = 60 * math.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * math.sqrt(chroma**7 / (chroma**7 + _25_TO_THE_7)) * math.sin(math.radians(turned))
    return math.sqrt(max(0.0, sum(part**2 for part in parts) + rotation * parts[1] * parts[2]))


def _hue(a: float, b: float) -> float:
    return math.degrees(math.atan2(b, a)) % 360 if a or b else 0.0


def _mean_hue(one: float, other: float) -> float:
    total = one + other
    if abs(one - other) <= 180:  # noqa: PLR2004 - half a turn
        return total / 2
    return (total + 360) / 2 if total < 360 else (total - 360) / 2  # noqa: PLR2004 - a turn


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - of the standard


def _lab_root(part: float) -> float:
    return math.cbrt(part) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29


def _apply(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third
