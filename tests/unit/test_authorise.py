"""The one seam: who may do what."""

from __future__ import annotations

import pytest

from svodka.security.authorise import Action, Reason, authorise
from svodka.security.principals import NOBODY, Principal, Role

READING = set(Action) - {Action.OPEN_LINK, Action.READ_ASSET}


@pytest.mark.parametrize("action", sorted(READING))
def test_nobody_may_read_anything(action):
    """Whoever shows nothing gets assets, the door for links and a summary of health, and no data."""
    decision = authorise(NOBODY, action, "wall")
    assert not decision.allowed
    assert decision.reason is Reason.NOT_SIGNED_IN


@pytest.mark.parametrize("role", [Role.LOCAL, Role.WALL, Role.OPERATOR])
@pytest.mark.parametrize("action", sorted(Action))
def test_walls_and_operators_may_read_everything_there_is(role, action):
    """Nothing that exists so far changes anything, so these roles do not differ yet."""
    assert authorise(Principal(role=role, link_id="x"), action, "wall").allowed


def test_a_renderer_sees_its_own_moment_and_no_live_data():
    """The browser that takes a picture may neither watch live nor read another moment."""
    renderer = Principal(role=Role.PICTURE, frozen="mine")
    assert authorise(renderer, Action.READ_FROZEN, "mine").allowed
    assert authorise(renderer, Action.READ_FROZEN, "other").reason is Reason.OTHER_MOMENT
    assert authorise(renderer, Action.WATCH_PAGE, "wall").reason is Reason.ROLE_MAY_NOT
    assert not authorise(renderer, Action.TAKE_PICTURE, "/wall").allowed


def test_health_is_a_summary_for_strangers_and_whole_on_the_machine():
    """A monitor on the machine needs no link; from the network only the summary is open."""
    assert authorise(NOBODY, Action.READ_HEALTH, "summary").allowed
    assert not authorise(NOBODY, Action.READ_HEALTH, "sources").allowed
    assert authorise(Principal(role=Role.NOBODY, on_machine=True), Action.READ_HEALTH, "sources").allowed
    assert not authorise(Principal(role=Role.NOBODY, on_machine=True), Action.SEE_PAGE, "wall").allowed
