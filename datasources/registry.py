"""From a source of a sources file to its connector, by the name of the folder.

A folder `datasources/<name>/` is a connector when its `client.py` has `connect(source, clock)`. Adding a
system needs no line here.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import msgspec

from datasources._toolkit.folders import FILE_SCHEME, is_allowed, split_folder_url
from datasources._toolkit.links import origin_of
from svodka.domain.clock import Clock
from svodka.domain.errors import ProfileError, SourceContractBrokenError
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


def is_pushed(source: SourceConfig) -> bool:
    """Return whether a source is not polled: its connector says so by `PUSHED`.

    Raises:
        ProfileError: There is no such connector.
    """
    return bool(getattr(_module(source), "PUSHED", False))


def is_form(source: SourceConfig) -> bool:
    """Return whether a source is filled in by hand: its connector says so by `FORM`.

    Raises:
        ProfileError: There is no such connector.
    """
    return bool(getattr(_module(source), "FORM", False))


def confirms(source: SourceConfig) -> bool:
    """Return whether asking a source from a position makes it forget what lies before: its connector's `CONFIRMS`.

    Raises:
        ProfileError: There is no such connector.
    """
    return bool(getattr(_module(source), "CONFIRMS", False))


def build_receiver(source: SourceConfig, clock: Clock) -> Any:  # noqa: ANN401 - each kind has its own contract
    """Build what takes the records of a source that is not polled.

    Args:
        source: The source with its params.
        clock: The product's clock.

    Returns:
        What the connector's `connect` gives: a `svodka.domain.push.Receiver`, or a `svodka.domain.registration.Form`.

    Raises:
        ProfileError: It has an address, or unusable params; the message names source and key.
    """
    if source.url:
        message = f"source {source.id!r}: connector {source.connector!r} is not polled, so it has no url."
        raise ProfileError(message)
    return _module(source).connect(source, clock)


def build_connector(
    source: SourceConfig, clock: Clock, *, simulator_url: str = "", folders: Sequence[Path] = ()
) -> ClosableConnector:
    """Build the connector that a source names; nothing is fetched yet.

    Args:
        source: The source with its params.
        clock: The product's clock.
        simulator_url: What `{simulator}` in the source's url stands for.
        folders: Below which a source may read files.

    Returns:
        The connector.

    Raises:
        ProfileError: Unknown connector, unusable url or params; the message names source and key.
    """
    module = _module(source)
    if SIMULATOR in source.url and not simulator_url:
        message = (
            f"source {source.id!r} reads the simulator: name connected systems in SVODKA_SOURCES, or start "
            "`python app.py simulate --day --port P` and set SVODKA_SIMULATOR_URL=http://127.0.0.1:P."
        )
        raise ProfileError(message)
    url = source.url.replace(SIMULATOR, simulator_url.rstrip("/"))
    if url.startswith(FILE_SCHEME) and "file" in getattr(module, "SCHEMES", ()):
        _check_folder(source.id, url, folders)
    else:
        _check_url(source.id, url)
    params = source.params if url == source.url else _allowing(source.params, urlsplit(url).hostname or "")
    return cast("ClosableConnector", module.connect(msgspec.structs.replace(source, url=url, params=params), clock))


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that what a source's params name exists in the region; a connector's `check_against` knows where to look.

    Raises:
        ProfileError: Something does not; the message names source and key.
    """
    module = importlib.import_module(f"datasources.{source.connector}.client")
    check = getattr(module, "check_against", None)
    if check is not None:
        check(source, profile)


def begins_at(source: SourceConfig) -> bool:
    """Whether a source can be asked from an instant, as its connector's `begins_at` says; else all it has is read."""
    tell = getattr(_module(source), "begins_at", None)
    return bool(tell is not None and tell(source))


def anew_from(source: SourceConfig, cursor: str | None) -> str | None:
    """Return the position from which a source is read anew: what its connector's `anew_from` keeps of the one so far.

    A place is forgotten; what the source itself cannot tell again is not, or reading anew would lose it.

    Args:
        source: The source.
        cursor: Its position, None before the first reading.

    Returns:
        A position of the same connector; None: nothing stays, also of a position that cannot be read.
    """
    keep = getattr(_module(source), "anew_from", None)
    if keep is None or cursor is None:
        return None
    try:
        return cast("str", keep(cursor))
    except SourceContractBrokenError:  # to begin without it is what an operator would wish for then
        return None


def _module(source: SourceConfig) -> ModuleType:
    """Return the client module of a source's connector.

    Raises:
        ProfileError: There is no such connector.
    """
    names = connector_names()
    if source.connector not in names:
        message = f"source {source.id!r}: connector {source.connector!r} is none of {', '.join(names)}."
        raise ProfileError(message)
    return importlib.import_module(f"datasources.{source.connector}.client")


def _check_folder(source_id: str, url: str, folders: Sequence[Path]) -> None:
    """Refuse a folder that the operator of the machine has not allowed.

    Raises:
        ProfileError: It is no folder's address, or lies elsewhere.
    """
    try:
        folder, _pattern = split_folder_url(url)
    except ValueError as error:
        message = f"source {source_id!r}: url: {error}."
        raise ProfileError(message) from error
    if not is_allowed(folder, folders):
        below = ", ".join(str(each) for each in folders) or "none"
        message = f"source {source_id!r}: url lies below none of the allowed folders ({below}); see SVODKA_FOLDERS."
        raise ProfileError(message)


def _allowing(params: dict[str, Any], host: str) -> dict[str, Any]:
    """Return params under which a host may be private: the simulator's address is a setting of this installation."""
    http = params.get("http", {})
    known = http.get("allowed_hosts", []) if isinstance(http, dict) else None
    if not isinstance(known, list | tuple):  # the connector says so
        return params
    return {**params, "http": {**http, "allowed_hosts": [*known, host]}}


def _check_url(source_id: str, url: str) -> None:
    """Refuse an address that cannot be asked or that carries a password.

    Raises:
        ProfileError: It is one of those.
    """
    if _has_password(url):
        message = f"source {source_id!r}: url carries a user or password; name a file in params.http.basic_file."
        raise ProfileError(message)
    try:
        is_usable = urlsplit(url).port != 0 and bool(origin_of(url))
    except (ValueError, SourceContractBrokenError):  # what could not be asked must not come up only then
        is_usable = False
    if not is_usable:
        message = f"source {source_id!r}: url is not an http or https address."
        raise ProfileError(message)


def _has_password(url: str) -> bool:
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return False
