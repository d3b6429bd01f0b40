"""What a person at the controller can have a wall do. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from svodka.director.facts import Facts
from svodka.director.layers import put, settle
from svodka.director.machine import Machine
from svodka.director.plan import Theme
from svodka.director.state import Chosen, Hold, Origin, State, TimedNumber, TimedText, Vision
from svodka.domain.masking import find_personal

MESSAGE_CHARS = 120
MAX_DIM = 80
MIN_HOLD_S, MAX_HOLD_S = 60, 4 * 3600
POINTED_S, MESSAGE_S, WANTED_S, UNDO_S = 120, 900, 12 * 3600, 300
_MS = 1000


class _Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=str.lower):
    """Base of all commands."""


class Choose(_Command, frozen=True):
    """Show a scene on each screen; "" leaves a screen as it is. On a wall that is held it stays held."""

    scenes: tuple[str, ...]


class Next(_Command, frozen=True):
    """Go on in the playlist; refused where the wall is held at a moment that is not the present one."""


class Previous(_Command, frozen=True):
    """Go back in the playlist; refused as `Next` is."""


class Keep(_Command, frozen=True):
    """Hold what is shown, or hold it anew, for so many seconds."""

    for_s: int


class Release(_Command, frozen=True):
    """Let go what is held; what lies under it comes back."""


class Resume(_Command, frozen=True):
    """Go back to the playlist: end whatever lies over it."""


class Show(_Command, frozen=True):
    """Show a moment that is not the present one, held for so many seconds.

    Attributes:
        scenes: As in `Choose`.
    """

    origin: Origin
    for_s: int
    scenes: tuple[str, ...] = ()


class Point(_Command, frozen=True):
    """Point at a kind of panel; None: at none."""

    panel: str | None


class Zoom(_Command, frozen=True):
    """Show one area on the map; None: the whole region."""

    area: str | None


class Dim(_Command, frozen=True):
    """Dim the wall by so many percent (0..80); None: as the plan says."""

    percent: int | None


class Say(_Command, frozen=True):
    """Show a line of text; empty: take it away."""

    text: str


class Colour(_Command, frozen=True):
    """Use a theme; None: as the plan says."""

    theme: Theme | None


class See(_Command, frozen=True):
    """Show everything larger and plainer, or no longer."""

    vision: Vision


class Undo(_Command, frozen=True):
    """Take the last command back."""


Command = Choose | Next | Previous | Keep | Release | Resume | Show | Point | Zoom | Dim | Say | Colour | See | Undo
_POSITION = ("playlist", "item", "sub", "steps", "left_ms")
_UNDONE = (*_POSITION, "chosen", "takeover", "hold", "pointed", "zoom", "message", "dim", "theme", "vision")
_RELATIVE = (Next, Previous, Release, Resume, Undo)  # what they do depends on what the person sees


class Answer(StrEnum):
    """What became of a command."""

    DONE = "done"
    NOTHING = "nothing"  # it stands so already
    STALE = "stale"  # the wall has gone on since the page showed it
    NO_UNDO = "no_undo"
    UNKNOWN_SCENE = "unknown_scene"
    UNKNOWN_AREA = "unknown_area"
    TOO_LONG = "too_long"
    PERSONAL = "personal"
    NO_WALL = "no_wall"
    NOT_LIVE = "not_live"  # the wall shows a moment that has no next scene of the playlist


class _RefusedError(Exception):
    """A command cannot be done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.value)
        self.answer = answer


def command(
    machine: Machine, state: State, order: Command, now: datetime, facts: Facts, *, rev: int | None = None, by: str = ""
) -> tuple[State, Answer]:
    """Have a wall do something.

    Args:
        machine: Of the wall.
        state: As it was last worked out.
        order: What to do.
        now: The product's clock, aware.
        facts: The world now.
        rev: What the person saw when he pressed; None: it does not matter.
        by: Who that is: whoever presses twice before his page has followed does not stand in his own way.

    Returns:
        The state, brought to `now` in any case, and what became of the command.
    """
    state = machine.advance(state, now, facts)
    if rev is not None and _is_stale(state, order, rev, by):
        return state, Answer.STALE
    try:
        done = _DO[type(order)](machine, state, order, facts)
    except _RefusedError as refused:
        return state, refused.answer
    if done == state:
        return state, Answer.NOTHING
    changed = tuple(name for name in _UNDONE if getattr(done, name) != getattr(state, name))
    undone = isinstance(order, Undo)
    done = put(
        settle(state, done, machine.wall),
        rev=state.rev + 1,
        commanded_rev=state.rev + 1,
        commanded_by=by,
        own_from_rev=state.own_from_rev if _is_own(state, by) else state.rev,
        before=None if undone else put(state, before=None),
        changed=() if undone else changed,
        undo_ms=0 if undone else UNDO_S * _MS,
    )
    return machine.advance(done, now, facts), Answer.DONE


def _is_own(state: State, by: str) -> bool:
    """Return whether nothing came after the last command of this person."""
    return bool(by) and state.commanded_by == by and state.rev == state.commanded_rev


def _is_stale(state: State, order: Command, rev: int, by: str) -> bool:
    if isinstance(order, _RELATIVE):
        return rev != state.rev and not (_is_own(state, by) and rev >= state.own_from_rev)
    return rev < state.commanded_rev and state.commanded_by != by


def _choose(machine: Machine, state: State, order: Any, facts: Facts) -> State:  # noqa: ANN401 - see `_DO`
    screens = _fill(machine, state, order.scenes, facts)
    hold = state.hold
    if hold is None:
        return put(state, takeover=None, chosen=Chosen(screens=screens, left_ms=machine.wall.chosen_ms))
    # An archive has every scene at its moment; a still and a briefing only those that were stored.
    origin = hold.origin if hold.origin.kind == "archive" else Origin(kind="live")
    return put(state, takeover=None, hold=Hold(screens=screens, left_ms=hold.left_ms, origin=origin))


def _fill(machine: Machine, state: State, scenes: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    if any(scene and not facts.knows(scene) for scene in scenes):
        raise _RefusedError(Answer.UNKNOWN_SCENE)
    wanted = [*scenes, *[""] * machine.wall.screens_n]
    return tuple(wanted[number] or shown for number, shown in enumerate(state.shown[0]))


def _skip(machine: Machine, state: State, order: Any, facts: Facts) -> State:  # noqa: ANN401
    if state.hold is not None and state.hold.origin.kind != "live":
        raise _RefusedError(Answer.NOT_LIVE)
    moved = machine.back(state, facts) if isinstance(order, Previous) else machine.on(state, facts)
    moved = put(moved, chosen=None, takeover=None)
    if moved.hold is None:
        return moved
    return put(moved, hold=Hold(screens=moved.steps[moved.sub], left_ms=moved.hold.left_ms))


def _keep(_machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    screens, origin = state.shown
    return put(state, hold=Hold(screens=screens, left_ms=_hold_ms(order.for_s), origin=origin))


def _hold_ms(for_s: int) -> int:
    return max(MIN_HOLD_S, min(for_s, MAX_HOLD_S)) * _MS


def _release(_machine: Machine, state: State, _order: Any, _facts: Facts) -> State:  # noqa: ANN401
    return put(state, hold=None)


def _resume(_machine: Machine, state: State, _order: Any, _facts: Facts) -> State:  # noqa: ANN401
    return put(state, hold=None, chosen=None, takeover=None)


def _show(machine: Machine, state: State, order: Any, facts: Facts) -> State:  # noqa: ANN401
    screens = _fill(machine, state, order.scenes, facts)
    return put(state, takeover=None, hold=Hold(screens=screens, left_ms=_hold_ms(order.for_s), origin=order.origin))


def _point(_machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    return put(state, pointed=TimedText(text=order.panel, left_ms=POINTED_S * _MS) if order.panel else None)


def _zoom(machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    if order.area is not None and order.area not in machine.plan.arguments.get("area", (order.area,)):
        raise _RefusedError(Answer.UNKNOWN_AREA)
    return put(state, zoom=order.area)


def _dim(_machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    if order.percent is None:
        return put(state, dim=None)
    return put(state, dim=TimedNumber(value=max(0, min(order.percent, MAX_DIM)), left_ms=WANTED_S * _MS))


def _say(_machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in order.text).split())
    if len(text) > MESSAGE_CHARS:
        raise _RefusedError(Answer.TOO_LONG)
    if find_personal(text):
        raise _RefusedError(Answer.PERSONAL)
    return put(state, message=TimedText(text=text, left_ms=MESSAGE_S * _MS) if text else None)


def _colour(_machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    return put(state, theme=None if order.theme is None else TimedText(text=order.theme, left_ms=WANTED_S * _MS))


def _see(_machine: Machine, state: State, order: Any, _facts: Facts) -> State:  # noqa: ANN401
    is_normal = order.vision == "normal"
    return put(state, vision=None if is_normal else TimedText(text=order.vision, left_ms=WANTED_S * _MS))


def _undo(_machine: Machine, state: State, _order: Any, _facts: Facts) -> State:  # noqa: ANN401
    before = state.before
    if before is None:
        raise _RefusedError(Answer.NO_UNDO)
    names = set(state.changed) | (set(_POSITION) if set(_POSITION) & set(state.changed) else set())
    if state.takeover is not None:
        names.discard("takeover")  # one that came since
    return put(state, **{name: getattr(before, name) for name in names})


_DO: dict[type[Any], Callable[[Machine, State, Any, Facts], State]] = {
    Choose: _choose,
    Next: _skip,
    Previous: _skip,
    Keep: _keep,
    Release: _release,
    Resume: _resume,
    Show: _show,
    Point: _point,
    Zoom: _zoom,
    Dim: _dim,
    Say: _say,
    Colour: _colour,
    See: _see,
    Undo: _undo,
}
