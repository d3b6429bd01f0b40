"""Who a request comes from: signed session cookie, loopback, or the token of a frozen moment.

The cookie holds a link's id and when the session began, signed with the installation's own key. It holds no right
by itself: the link is looked up in the book at every question, so a revoked link ends its sessions.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from svodka.domain.clock import Clock
from svodka.domain.errors import StartError
from svodka.security.links import LinkBook
from svodka.security.principals import NOBODY, Principal, Role
from svodka.storage.links import StoredLink

_KEY_BYTES = 32
_OPERATOR_SESSION_H = 12
_FORWARDING = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_VIA")
ORIGIN_OF_REQUEST = ("REMOTE_ADDR", "HTTP_HOST", *_FORWARDING)  # all that `came_over_loopback` looks at


def load_secret_key(home: Path) -> bytes:
    """Return the key that signs sessions, made at the first start and readable by its owner only.

    Raises:
        StartError: The file cannot be written or is no key.
    """
    path = home / "secret.key"
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = path.read_bytes()
        else:
            key = secrets.token_bytes(_KEY_BYTES)
            with os.fdopen(handle, "wb") as file:
                file.write(key)
    except OSError as error:
        message = f"The key of the sessions {path} cannot be read or written: {error.strerror}."
        raise StartError(message) from error
    if len(key) < _KEY_BYTES:
        message = f"The key of the sessions {path} is damaged; remove the file, all screens then sign in again."
        raise StartError(message)
    return key


@lru_cache(maxsize=4096)  # every browser is asked again every two seconds
def is_loopback(address: str) -> bool:
    """Whether an address, or the name localhost, is this machine's own."""
    if address in {"localhost", ""}:
        return address == "localhost"
    try:
        found = ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)  # how a socket of both families names an IPv4 browser
    return found.is_loopback if mapped is None else bool(mapped.is_loopback)


def came_over_loopback(environ: Mapping[str, Any]) -> bool:
    """Whether a request was made on this machine by its own name, and not handed on by a proxy."""
    host = str(environ.get("HTTP_HOST", "")).rsplit(":", 1)[0]
    return (
        is_loopback(str(environ.get("REMOTE_ADDR", "")))
        and is_loopback(host)
        and not any(environ.get(name) for name in _FORWARDING)
    )


def start_session(session: MutableMapping[str, Any], link: StoredLink, now: datetime) -> None:
    """Turn the browser's session into one of that link."""
    session.clear()
    session["link"] = link.id
    session["since"] = int(now.timestamp())


def find_principal(
    session: Mapping[str, Any],
    environ: Mapping[str, Any],
    links: LinkBook,
    now: datetime,
    is_frozen: Callable[[str], bool],
) -> Principal:
    """Return who asks.

    Args:
        session: The verified session of the request.
        environ: The request's WSGI environment.
        links: The book of links.
        now: Real time.
        is_frozen: Whether a token names a frozen moment that still stands.
    """
    on_machine = came_over_loopback(environ)
    link = links.in_force(str(session.get("link", "")))
    if link is not None:
        since = float(session.get("since", 0))
        too_old = (
            link.role == Role.OPERATOR
            and now.timestamp() - since > timedelta(hours=_OPERATOR_SESSION_H).total_seconds()
        )
        is_over = link.role == Role.GUEST and link.expires_at is not None and link.expires_at <= now
        if is_over:
            return NOBODY
        if not too_old:
            return Principal(
                role=Role(link.role), link_id=link.id, briefing=link.briefing_id or "", on_machine=on_machine
            )
    if on_machine and not links.is_set_up:
        return Principal(role=Role.LOCAL, on_machine=True)
    token = str(session.get("frozen", ""))
    if on_machine and token and is_frozen(token):
        return Principal(role=Role.PICTURE, frozen=token, on_machine=True)
    return Principal(role=Role.NOBODY, on_machine=True) if on_machine else NOBODY


def principal_finder(
    links: LinkBook, clock: Clock, is_frozen: Callable[[str], bool]
) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Principal]:
    """Return `find_principal` for one installation: a function of session and environment.

    Args:
        links: The book of links.
        clock: Real time.
        is_frozen: Whether a token names a frozen moment that still stands.
    """
    return lambda session, environ: find_principal(session, environ, links, clock.now(), is_frozen)
