"""The endpoint of the time machine: `/archive.json?scene=&at=&basis=seen|is`, a scene at an instant that is over."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import flask
from flask.typing import ResponseReturnValue

from callbacks.endpoints import json_answer
from svodka.domain.codec import encode
from svodka.past.archive import Basis
from svodka.past.asking import Asked, Refusal
from svodka.past.reading_room import Answer
from svodka.realtime.services import Services
from svodka.scenes.views import SceneViews

_AGAIN_S = 1
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {Refusal.FUTURE: 400, Refusal.BEFORE: 400, Refusal.FAILED: 503, Refusal.BUSY: 503}


def register(server: flask.Flask, services: Services) -> None:
    """Add the endpoint."""
    views = SceneViews(services.scenes)

    def archive() -> ResponseReturnValue:
        args = flask.request.args
        at, basis = read_instant(args.get("at", "")), args.get("basis", Basis.SEEN.value)
        if at is None or basis not in set(Basis):
            return _say(services, "past.refused.unreadable", 400)
        asked = Asked(
            at=at,
            basis=Basis(basis),
            view=views.view(args.get("scene")),
            is_exercise="exercise" in args,
        )
        answer = services.past.ask(asked)
        if answer.snapshot is not None:
            return json_answer(answer.snapshot)
        return _refuse(services, answer)

    server.add_url_rule("/archive.json", "archive", archive)


def read_instant(text: str) -> datetime | None:
    """Return an instant that was written with its offset from Greenwich, in UTC; None: it is none since 1970."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign of an address that nobody has escaped
        return at.astimezone(UTC) if at.tzinfo is not None and at >= _EARLIEST else None
    except (ValueError, OverflowError):
        return None


def say_refusal(services: Services, answer: Answer) -> str:
    """Return in words why there is no such moment (yet)."""
    key = answer.refusal.value if answer.refusal is not None else "building"
    first_at = answer.first_at
    if answer.refusal is Refusal.BEFORE and first_at is None:
        key = "nothing"
    word = services.words.word(f"past.refused.{key}")
    percent = math.floor(answer.progress * 100)
    return word.format(percent=percent, since=_local(first_at, services.profile.zone) if first_at else "")


def _refuse(services: Services, answer: Answer) -> ResponseReturnValue:
    if answer.refusal is None:
        waiting = json_answer(encode({"progress": round(answer.progress, 2)}), 503)
        waiting.headers["Retry-After"] = str(_AGAIN_S)
        return waiting
    status = _STATUS[answer.refusal]
    refused = flask.Response(say_refusal(services, answer), status, content_type="text/plain; charset=utf-8")
    refused.headers["Cache-Control"] = "no-store"
    if status == _STATUS[Refusal.BUSY]:
        refused.headers["Retry-After"] = str(_AGAIN_S)
    return refused


def _say(services: Services, key: str, status: int) -> flask.Response:
    answer = flask.Response(services.words.word(key), status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d.%m.%Y %H:%M}"
