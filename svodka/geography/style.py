"""The operator's own map below the areas: a MapLibre style at an address of his network, or in a file.

Nothing is fetched here: browsers ask for the style and its tiles, and may ask that one origin alone.
Source: MapLibre Style Specification, version 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from svodka.domain import codec
from svodka.domain.errors import StartError

_VERSION = 8
_MAX_BYTES = 1_000_000
_SCHEMES = ("http", "https")


class MapStyle(msgspec.Struct, frozen=True, kw_only=True):
    """A style that browsers may use.

    Attributes:
        told: The style itself, or the address that browsers ask for it.
        origin: The only origin that it asks; "" where it asks nobody.
    """

    told: dict[str, Any] | str
    origin: str


def load_map_style(setting: str) -> MapStyle | None:
    """Return the style that `SVODKA_MAP_STYLE` means; None where it is empty.

    Raises:
        StartError: It is neither a usable address nor a usable file; the message says why.
    """
    if not setting:
        return None
    if "://" in setting:
        return MapStyle(told=setting, origin=_origin_of(setting))
    path = Path(setting)
    try:
        text = path.read_bytes()
        style = codec.decode(text)
    except (OSError, codec.DecodeError) as error:
        message = f"The map style {path} cannot be read ({error}); SVODKA_MAP_STYLE takes a MapLibre style."
        raise StartError(message) from error
    if not isinstance(style, dict) or style.get("version") != _VERSION or not isinstance(style.get("layers"), list):
        message = f"The map style {path} is no MapLibre style of version 8 with layers."
        raise StartError(message)
    if len(text) > _MAX_BYTES:
        message = f"The map style {path} is larger than a megabyte; give its data an address of their own."
        raise StartError(message)
    origins = {_origin_of(address) for address in _addresses(style)}
    if len(origins) > 1:
        message = f"The map style {path} asks several servers ({', '.join(sorted(origins))}); browsers may ask one."
        raise StartError(message)
    return MapStyle(told=style, origin=origins.pop() if origins else "")


def _addresses(style: dict[str, Any]) -> Iterator[str]:
    """Give every address that a style makes a browser ask."""
    sources = style.get("sources")
    parts = [style, *(sources.values() if isinstance(sources, dict) else ())]
    for part in parts:
        if not isinstance(part, dict):
            continue
        for name in ("glyphs", "sprite", "url", "data", "tiles"):
            told = part.get(name)
            for one in told if isinstance(told, list) else [told]:
                address = one.get("url") if isinstance(one, dict) and name == "sprite" else one
                if isinstance(address, str):
                    yield address


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    host = parts.hostname or ""
    if parts.scheme not in _SCHEMES or not host or parts.username is not None or any(c in host for c in " ;,'\"*"):
        message = f"The map style's address {address!r} is no whole http:// or https:// address without a password."
        raise StartError(message)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
