"""Theme and low vision: kept by a browser, asked for by an address, never more than the known words."""

from __future__ import annotations

import flask
import pytest

from callbacks import looks


@pytest.fixture
def client():
    server = flask.Flask("looks")
    looks.register(server)
    return server.test_client()


def test_a_choice_is_kept_and_leads_back(client):
    """The other choice stays as it was."""
    answer = client.get("/look?vision=low&back=/problems/")
    assert (answer.status_code, answer.location) == (302, "/problems/")
    assert client.get_cookie("svodka_vision").value == "low"
    assert client.get_cookie("svodka_theme") is None


@pytest.mark.parametrize("back", ["https://evil.example/sources/", "//evil.example/sources/", "/link/x", ""])
def test_it_leads_nowhere_but_to_a_page_for_operators(client, back):
    """An address from outside must not become a way out."""
    assert client.get("/look", query_string={"theme": "light", "back": back}).location == "/sources/"


def test_an_unknown_look_is_no_look(client):
    """What stands on the root element are our own words."""
    assert client.get('/look?theme="><script>&vision=lower').headers.getlist("Set-Cookie") == []
    assert looks.attributes({"theme": '"><script>', "vision": "low"}) == 'data-vision="low" '
    assert looks.attributes({}) == ""
