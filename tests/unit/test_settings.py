"""Settings have types; what cannot be used is refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from commands.checks import ensure_host_allowed
from svodka.domain.errors import StartError
from svodka.security.sessions import is_loopback
from svodka.settings import UnusableSettingError, read_settings


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "²", "8050.0"])
def test_what_is_no_port_is_refused(port):
    """Also digits that only look like digits."""
    with pytest.raises(UnusableSettingError, match="SVODKA_PORT"):
        read_settings({"SVODKA_PORT": port})


@pytest.mark.parametrize(
    "url",
    ["wall.example.org", "*", "ftp://wall", "https://", "https://wall/path", "http://a:99999", "https://u:p@wall"],
)
def test_what_is_no_origin_is_refused(url):
    """Without a scheme it has no host, and an empty one among ours would serve requests that name none."""
    with pytest.raises(UnusableSettingError, match="SVODKA_PUBLIC_URLS"):
        read_settings({"SVODKA_PUBLIC_URLS": f"https://good.example,{url}"})


def test_origins_are_kept_as_browsers_write_them():
    """Lower case, no slash at the end; an address of the sixth version in brackets."""
    assert read_settings({"SVODKA_PUBLIC_URLS": "https://Wall.Example/ , "}).public_urls == ("https://wall.example",)
    assert "http://[::1]:8050" in read_settings({"SVODKA_HOST": "::1"}).public_urls


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1", "localhost"])
def test_these_addresses_are_of_the_machine(address):
    """The mapped form is how a socket of both families names a browser of the machine."""
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["", "10.0.0.1", "::ffff:10.0.0.1", "localhost.evil.example", "127.0.0.1.evil"])
def test_these_are_not(address):
    """Names are compared whole."""
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("environ", "cause"),
    [
        ({"SVODKA_HOST": "10.0.0.5"}, "SVODKA_HOST"),
        ({"SVODKA_PUBLIC_URLS": "https://wall.example.org"}, "SVODKA_PUBLIC_URLS"),
    ],
)
def test_a_server_for_the_network_needs_a_wall_link(environ, cause):
    """A proxy that rewrites `Host` and adds no header makes everybody look like a browser of the machine itself."""
    settings = read_settings(environ)
    links = SimpleNamespace(refresh=lambda: None, has_wall_link=False)
    with pytest.raises(StartError, match=cause):
        ensure_host_allowed(settings, links)
    ensure_host_allowed(settings, SimpleNamespace(refresh=lambda: None, has_wall_link=True))
    ensure_host_allowed(read_settings({}), links)


@pytest.mark.parametrize(
    ("host", "first"),
    [
        ("127.0.0.1", "http://127.0.0.1:8050"),
        ("10.0.0.5", "http://10.0.0.5:8050"),
        ("fd00::5", "http://[fd00::5]:8050"),
        ("0.0.0.0", "http://127.0.0.1:8050"),  # noqa: S104 - nothing listens here
        ("::", "http://127.0.0.1:8050"),
    ],
)
def test_the_address_that_is_printed_is_one_that_a_browser_can_open(host, first):
    """An address that means all addresses is none; loopback stays in."""
    urls = read_settings({"SVODKA_HOST": host}).public_urls
    assert urls[0] == first
    assert "http://localhost:8050" in urls


def test_folders_of_files_lie_in_the_home_unless_named():
    assert read_settings({"SVODKA_HOME": "/srv/svodka"}).folders == (Path("/srv/svodka/inbox"),)
    assert read_settings({"SVODKA_FOLDERS": "/a:/b/c:"}).folders == (Path("/a"), Path("/b/c"))
