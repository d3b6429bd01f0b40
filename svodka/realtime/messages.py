"""What a browser says and what the pulse tells: the small messages of the protocol (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from svodka.domain.changes import PROTOCOL_VERSION
from svodka.readmodels.pages import EVERYTHING, VIEWS
from svodka.readmodels.view import View

# No heartbeat for so long, three of them: what screens show stands still (assets/js/ages.mjs has the same limit).
STALLED_AFTER_S = 30.0
_MAX_SEQ = 2**53 - 1
_MAX_WORD = 64
_MAX_REFERENCE = 160


class Hello(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a browser wants to show, and where it says it stands.

    Attributes:
        page: Which page it is.
        wall: Name of the wall it hangs on.
        screen: Which screen of that wall it is.
        scene: Reference of the scene that it wants; None: the region's first.
        view: What exactly it holds, as its snapshot said; a position in another content than that of the scene it
            wants is none.
        epoch: Which log its number belongs to; both None: it knows nothing yet.
        seq: Its number.
        at: The server's time of the last thing it showed; None: it never showed anything.
    """

    v: int
    page: Annotated[str, msgspec.Meta(max_length=_MAX_WORD)]
    wall: Annotated[str, msgspec.Meta(max_length=_MAX_WORD)] = "main"
    screen: Annotated[str, msgspec.Meta(max_length=_MAX_WORD)] = "1"
    scene: Annotated[str, msgspec.Meta(max_length=_MAX_REFERENCE)] | None = None
    view: Annotated[str, msgspec.Meta(max_length=_MAX_WORD)] | None = None
    epoch: Annotated[str, msgspec.Meta(max_length=_MAX_WORD)] | None = None
    seq: int | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        """Refuse what no browser of ours says."""
        if self.v != PROTOCOL_VERSION:
            message = "another version"
            raise ValueError(message)
        if (self.epoch is None) != (self.seq is None) or not 0 <= (self.seq or 0) <= _MAX_SEQ:
            message = "not a position"
            raise ValueError(message)


FindView = Callable[[Hello], View]


def find_first_view(hello: Hello) -> View:
    """Return the view of the scene that a browser wants, of the region's first scene where there is no such one."""
    return VIEWS.get(hello.scene or "", EVERYTHING)


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The pulse: where the log stands, what time it is on the server, and how long ago each part of the way was alive.

    Attributes:
        epoch: Which log; "" while none could be read since this process began.
        seq: The newest number that browsers were told of.
        at: The server's clock.
        rate: Seconds of that clock per real second.
        pipeline_s: Real seconds since the newest heartbeat line came, counted from the start where none came.
        read_s: Real seconds since the log was last read well.
        broker: Whether changes are heard as they happen; None where there is no broker.
        watchers: How many browsers this process serves: over how long they spread their return when it is gone.
        scenes: Version of the scenes: a page with another one asks for them anew.
    """

    epoch: str
    seq: int
    at: datetime
    rate: float
    pipeline_s: float
    read_s: float
    broker: bool | None
    watchers: int
    scenes: str = ""
