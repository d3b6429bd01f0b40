"""Ids of the page «Пульт»."""

from __future__ import annotations

PREFIX = "controller"
BEAT, AHEAD_BEAT, ACTED, REV = f"{PREFIX}-beat", f"{PREFIX}-ahead-beat", f"{PREFIX}-acted", f"{PREFIX}-rev"
WALL, WALLS, SCREEN, SCREENS = f"{PREFIX}-wall", f"{PREFIX}-walls", f"{PREFIX}-screen", f"{PREFIX}-screens"
NOW, NOTES, ALERT, AHEAD = f"{PREFIX}-now", f"{PREFIX}-notes", f"{PREFIX}-alert", f"{PREFIX}-ahead"
PREVIOUS, NEXT, RESUME, UNDO = f"{PREFIX}-previous", f"{PREFIX}-next", f"{PREFIX}-resume", f"{PREFIX}-undo"
HOLD, HOLD_LONG, RELEASE, FREEZE = f"{PREFIX}-hold", f"{PREFIX}-hold-long", f"{PREFIX}-release", f"{PREFIX}-freeze"
PLAIN, OF_SECTOR, OF_AREA = f"{PREFIX}-plain", f"{PREFIX}-of-sector", f"{PREFIX}-of-area"
SECTOR, AREA, ZOOM, WHOLE = f"{PREFIX}-sector", f"{PREFIX}-area", f"{PREFIX}-zoom", f"{PREFIX}-whole"
PANELS, TEXT, SAY, HUSH = f"{PREFIX}-panels", f"{PREFIX}-text", f"{PREFIX}-say", f"{PREFIX}-hush"
DRAWN, HEARD = f"{PREFIX}-drawn", f"{PREFIX}-heard"
# types of buttons that stand many times
SCENE, POINT, LOOK = f"{PREFIX}-scene", f"{PREFIX}-point", f"{PREFIX}-look"
OF_ARGUMENT = ":*"  # behind a scene of which the field beside it says the sector or area


def scene_id(reference: str) -> dict[str, str]:
    """Return the id of the button that shows a scene."""
    return {"type": SCENE, "ref": reference}


def point_id(kind: str) -> dict[str, str]:
    """Return the id of the button that points at a kind of panel."""
    return {"type": POINT, "kind": kind}


def look_id(wish: str) -> dict[str, str]:
    """Return the id of the button that sets `theme=…`, `dim=…` or `vision=…`; nothing behind the sign: the plan's."""
    return {"type": LOOK, "set": wish}
