"""A feedback system that pushes: signs what changed and posts it, with good manners or bad ones.

It signs by itself, from docs/push.md, and shares no code with the receiver. With bad manners each delivery is preceded
or followed, by turns, by one that must come to nothing:

1. *unsigned*: signed with another secret;
2. *wrong clock*: an hour behind;
3. *doubled*: the same request twice;
4. *half*: hangs up in the middle of the body;
5. *garbled*: signed, and no JSON.

What changed is sent in order, up to 500 records at a time; a delivery that was not taken is sent again under its name.
Whenever nothing changed, a sign of life goes out.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from simulator.georeport import Query, Request
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import StartError

_PAGE = 500
_LIMIT_S = 20.0
_OVERLAP = timedelta(seconds=1)  # changes are told in whole seconds


class Store(Protocol):
    """Where the records are (`simulator.systems.RegionSite`)."""

    def search(self, system: str, query: Query, now: datetime) -> Sequence[Request]:
        """Return what changed, in the order of change."""
        ...


class Sender:
    """Pushes one system's appeals to one address until it is stopped.

    Args:
        store: The simulated region.
        system: Whose appeals.
        url: `http://host:port/ingest/<source>`.
        secret: What it signs with.
        clock: What time it is in the simulated region.
        real_clock: What time it is for signatures.
        every_s: Real seconds between two deliveries.
        is_rough: Bad manners.
        since: Where the first delivery begins.

    Attributes:
        answers: Status of every answer, 0 for none, in order; the spoilt ones included.
        delivered_n: Records that were taken.

    Raises:
        StartError: The address is none.
    """

    def __init__(
        self,
        store: Store,
        system: str,
        *,
        url: str,
        secret: str,
        clock: Clock,
        real_clock: Clock,
        since: datetime,
        every_s: float = 5.0,
        is_rough: bool = False,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            message = f"--push {url} is no http address."
            raise StartError(message)
        self._host, self._port, self._path = parts.hostname, parts.port or 80, parts.path
        self._store, self._system, self._secret = store, system, secret.encode()
        self._clock, self._real_clock, self._every_s, self._is_rough = clock, real_clock, every_s, is_rough
        self._since, self._named, self._turn = since, 0, 0
        self._name_prefix = hashlib.sha256(f"{system} {since.isoformat()}".encode()).hexdigest()[:12]
        self._spoilt: tuple[Callable[[bytes, str], None], ...] = (
            self._send_unsigned,
            self._send_late,
            self._send_twice,
            self._send_half,
            self._send_garbled,
        )
        self.answers: list[int] = []
        self.delivered_n = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery that is under way."""
        self._ended.set()
        self._thread.join()

    def turn(self) -> bool:
        """Send everything that waits; return whether all of it was taken."""
        now = self._clock.now()
        page, is_last = 1, False
        while not is_last:
            query = Query(updated_after=self._since, updated_before=now, page=page, page_size=_PAGE)
            records = self._store.search(self._system, query, now)
            is_last = len(records) < _PAGE
            body = codec.encode({"items": list(records)}) if records else b""
            if not self._deliver(body, more=not is_last):
                return False
            self.delivered_n += len(records)
            page += 1
        self._since = max(now - _OVERLAP, self._since)
        return True

    def _deliver(self, body: bytes, *, more: bool) -> bool:
        name = f"{self._name_prefix}-{self._named}"
        if self._is_rough and body:
            self._spoilt[self._turn % len(self._spoilt)](body, name)
            self._turn += 1
        status = self._post(body, name, more=more)
        if status != HTTPStatus.ACCEPTED:
            return False
        self._named += 1
        return True

    def _post(
        self, body: bytes, name: str, *, more: bool = False, secret: bytes = b"", behind_s: int = 0, cut: bool = False
    ) -> int:
        timestamp = str(int(self._real_clock.now().timestamp()) - behind_s)
        signature = hmac.new(secret or self._secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Svodka-Timestamp": timestamp,
            "Svodka-Signature": f"sha256={signature}",
            "Svodka-Delivery": name,
        }
        if more:
            headers["Svodka-More"] = "1"
        status = 0
        line = http.client.HTTPConnection(self._host, self._port, timeout=_LIMIT_S)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(line):
            line.request("POST", self._path, body=body[: len(body) // 2] if cut else body, headers=headers)
            if not cut:
                answer = line.getresponse()
                answer.read()
                status = answer.status
        self.answers.append(status)
        return status

    def _send_unsigned(self, body: bytes, name: str) -> None:
        self._post(body, name, secret=b"a guess")

    def _send_late(self, body: bytes, name: str) -> None:
        self._post(body, name, behind_s=3600)

    def _send_twice(self, body: bytes, name: str) -> None:
        self._post(body, name)
        self._post(body, name)

    def _send_half(self, body: bytes, name: str) -> None:
        self._post(body, f"{name}-half", cut=True)

    def _send_garbled(self, body: bytes, name: str) -> None:
        self._post(body[: len(body) // 2], f"{name}-garbled")

    def _work(self) -> None:
        while not self._ended.is_set():
            self.turn()
            self._ended.wait(self._every_s)


def load_secret(path: Path) -> str:
    """Return the secret in a file.

    Raises:
        StartError: The file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        message = f"--push-secret {path} cannot be read."
        raise StartError(message) from error
