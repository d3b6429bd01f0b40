"""`POST /ingest/<source>`: a signed delivery of a system that pushes (docs/push.md).

Everybody may hand one over; only what a source has signed is read beyond its signature. No session takes part in it.
What is not signed yet is bounded: in size, in time (`svodka.security.slow_requests`), and in what all of it together
may take of memory.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import NoReturn

import flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from svodka.domain.push import Delivery
from svodka.ingest.intake import Answer, Intake, refuse
from svodka.realtime.services import Services
from svodka.security.authorise import Action, authorise
from svodka.security.signatures import is_signature, read_timestamp

MAX_BODY_BYTES = 4 * 1024 * 1024  # before the sender is known; each source has its own limit below that
_MAX_UNREAD_BYTES = 8 * MAX_BODY_BYTES
_FULL_RETRY_S = 2
_DELIVERY_ID = re.compile(r"[!-~]{0,128}")
_UNSIGNED = "No such source, or not signed with its secret."


class _Room:
    """How much memory bodies of senders may take together."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._lock = threading.Lock()

    @contextmanager
    def take(self, size: int) -> Iterator[bool]:
        """Keep room for a body while the block runs; gives whether there was any."""
        with self._lock:
            is_there = size <= self._free
            self._free -= size if is_there else 0
        try:
            yield is_there
        finally:
            with self._lock:
                self._free += size if is_there else 0


class RefusedError(Exception):
    """The delivery is refused; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


def register(server: flask.Flask, services: Services) -> None:
    """Add the endpoint; without a source that pushes it knows nobody."""
    room = _Room(_MAX_UNREAD_BYTES)

    def take(source: str) -> ResponseReturnValue:
        request = flask.request
        try:
            length = _check_head(request)
            with room.take(length) as is_there:
                if not is_there:
                    _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Too much is on its way.", _FULL_RETRY_S)
                delivery = _read(request, source)
                answer = _admit(services, delivery).deliver(delivery)
        except RefusedError as refused:
            answer = refused.answer
        return _render(answer)

    server.add_url_rule("/ingest/<source>", "intake", take, methods=["POST"])


def _check_head(request: flask.Request) -> int:
    """Return how much room the body needs; refuses before anything of it is read.

    Raises:
        RefusedError: The head is not one of a delivery.
    """
    headers = request.headers
    if read_timestamp(headers.get("Svodka-Timestamp", "")) is None:
        _refuse(HTTPStatus.BAD_REQUEST, "timestamp", "Svodka-Timestamp must be seconds since 1970.")
    if not is_signature(headers.get("Svodka-Signature", "")):
        _refuse(HTTPStatus.BAD_REQUEST, "signature", "Svodka-Signature must be sha256= and 64 hexadecimal digits.")
    if not _DELIVERY_ID.fullmatch(headers.get("Svodka-Delivery", "")):
        _refuse(HTTPStatus.BAD_REQUEST, "delivery", "Svodka-Delivery must be at most 128 printable ASCII characters.")
    if headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        _refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "encoding", "Bodies are taken uncompressed only.")
    length = request.content_length
    if length is not None and length > MAX_BODY_BYTES:
        _refuse_size(MAX_BODY_BYTES)
    return MAX_BODY_BYTES if length is None else length


def _read(request: flask.Request, source: str) -> Delivery:
    """Read the body.

    Returns:
        The delivery, whosever it is.

    Raises:
        RefusedError: It is cut off, or too large.
    """
    environ = request.environ
    try:
        body = get_input_stream(environ, max_content_length=MAX_BODY_BYTES).read()
    except RequestEntityTooLarge:
        _refuse_size(MAX_BODY_BYTES)
    except (ClientDisconnected, HTTPException, OSError, ValueError):
        _refuse(HTTPStatus.BAD_REQUEST, "body", "The body did not come whole.")
    if request.content_length is None and len(body) >= MAX_BODY_BYTES:  # in chunks, and more may wait
        _refuse_size(MAX_BODY_BYTES)
    return Delivery(
        source_id=source,
        timestamp=request.headers["Svodka-Timestamp"],
        signature=request.headers["Svodka-Signature"],
        delivery_id=request.headers.get("Svodka-Delivery", ""),
        more=request.headers.get("Svodka-More", "") == "1",
        content_type=request.mimetype,
        charset=request.mimetype_params.get("charset", "").lower(),
        body=body,
    )


def _admit(services: Services, delivery: Delivery) -> Intake:
    """See who delivers, and that he keeps to his limits.

    Returns:
        What takes the delivery.

    Raises:
        RefusedError: Nobody known, somebody with a wrong clock, or a body that is not to be read.
    """
    sender = services.senders.find_sender(delivery, services.real_clock.now())
    intake = services.intake
    if intake is None or not authorise(sender.principal, Action.DELIVER, delivery.source_id).allowed:
        _refuse(HTTPStatus.UNAUTHORIZED, "unsigned", _UNSIGNED)
    if sender.clock_off_s is not None:
        side = "ahead of" if sender.clock_off_s > 0 else "behind"
        detail = f"Svodka-Timestamp is {abs(sender.clock_off_s):.0f} s {side} this server's time."
        _refuse(HTTPStatus.UNAUTHORIZED, "clock", detail)
    _check_size_and_type(intake, delivery)
    return intake


def _check_size_and_type(intake: Intake, delivery: Delivery) -> None:
    """See that a source keeps to its own limits; an empty body is of any type.

    Raises:
        RefusedError: It does not.
    """
    receiver = intake.receiver(delivery.source_id)
    if len(delivery.body) > receiver.limits.max_bytes:
        _refuse_size(receiver.limits.max_bytes)
    if delivery.body and not receiver.takes(delivery.content_type):
        _refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", "Bodies of this Content-Type are not read.")


def _refuse_size(limit: int) -> NoReturn:
    detail = f"A body may have {limit} bytes: send the records in several deliveries."
    _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)


def _refuse(status: HTTPStatus, error: str, detail: str, retry_after_s: int | None = None) -> NoReturn:
    raise RefusedError(refuse(status, error, detail, retry_after_s))


def _render(answer: Answer) -> flask.Response:
    response = flask.Response(answer.body, answer.status, content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if answer.retry_after_s is not None:
        response.headers["Retry-After"] = str(answer.retry_after_s)
    if answer.repeated:
        response.headers["Svodka-Repeated"] = "1"
    return response
