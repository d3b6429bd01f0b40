"""Which network addresses a source may lead to. Pure.

A name is worth nothing here: what is judged is the address that is connected to, whichever way it was written.
Source: IANA special-purpose address registries, as the standard library's ipaddress knows them; docs/adr/0150.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_NAT64 = IPv6Network("64:ff9b::/96")
_INSIDE = tuple(
    map(
        ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7")
    )
)


class Reach(StrEnum):
    """Where an address lies."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


def reach_of(text: str) -> Reach:
    """Return where an address lies.

    Args:
        text: An address as the resolver gives it, a zone (`%eth0`) included.

    Returns:
        PRIVATE for this machine, private and carriers' networks; NEVER for what no source has: link-local (where
        clouds keep their metadata), multicast, unspecified and reserved addresses, and what is no address.
    """
    try:
        address = _unwrapped(ip_address(text))
    except ValueError:
        return Reach.NEVER
    if any(address.version == inside.version and address in inside for inside in _INSIDE):
        return Reach.PRIVATE
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return Reach.NEVER
    return Reach.PUBLIC


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address
