"""The texts of keys: one for each value, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.readmodels.keys import Key, Scope, parse_key

SLUGS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
SCOPES = st.builds(
    Scope,
    area=st.none() | SLUGS,
    sector=st.none() | SLUGS,
    period=st.sampled_from(["day", "week"]),
    wall=st.none() | SLUGS,
    kpi=st.none() | SLUGS,
)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (Key("flow"), "flow"),
        (Key("flow", Scope(area="kemerovo")), "flow@area=kemerovo"),
        (Key("flow", Scope(sector="housing", period="week")), "flow@period=week,sector=housing"),
        (Key("stage", Scope(wall="main")), "stage@wall=main"),
    ],
)
def test_a_key_has_one_text(key, text):
    """What is as usual is left out, names stand in the order of the alphabet."""
    assert str(key) == text
    assert parse_key(text) == key


@given(stem=SLUGS, scope=SCOPES)
def test_every_key_is_read_back_from_its_text(stem, scope):
    """Whatever it is of."""
    assert parse_key(str(Key(stem, scope))) == Key(stem, scope)


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "@area=a", "flow@", "flow@area", "flow@area=", "flow@town=a", "flow@period=month"),
        *("flow@period=day", "flow@sector=a,area=b", "flow@area=a,area=b", "flow@area=a@b=c,"),
    ],
)
def test_what_no_value_is_called_is_no_key(text):
    """Another spelling of the same value would be a second value."""
    with pytest.raises(ValueError, match="is not the key of a value"):
        parse_key(text)
