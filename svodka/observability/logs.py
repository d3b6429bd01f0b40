"""Logs: one JSON object a line on standard error, from our code and from the libraries.

Nothing personal may enter a log: fields that could carry a citizen's words, a foreign id or a secret are
replaced, and of an exception only the first line of its message is kept, because the further lines of a
database's errors repeat the values of the statement. What errors and libraries say is masked: a conversion that
failed quotes what it could not convert.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

import msgspec
import structlog

_STDERR = 2
_MAX_MESSAGE = 200
_PERSONAL = frozenset(
    {"text", "raw", "foreign_id", "title", "address", "token", "cookie", "body", "payload", "password"}
)
# What somebody else's code says of what went wrong.
_SAID = frozenset({"error", "message"})
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_NOISY = ("alembic", "engineio", "socketio", "werkzeug", "apscheduler", "httpx", "httpcore", "geventwebsocket")


class _LineLogger:
    """Writes one line with one system call: needs no lock, so it works in greenlets and threads alike."""

    def msg(self, line: bytes) -> None:
        """Write the line; a log that cannot be written must not stop the work."""
        try:
            os.write(_STDERR, line + b"\n")
        except OSError:
            return

    debug = info = warning = error = critical = exception = log = msg


def describe_exception(error: BaseException) -> dict[str, str]:
    """Return class, first line and last place of an exception, free of the values it was about."""
    lines = str(error).splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return {"kind": type(error).__name__, "message": lines[0][:_MAX_MESSAGE] if lines else "", "at": place}


def _flatten_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = describe_exception(error)
    return event


def _drop_personal(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in _PERSONAL & event.keys():
        event[key] = "…"
    return event


def _masking(mask: Callable[[str], str]) -> structlog.typing.Processor:
    def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key in _SAID & event.keys():
            event[key] = mask(str(event[key]))
        exception = event.get("exception")
        if isinstance(exception, dict):
            event["exception"] = {**exception, "message": mask(exception["message"])}
        return event

    return hide


def _encode_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> bytes:
    return msgspec.json.encode(
        {key: value if isinstance(value, (int, float, dict)) else str(value) for key, value in event.items()}
    )


class _FromStandardLibrary(logging.Handler):
    """Hands what libraries log to the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        message = record.getMessage().splitlines()[:1]
        structlog.get_logger().log(
            record.levelno, "library", logger=record.name, message="".join(message)[:_MAX_MESSAGE], exc_info=error
        )


def configure_logs(level: str, process: str, now: Callable[[], datetime], mask: Callable[[str], str]) -> None:
    """Direct all logs of this process to standard error; called once by a command.

    Args:
        level: debug, info, warning or error.
        process: Word of the command, written into every line.
        now: The machine's clock: logs are compared with other logs of the machine.
        mask: Takes personal data out of a text (`svodka.domain.masking.mask`).
    """

    def stamp(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"at": now().isoformat(timespec="milliseconds"), "process": process, **event}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            stamp,
            _flatten_exception,
            _drop_personal,
            _masking(mask),
            _encode_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_args: _LineLogger(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_FromStandardLibrary()]
    root.setLevel(_LEVELS[level])
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(_LEVELS[level], logging.WARNING))
