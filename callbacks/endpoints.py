"""What the server answers besides pages: configuration, geometry, frozen moments, health, links."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import flask
from flask.typing import ResponseReturnValue

from callbacks.access import DESK_HOME, HOME_PAGE, decide, refusal_page
from svodka.domain.codec import encode
from svodka.observability.metrics import CONTENT_TYPE
from svodka.realtime.health import decide_code
from svodka.realtime.services import Services
from svodka.security.authorise import Action
from svodka.security.principals import Role
from svodka.security.sessions import start_session
from svodka.storage.links import StoredLink

_JSON = "application/json; charset=utf-8"


def json_answer(body: bytes | str, status: int = 200) -> flask.Response:
    """Return an answer that no cache keeps."""
    answer = flask.Response(body, status, content_type=_JSON)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def register(
    server: flask.Flask, services: Services, *, configs: Mapping[str, Callable[[], bytes]], geometry: bytes
) -> None:
    """Add the endpoints.

    Args:
        server: The application.
        services: The web process's parts.
        configs: Makes what each page needs once, by the page's name, as JSON.
        geometry: The areas of the map, as GeoJSON.
    """

    def page_config(name: str) -> ResponseReturnValue:
        if name not in configs:
            flask.abort(404)
        return json_answer(configs[name]())

    def areas() -> ResponseReturnValue:
        answer = flask.Response(geometry, content_type="application/geo+json; charset=utf-8")
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.add_etag()
        return answer.make_conditional(flask.request)

    def frozen_moment(token: str) -> ResponseReturnValue:
        snapshot = services.frozen.get(token, flask.request.args.get("scene"))
        if snapshot is None:
            flask.abort(404)
        return json_answer(snapshot)

    server.add_url_rule("/page/<name>/config.json", "page_config", page_config)
    server.add_url_rule("/geodata/areas.json", "geometry", areas)
    server.add_url_rule("/frozen/<token>.json", "frozen_moment", frozen_moment)
    _register_health(server, services)
    _register_links(server, services)


def _register_health(server: flask.Flask, services: Services) -> None:
    def health() -> ResponseReturnValue:
        found = services.health()
        code = decide_code(found)
        if not decide(services, Action.READ_HEALTH, "sources").allowed:
            found = {"status": found["status"]}  # neither how much happens here nor which version runs
        return json_answer(encode(found), code)

    def metrics() -> ResponseReturnValue:
        answer = flask.Response(services.metrics(), content_type=CONTENT_TYPE)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    server.add_url_rule("/healthz", "health", health)
    server.add_url_rule("/metrics", "metrics", metrics)


def _first_page(link: StoredLink) -> str:
    if link.role == Role.GUEST:
        return f"{HOME_PAGE}?briefing={link.briefing_id}"
    return DESK_HOME if link.role == Role.OPERATOR else HOME_PAGE


def _register_links(server: flask.Flask, services: Services) -> None:
    def open_link(token: str) -> ResponseReturnValue:
        if flask.request.method != "GET":  # a preview that only asks for headers must not use a one-time link up
            flask.abort(405)
        link = services.aside(services.links.redeem, token)
        if link is None:
            return refusal_page(services, "access.link_unknown"), 403
        start_session(flask.session, link, services.real_clock.now())
        flask.session.permanent = True
        answer = flask.redirect(_first_page(link))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    server.add_url_rule("/link/<token>", "open_link", open_link)
