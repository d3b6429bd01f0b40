"""The one seam: who may do what."""

from __future__ import annotations

import pytest

from svodka.security.authorise import Action, Reason, authorise
from svodka.security.principals import NOBODY, Principal, Role

OF_EVERYBODY = {Action.OPEN_LINK, Action.READ_ASSET, Action.OFFER_DELIVERY}
READING = set(Action) - OF_EVERYBODY
OPERATING = {
    Action.ACT_ON_BRIEFING,
    Action.READ_PACK,
    Action.SEE_DESK,
    Action.REGISTER,
    Action.ACT_ON_SOURCE,
    Action.ACT_ON_PROBLEM,
    Action.ACT_ON_WALL,
}


@pytest.mark.parametrize("action", sorted(READING))
def test_nobody_may_read_anything(action):
    """Whoever shows nothing gets assets, the door for links and a summary of health, and no data."""
    decision = authorise(NOBODY, action, "wall")
    assert not decision.allowed
    assert decision.reason is Reason.NOT_SIGNED_IN


@pytest.mark.parametrize("role", [Role.LOCAL, Role.WALL, Role.OPERATOR])
@pytest.mark.parametrize("action", sorted(set(Action) - {Action.DELIVER}))
def test_walls_read_and_only_operators_see_the_desk_and_change_anything(role, action):
    """Every action beside every role that came in."""
    decision = authorise(Principal(role=role, link_id="x"), action, "wall")
    assert decision.allowed == (role is Role.OPERATOR or action not in OPERATING)
    assert decision.allowed or decision.reason is Reason.ROLE_MAY_NOT


def test_a_renderer_sees_its_own_moment_and_no_live_data():
    """The browser that takes a picture may neither watch live nor read another moment."""
    renderer = Principal(role=Role.PICTURE, frozen="mine")
    assert authorise(renderer, Action.READ_FROZEN, "mine").allowed
    assert authorise(renderer, Action.READ_FROZEN, "other").reason is Reason.OTHER_MOMENT
    assert authorise(renderer, Action.WATCH_PAGE, "wall").reason is Reason.ROLE_MAY_NOT
    assert not authorise(renderer, Action.TAKE_PICTURE, "/wall").allowed


def test_a_guest_sees_its_own_briefing_and_nothing_that_is_live():
    """Whoever came by a link to one briefing reads no other, watches nothing, and changes nothing."""
    guest = Principal(role=Role.GUEST, link_id="x", briefing="mine")
    assert authorise(guest, Action.READ_BRIEFING, "mine").allowed
    assert authorise(guest, Action.READ_BRIEFING, "other").reason is Reason.OTHER_BRIEFING
    shown = {Action.SEE_PAGE, Action.READ_CONFIG, Action.READ_GEOMETRY, Action.READ_BRIEFING, Action.RUN_CALLBACK}
    for action in READING - shown:
        assert not authorise(guest, action, "mine").allowed


def test_a_source_that_pushes_delivers_its_own_records_and_nothing_else():
    """Its signature opens no page; no link, not even an operator's, delivers in its name."""
    source = Principal(role=Role.SOURCE, source="mine")
    assert authorise(source, Action.DELIVER, "mine").allowed
    assert authorise(source, Action.DELIVER, "other").reason is Reason.OTHER_SOURCE
    for action in READING - {Action.DELIVER}:
        assert not authorise(source, action, "mine").allowed
    for role in (Role.LOCAL, Role.WALL, Role.OPERATOR, Role.PICTURE):
        assert authorise(Principal(role=role, link_id="x"), Action.DELIVER, "mine").reason is Reason.ROLE_MAY_NOT


def test_health_is_a_summary_for_strangers_and_whole_on_the_machine():
    """A monitor on the machine needs no link; from the network only the summary is open."""
    assert authorise(NOBODY, Action.READ_HEALTH, "summary").allowed
    assert not authorise(NOBODY, Action.READ_HEALTH, "sources").allowed
    assert authorise(Principal(role=Role.NOBODY, on_machine=True), Action.READ_HEALTH, "sources").allowed
    assert not authorise(Principal(role=Role.NOBODY, on_machine=True), Action.SEE_PAGE, "wall").allowed
