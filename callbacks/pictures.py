"""The endpoint of pictures: `/snapshot.png?path=&width=&height=`."""

from __future__ import annotations

import flask
import structlog
from flask.typing import ResponseReturnValue

from callbacks import moments
from callbacks.access import HOME_PAGE
from svodka.realtime.services import Services
from svodka.reports.picture import PictureRefusal, PictureRefusedError, PictureService

_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 1920, 1080


def register(server: flask.Flask, services: Services, pictures: PictureService) -> None:
    """Add the endpoint."""
    log = structlog.get_logger().bind(part="pictures")

    def picture() -> ResponseReturnValue:
        args = flask.request.args
        try:
            width, height = _read_size(args.get("width")), _read_size(args.get("height"))
            path = args.get("path", HOME_PAGE)
            scene = str(services.scenes.find(args.get("scene")))
            done = pictures.render(
                HOME_PAGE if path.startswith(f"{HOME_PAGE}/") else path,  # a screen of a wall shows what the wall shows
                _DEFAULT_WIDTH if width is None else width,
                _DEFAULT_HEIGHT if height is None else height,
                scene=scene,
                freeze=lambda: _freeze(services, scene, args.get("briefing") or args.get("still")),
            )
        except PictureRefusedError as error:
            log.warning("picture_refused", exc_info=True)
            return _refuse(services, error)
        answer = flask.Response(done.png, content_type="image/png")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Disposition"] = 'inline; filename="svodka.png"'
        return answer

    server.add_url_rule("/snapshot.png", "picture", picture)


def _freeze(services: Services, scene: str, moment_id: str | None) -> str:
    """Keep a scene as it is now, or as it stands in a stored moment, for the browser that takes the picture."""
    if moment_id is None:
        return services.freeze([scene])
    found = services.aside(moments.load_shown, services.database, moment_id, scene)
    if found is None:
        raise PictureRefusedError(PictureRefusal.UNKNOWN_MOMENT)
    return services.frozen.keep({scene: found})


def _read_size(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise PictureRefusedError(PictureRefusal.BAD_SIZE)
    return int(text[:6])


def _refuse(services: Services, error: PictureRefusedError) -> flask.Response:
    sentence = services.words.word(error.text_key).format(**error.params)
    answer = flask.Response(sentence, error.status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    if error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer
