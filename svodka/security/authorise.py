"""The one seam: every page, socket event, export and endpoint asks `authorise`.

Deny by default: what is not listed is not allowed. The decision carries its reason for the log and the answer.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from svodka.security.principals import Principal, Role


class Action(StrEnum):
    """Everything that can be asked for. The scope of each is in brackets."""

    OPEN_LINK = "open_link"  # [-] turn an access link into a session
    READ_HEALTH = "read_health"  # [summary | sources]
    READ_METRICS = "read_metrics"  # [-]
    READ_ASSET = "read_asset"  # [-] scripts, styles, fonts: the same for everybody, no data
    SEE_PAGE = "see_page"  # [name of the page]
    READ_CONFIG = "read_config"  # [name of the page]
    READ_GEOMETRY = "read_geometry"  # [-]
    WATCH_PAGE = "watch_page"  # [page/scene] live, over the socket
    READ_FROZEN = "read_frozen"  # [token]
    READ_ARCHIVE = "read_archive"  # [-] a scene at an instant that is over
    TAKE_PICTURE = "take_picture"  # [path]
    READ_BRIEFING = "read_briefing"  # [id] what a stored moment shows, and where its presenter stands
    ACT_ON_BRIEFING = "act_on_briefing"  # [id] make, change and present a briefing, its files and its links
    READ_PACK = "read_pack"  # [number] the files of a briefing
    RUN_CALLBACK = "run_callback"  # [-] Dash's own protocol, of walls
    SEE_DESK = "see_desk"  # [name of the page] a page for operators, its layout and its callbacks
    ACT_ON_SOURCE = "act_on_source"  # [id of the source] pause, poll, fetch anew, reprocess; acknowledge its notices
    REGISTER = "register"  # [id of the source] register by hand, set the stage of what was, withdraw it
    ACT_ON_WALL = "act_on_wall"  # [id of the wall] decide what it shows
    ACT_ON_PROBLEM = "act_on_problem"  # [number of the problem] say what belongs to it and what not
    OFFER_DELIVERY = "offer_delivery"  # [-] hand over a signed delivery to be checked
    DELIVER = "deliver"  # [source] have it stored


class Reason(StrEnum):
    """Why a decision is what it is."""

    EVERYBODY_MAY = "everybody_may"
    ROLE_MAY = "role_may"
    NOT_SIGNED_IN = "not_signed_in"
    ROLE_MAY_NOT = "role_may_not"
    OTHER_MOMENT = "other_moment"
    OTHER_SOURCE = "other_source"
    OTHER_BRIEFING = "other_briefing"


class Decision(msgspec.Struct, frozen=True):
    """Whether, and why."""

    allowed: bool
    reason: Reason


_READING = frozenset(
    {
        Action.SEE_PAGE,
        Action.READ_CONFIG,
        Action.READ_GEOMETRY,
        Action.WATCH_PAGE,
        Action.READ_FROZEN,
        Action.READ_ARCHIVE,
        Action.TAKE_PICTURE,
        Action.READ_BRIEFING,
        Action.RUN_CALLBACK,
        Action.READ_HEALTH,
        Action.READ_METRICS,
    }
)
_OPERATING = frozenset(
    {
        Action.SEE_DESK,
        Action.ACT_ON_BRIEFING,
        Action.READ_PACK,
        Action.REGISTER,
        Action.ACT_ON_SOURCE,
        Action.ACT_ON_PROBLEM,
        Action.ACT_ON_WALL,
    }
)
_OF_MACHINE = frozenset({Action.READ_HEALTH, Action.READ_METRICS})  # for monitors there, without a link
_EVERYBODY = frozenset({Action.OPEN_LINK, Action.READ_ASSET, Action.OFFER_DELIVERY})
_BY_ROLE = {
    Role.NOBODY: frozenset[Action](),
    Role.LOCAL: _READING,
    Role.WALL: _READING,
    Role.OPERATOR: _READING | _OPERATING,
    Role.GUEST: frozenset(
        {Action.SEE_PAGE, Action.READ_CONFIG, Action.READ_GEOMETRY, Action.READ_BRIEFING, Action.RUN_CALLBACK}
    ),
    Role.SOURCE: frozenset({Action.DELIVER}),
    Role.PICTURE: frozenset(
        {Action.SEE_PAGE, Action.READ_CONFIG, Action.READ_GEOMETRY, Action.READ_FROZEN, Action.RUN_CALLBACK}
    ),
}
HEALTH_SUMMARY = "summary"


def authorise(principal: Principal, action: Action, scope: str = "") -> Decision:
    """Decide whether a principal may perform an action.

    Args:
        principal: Who asks.
        action: What for.
        scope: On what; its meaning stands beside each action. Every role may see every page and scene: pages and
            scenes decide nothing yet, summary and token do.

    Returns:
        The decision with its reason.
    """
    if action in _EVERYBODY or (action is Action.READ_HEALTH and scope == HEALTH_SUMMARY):
        return Decision(allowed=True, reason=Reason.EVERYBODY_MAY)
    if action in _OF_MACHINE and principal.on_machine:
        return Decision(allowed=True, reason=Reason.ROLE_MAY)
    if action not in _BY_ROLE[principal.role]:
        signed_in = principal.role is not Role.NOBODY
        return Decision(allowed=False, reason=Reason.ROLE_MAY_NOT if signed_in else Reason.NOT_SIGNED_IN)
    other = _find_other(principal, action, scope)
    if other is not None:
        return Decision(allowed=False, reason=other)
    return Decision(allowed=True, reason=Reason.ROLE_MAY)


def _find_other(principal: Principal, action: Action, scope: str) -> Reason | None:
    """Return why a principal that may see one thing alone may not see this one; None: it is that one."""
    if principal.role is Role.PICTURE and action is Action.READ_FROZEN and scope != principal.frozen:
        return Reason.OTHER_MOMENT
    if principal.role is Role.GUEST and action is Action.READ_BRIEFING and scope != principal.briefing:
        return Reason.OTHER_BRIEFING
    return Reason.OTHER_SOURCE if principal.role is Role.SOURCE and scope != principal.source else None
