"""From a source of a sources file to its connector, by the name of the folder.

A folder `datasources/<name>/` is a connector when its `client.py` has `connect(source, clock)`. Adding a
system needs no line here.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit

import msgspec

from svodka.domain.clock import Clock
from svodka.domain.errors import ProfileError
from svodka.domain.records import Connector
from svodka.profiles.model import Profile, SourceConfig

SIMULATOR = "{simulator}"


class ClosableConnector(Connector, Protocol):
    """A connector that holds a connection."""

    def close(self) -> None:
        """Give the connection back, also from another thread: a poll in flight ends with an error."""
        ...


def connector_names() -> tuple[str, ...]:
    """Return the names of all connectors, in order."""
    here = Path(__file__).parent
    return tuple(sorted(path.parent.name for path in here.glob("[!_]*/client.py")))


def build_connector(source: SourceConfig, clock: Clock, *, simulator_url: str = "") -> ClosableConnector:
    """Build the connector that a source names; nothing is fetched yet.

    Args:
        source: The source with its params.
        clock: The product's clock.
        simulator_url: What `{simulator}` in the source's url stands for.

    Returns:
        The connector.

    Raises:
        ProfileError: Unknown connector, unusable url or params; the message names source and key.
    """
    names = connector_names()
    if source.connector not in names:
        message = f"source {source.id!r}: connector {source.connector!r} is none of {', '.join(names)}."
        raise ProfileError(message)
    if SIMULATOR in source.url and not simulator_url:
        message = (
            f"source {source.id!r} reads the simulator: name connected systems in SVODKA_SOURCES, or start "
            "`python app.py simulate --day --port P` and set SVODKA_SIMULATOR_URL=http://127.0.0.1:P."
        )
        raise ProfileError(message)
    url = source.url.replace(SIMULATOR, simulator_url.rstrip("/"))
    _check_url(source.id, url)
    module = importlib.import_module(f"datasources.{source.connector}.client")
    return cast("ClosableConnector", module.connect(msgspec.structs.replace(source, url=url), clock))


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that what a source's params name exists in the region; a connector's `check_against` knows where to look.

    Raises:
        ProfileError: Something does not; the message names source and key.
    """
    module = importlib.import_module(f"datasources.{source.connector}.client")
    check = getattr(module, "check_against", None)
    if check is not None:
        check(source, profile)


def _check_url(source_id: str, url: str) -> None:
    """Refuse an address that cannot be asked or that carries a password.

    Raises:
        ProfileError: It is one of those.
    """
    try:
        parsed = urlsplit(url)
        has_password = "@" in parsed.netloc
        is_usable = parsed.scheme in {"http", "https"} and bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        has_password, is_usable = False, False
    if has_password:
        message = f"source {source_id!r}: url carries a user or password; use params.http.authorization_file."
        raise ProfileError(message)
    if not is_usable:
        message = f"source {source_id!r}: url is not an http or https address."
        raise ProfileError(message)
