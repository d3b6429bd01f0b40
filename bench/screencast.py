"""What the probe says, held against pixels: frames of a screencast in which twelve squares tell the newest row.

Runs after the measurement, for taking pictures slows a page down.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import msgspec
from PIL import Image

from bench.browsing import Watched
from bench.publisher import Order, Publisher

_SQUARES_N = 12
_SQUARE_PX = 16
_WHITE = 128
_ORDER = Order(rate=5, seconds=6)


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """An event seen in a picture.

    Attributes:
        n: The event.
        after_probe_s: Seconds from the probe's stamp to the time of the first picture that shows it.
    """

    n: int
    after_probe_s: float


def compare_pixels(watched: Watched, publisher: Publisher) -> list[Sighting]:
    """Take pictures while events come and return when each was first seen in one.

    Raises:
        AssertionError: A picture shows an event that was not committed yet, or none shows any.
    """
    frames: list[tuple[float, bytes]] = []
    is_over = False
    session = watched.page.context.new_cdp_session(watched.page)

    def keep(frame: dict[str, Any]) -> None:
        frames.append((frame["metadata"]["timestamp"], base64.b64decode(frame["data"])))
        if not is_over:
            session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    session.on("Page.screencastFrame", keep)
    watched.ask("probe.flag()")
    session.send("Page.startScreencast", {"format": "jpeg", "quality": 60, "everyNthFrame": 1})
    run = watched.run(publisher, _ORDER, settle_s=5.0)
    watched.page.wait_for_timeout(300)
    is_over = True
    session.send("Page.stopScreencast")
    watched.page.wait_for_timeout(300)
    session.detach()
    modulus = 1 << _SQUARES_N
    by_flag = {n % modulus: n for n in run.committed}
    first_seen: dict[int, float] = {}
    for at, picture in frames:
        n = by_flag.get(read_flag(picture))
        if n is not None:
            first_seen.setdefault(n, at)
    assert first_seen, "no picture shows any event"
    early = [n for n, at in first_seen.items() if at < run.committed[n]]
    assert not early, f"seen before they were committed: {early}"
    painted = run.painted["row"]
    return [Sighting(n=n, after_probe_s=at - painted[n]) for n, at in first_seen.items() if n in painted]


def read_flag(picture: bytes) -> int:
    """Return the number that the squares of a picture tell."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    centre = _SQUARE_PX // 2
    bright = [image.getpixel((i * _SQUARE_PX + centre, centre)) > _WHITE for i in range(_SQUARES_N)]
    return sum(1 << i for i, is_bright in enumerate(bright) if is_bright)
