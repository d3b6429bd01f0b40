"""Addresses that an answer gives: of the next page, never of another server. Pure."""

from __future__ import annotations

import re

import httpx

from svodka.domain.errors import SourceContractBrokenError

MAX_LINK_CHARS = 4000
_MAX_HEADER_CHARS = 16_384
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]{0,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def next_link(header: str) -> str:
    """Return the target of `rel="next"` in a Link header, "" where there is none.

    Source: RFC 8288, 3.
    """
    for part in header[:_MAX_HEADER_CHARS].split("<")[1:]:
        target, closed, parameters = part.partition(">")
        match = _RELATION.search(parameters) if closed else None
        if match and "next" in (match[1] or match[2]).lower().split():
            return target.strip()
    return ""


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address.

    Raises:
        SourceContractBrokenError: It is no http or https address.
    """
    try:
        parsed = httpx.URL(url)
        origin = parsed.scheme, parsed.host.lower().rstrip("."), parsed.port or _PORTS[parsed.scheme]
    except (httpx.InvalidURL, KeyError, ValueError, TypeError):
        origin = "", "", 0
    if not origin[1]:
        message = "the address is none of http or https"
        raise SourceContractBrokenError(message)
    return origin


def follow_link(base: str, target: str) -> str:
    """Return the address of a next page, which may be relative.

    Args:
        base: Address that was asked.
        target: What the answer names.

    Raises:
        SourceContractBrokenError: It is none, or leads to another scheme, host or port.
    """
    try:
        joined = httpx.URL(base).join(target[: MAX_LINK_CHARS + 1]).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        joined = httpx.URL("")
    found = str(joined)
    if len(found) > MAX_LINK_CHARS or joined.userinfo or origin_of(found) != origin_of(base):
        message = "the next page lies on another server: only the source's own address is asked"
        raise SourceContractBrokenError(message)
    return found
