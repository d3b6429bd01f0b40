"""The operator's own map: what may be used, and whom browsers may ask for it."""

from __future__ import annotations

import json

import pytest

from svodka.domain.errors import StartError
from svodka.geography.style import load_map_style
from svodka.security.gate import security_headers

TILES = "http://tiles.region.local:8081"


def write(folder, **more):
    style = {"version": 8, "sources": {}, "layers": []} | more
    path = folder / "style.json"
    path.write_text(json.dumps(style), encoding="utf-8")
    return str(path)


def test_without_a_setting_nobody_is_asked():
    """The default is bare ground, and a policy that knows no other server."""
    assert load_map_style("") is None
    policy = dict(security_headers([], ["http://127.0.0.1:8050"]))["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:8050;" in policy


def test_an_address_is_told_to_browsers_and_its_origin_to_the_policy():
    """That one origin and no other."""
    style = load_map_style(f"{TILES}/styles/base.json")
    assert (style.told, style.origin) == (f"{TILES}/styles/base.json", TILES)
    policy = dict(security_headers([], ["http://127.0.0.1:8050"], style.origin))["Content-Security-Policy"]
    assert f"connect-src 'self' ws://127.0.0.1:8050 {TILES};" in policy
    assert policy.count(TILES) == 1


def test_a_file_is_told_whole_and_may_ask_one_server(tmp_path):
    """Tiles, glyphs and signs of one origin; a file that asks nobody widens nothing."""
    raster = {"type": "raster", "tiles": [f"{TILES}/{{z}}/{{x}}/{{y}}.png"]}
    path = write(tmp_path, sources={"base": raster}, glyphs=f"{TILES}/{{fontstack}}/{{range}}.pbf")
    style = load_map_style(path)
    assert style.origin == TILES
    assert style.told["sources"] == {"base": raster}
    assert load_map_style(write(tmp_path)).origin == ""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"version": 7}, "no MapLibre style of version 8"),
        ({"layers": None}, "no MapLibre style of version 8"),
        ({"glyphs": "https://a.local/g", "sprite": "https://b.local/s"}, "asks several servers"),
        ({"sprite": [{"id": "a", "url": "https://user:word@a.local/s"}]}, "without a password"),
        ({"glyphs": "/fonts/{range}.pbf"}, "no whole http"),
        ({"glyphs": "file:///etc/passwd"}, "no whole http"),
        ({"sources": {"a": {"url": "https://a.local;script-src *"}}}, "no whole http"),
        ({"sources": {"a": {"url": "https://*.local/a"}}}, "no whole http"),
    ],
)
def test_a_style_that_cannot_be_used_is_a_sentence(tmp_path, more, why):
    """A start says so; no policy is widened by what a file says beside its addresses."""
    with pytest.raises(StartError, match=why):
        load_map_style(write(tmp_path, **more))


@pytest.mark.parametrize("setting", ["nowhere.json", "ftp://a.local/style.json", "https://u:p@a.local/s", "https://"])
def test_a_setting_that_means_nothing_is_a_sentence(setting):
    """Also where the file is not there."""
    with pytest.raises(StartError, match="map style"):
        load_map_style(setting)
