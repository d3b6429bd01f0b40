"""Where a source may lead to, and what addresses in answers may say."""

from __future__ import annotations

import pytest

from datasources._toolkit.addresses import Reach, reach_of
from datasources._toolkit.links import follow_link, next_link
from svodka.domain.errors import SourceContractBrokenError


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        *[(text, Reach.PUBLIC) for text in ("8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808")],
        *[(text, Reach.PRIVATE) for text in ("127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.31.0.1", "192.168.1.1")],
        *[(text, Reach.PRIVATE) for text in ("100.64.0.1", "fd00::1", "::ffff:127.0.0.1", "::ffff:a00:1")],
        *[(text, Reach.PRIVATE) for text in ("64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1")],
        *[(text, Reach.NEVER) for text in ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.1")],
        *[(text, Reach.NEVER) for text in ("::", "::7f00:1", "224.0.1.1", "ff02::1", "255.255.255.255", "240.0.0.1")],
        *[(text, Reach.NEVER) for text in ("192.0.2.1", "2001:db8::1", "0.1.2.3", "localhost", "127.1", "")],
    ],
)
def test_an_address_is_judged_by_where_it_leads_however_it_is_written(address, reach):
    assert reach_of(address) is reach


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://a.test/x?page=2>; rel="next", <https://a.test/x?page=9>; rel="last"', "https://a.test/x?page=2"),
        ('<?page=9>; rel=last, <?page=2>; title="a"; rel=next', "?page=2"),
        ('<?page=2>; rel="prefetch NEXT"', "?page=2"),
        ('<?page=2>; rel="last"', ""),
        ('<?page=2; rel="next"', ""),
        ("<" * 20_000, ""),
        ("", ""),
    ],
)
def test_the_next_page_is_read_from_a_link_header(header, target):
    assert next_link(header) == target


def test_a_next_page_may_be_relative_and_never_elsewhere():
    assert follow_link("https://a.test/v1/list?x=1", "?page=2#top") == "https://a.test/v1/list?page=2"
    assert follow_link("https://a.test/v1/list", "https://A.test:443/v1/list?p=2").endswith("/v1/list?p=2")
    for target in (
        "https://b.test/list",
        "http://a.test/v1/list",
        "//b.test/",
        "https://a.test:8443/",
        "https://user:secret@a.test/",
        "file:///etc/passwd",
        "gopher://a.test/",
        "https://a.test.b.test/",
        "https://a.test/" + "x" * 5000,
    ):
        with pytest.raises(SourceContractBrokenError, match=r"another server|none of http"):
            follow_link("https://a.test/v1/list", target)
