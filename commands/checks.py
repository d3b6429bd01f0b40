"""What must be so before anything starts; each check raises StartError with one sentence that says what to do."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from datasources.registry import build_connector, build_receiver, check_against, is_pushed
from svodka.domain.clock import SystemClock
from svodka.domain.errors import StartError
from svodka.profiles.model import Profile
from svodka.security.links import LinkBook
from svodka.security.sessions import is_loopback
from svodka.settings import EVERY_ADDRESS, Settings


def ensure_home(home: Path) -> None:
    """Make the home folder, private to its owner, and see that it can be written.

    Raises:
        StartError: It cannot.
    """
    probe = home / ".writable"
    if home.exists() and not home.is_dir():
        message = f"SVODKA_HOME={home} is not a folder."
        raise StartError(message)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = f"SVODKA_HOME={home} cannot be written: {error.strerror}."
        raise StartError(message) from error


def ensure_port_free(host: str, port: int) -> None:
    """See that the address can be listened on.

    Raises:
        StartError: Somebody listens there, or the machine has no such address.
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} of {host} is in use; end the other program or set SVODKA_PORT."
        else:
            message = f"Port {port} of {host} cannot be listened on: {error.strerror}."
        raise StartError(message) from error


def ensure_host_allowed(settings: Settings, links: LinkBook) -> None:
    """See that nobody is let in from the network before access has been set up.

    Raises:
        StartError: The host or a public address (a proxy's) is not loopback, and there is no wall link; or browsers
            of the network would all be refused, because none of their addresses is a public one.
    """
    foreign = [url for url in settings.public_urls if not is_loopback(urlsplit(url).hostname or "")]
    if is_loopback(settings.host) and not foreign:
        return
    links.refresh()
    if not links.has_wall_link:
        cause = f"SVODKA_PUBLIC_URLS={foreign[0]}" if is_loopback(settings.host) else f"SVODKA_HOST={settings.host}"
        message = (
            f"{cause} would open the wall to the network, and no access link has been set up: "
            "create one first with `python app.py link create --role wall --label NAME`."
        )
        raise StartError(message)
    if settings.host in EVERY_ADDRESS and not foreign:
        message = (
            f"SVODKA_HOST={settings.host} listens on every address: name those that browsers use in "
            f"SVODKA_PUBLIC_URLS, for example http://10.0.0.5:{settings.port}."
        )
        raise StartError(message)


def ensure_sources_usable(profile: Profile, folders: Sequence[Path]) -> None:
    """See that every source has a connector that understands its params; nothing is fetched.

    Raises:
        ProfileError: One has not; the message names source and key.
    """
    for source in profile.sources:
        if is_pushed(source):
            build_receiver(source, SystemClock())
        else:
            build_connector(source, SystemClock(), simulator_url="http://127.0.0.1", folders=folders).close()
        check_against(source, profile)


def find_free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_answering(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((host, port)) == 0
