"""What is mended of Dash's own controls stands in the installed version as expected, and is what browsers get."""

from __future__ import annotations

import flask
import pytest

from callbacks.mended import CHANGES, mended, path_of, register


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_made_as_often_as_expected(name):
    """Another version of Dash may read differently there: then its controls have to be looked at again."""
    script = path_of(name).read_text(encoding="utf-8")
    assert [script.count(old) for old, _, _ in CHANGES[name]] == [n for _, _, n in CHANGES[name]]
    assert not [old for old, _, _ in CHANGES[name] if old in mended(name)]


def test_the_mended_script_is_served_below_every_page_and_nothing_else_is_touched():
    """Whatever fingerprint its name carries."""
    server = flask.Flask("mended")
    register(server)
    server.add_url_rule("/<path:path>", "any", lambda path: "as it was")
    client = server.test_client()
    below = "/_dash-component-suites/dash/dcc"
    assert client.get(f"/problems{below}/async-dropdown.v4_4_1m17.js").text == mended("async-dropdown")
    assert client.get(f"{below}/dash_core_components.js").text == mended("dash_core_components")
    assert client.get(f"{below}/async-dropdown.js.map").text == "as it was"
    assert client.get("/assets/async-dropdown.js").text == "as it was"
