"""Every request asks `authorise`: by the endpoint that was found for it, never by its path's spelling.

An endpoint that is not in `ACTIONS` is refused, so that a route which a library adds one day is shut until
somebody has thought about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import flask
from flask.typing import ResponseReturnValue

from layouts import DESK, WALLS, Page
from svodka.realtime.services import Services
from svodka.scenes.tokens import load_tokens
from svodka.security.authorise import HEALTH_SUMMARY, Action, Decision, authorise
from svodka.security.principals import Principal, Role
from svodka.security.sessions import came_over_loopback

ACTIONS: dict[str, Action] = {
    "/": Action.SEE_PAGE,
    "/<path:path>": Action.SEE_PAGE,
    "_dash_assets.static": Action.READ_ASSET,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Action.READ_ASSET,
    "plotly": Action.READ_ASSET,
    "look": Action.READ_ASSET,
    "/_favicon.ico": Action.READ_ASSET,
    "/_dash-layout": Action.RUN_CALLBACK,
    "/_dash-dependencies": Action.RUN_CALLBACK,
    "/_dash-update-component": Action.RUN_CALLBACK,
    "/_reload-hash": Action.RUN_CALLBACK,
    "page_config": Action.READ_CONFIG,
    "geometry": Action.READ_GEOMETRY,
    "frozen_moment": Action.READ_FROZEN,
    "archive": Action.READ_ARCHIVE,
    "picture": Action.TAKE_PICTURE,
    "moment": Action.READ_BRIEFING,
    "briefing_now": Action.READ_BRIEFING,
    "pack": Action.READ_PACK,
    "health": Action.READ_HEALTH,
    "metrics": Action.READ_METRICS,
    "open_link": Action.OPEN_LINK,
    "intake": Action.OFFER_DELIVERY,
}
# Each page for operators is a Dash application of its own: what a wall may call knows neither its layout nor its
# callbacks. (Dash names an endpoint by its route; the assets are those of the walls' application.)
_OF_DESK = {
    "": Action.SEE_DESK,
    "_dash-layout": Action.SEE_DESK,
    "_dash-dependencies": Action.SEE_DESK,
    "_dash-update-component": Action.SEE_DESK,
    "_reload-hash": Action.SEE_DESK,
    "_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Action.READ_ASSET,
    "_favicon.ico": Action.READ_ASSET,
}
_DESK_PAGES = {f"{page.path}/{rest}": page.name for page in DESK for rest in _OF_DESK}
ACTIONS |= {f"{page.path}/{rest}": action for page in DESK for rest, action in _OF_DESK.items()}
# Routes of those applications that nobody needs: a deeper path is no page, and assets come from /assets.
REFUSED = {f"{page.path}/<path:path>" for page in DESK} | {
    f"{page.path.replace('/', '_')}_dash_assets.static" for page in DESK
}
_DESK_PATHS = {page.path for page in DESK}
_DESK_INDEXES = {f"{path}/" for path in _DESK_PATHS}
HOME_PAGE = WALLS[0].path
_BUSY_AGAIN_S = 5
DESK_HOME = f"{DESK[0].path}/"


def current_principal(services: Services) -> Principal:
    """Return who the present request comes from."""
    return services.principal(flask.session, flask.request.environ)


def decide(services: Services, action: Action, scope: str) -> Decision:
    """Return whether the present request may do that."""
    return authorise(current_principal(services), action, scope)


def register(server: flask.Flask, services: Services) -> None:
    """Put the check before every request of the application."""

    def check() -> ResponseReturnValue | None:
        request = flask.request
        if request.path in _DESK_PATHS:
            return flask.redirect(f"{request.path}/")
        action = ACTIONS.get(request.endpoint or "")
        if action is None:
            flask.abort(404)
        if action is Action.SEE_PAGE:
            if request.path == "/":
                return flask.redirect(HOME_PAGE)
            if _find_wall(request.path) is None:
                flask.abort(404)
            _admit_renderer(services)
        decision = decide(services, action, _scope(action, request.path, request.view_args or {}, request.args))
        if decision.allowed:
            return None
        if action is Action.SEE_PAGE:
            return refusal_page(services, "access.no_link"), 403
        if request.endpoint in _DESK_INDEXES:
            return refusal_page(services, "access.operators_only", again=request.path), 403
        return flask.Response(decision.reason.value, 403, content_type="text/plain; charset=utf-8")

    server.before_request(check)


def busy_page(services: Services) -> flask.Response:
    """Return the answer to a request that the database did not serve: it asks for the same address again by itself."""
    again = flask.request.full_path if flask.request.method == "GET" else HOME_PAGE
    answer = refusal_page(services, "access.busy", again=again, after_s=_BUSY_AGAIN_S)
    answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    answer.headers.update({"Retry-After": str(_BUSY_AGAIN_S), "Cache-Control": "no-store"})
    return answer


def refusal_page(services: Services, key: str, *, again: str = HOME_PAGE, after_s: int = 60) -> flask.Response:
    """Return a page that says why somebody does not get in, in the language of the pages.

    It asks for the page `again` after so many seconds: a wall that gets its right back needs nobody to touch it. The
    header does that and no element: there is nothing on the page that anybody could lose by it.
    """
    word, colour = services.words.word, load_tokens().colour
    page = flask.render_template_string(
        "<!DOCTYPE html><html lang='{{ lang }}'><meta charset='utf-8'><title>{{ title }}</title>"
        "<body style='background:{{ ground }};color:{{ ink }};font:24px sans-serif;margin:10vh 10vw'>"
        "<main><h1>{{ title }}</h1><p>{{ text }}</p>"
        "<p><a href='{{ again }}' style='color:{{ link }}'>{{ try_again }}</a></p></main></body></html>",
        lang=services.words.language,
        again=again,
        title=word("access.title"),
        text=word(key),
        try_again=word("access.again"),
        ground=colour("ground"),
        ink=colour("text-primary"),
        link=colour("tone-info"),
    )
    return flask.Response(page, headers={"Refresh": f"{after_s};url={again}"})


def _find_wall(path: str) -> Page | None:
    return next((page for page in WALLS if page.serves(path)), None)


def _admit_renderer(services: Services) -> None:
    """Give a browser of this machine that shows the token of a frozen moment the right to that moment."""
    token = flask.request.args.get("frozen", "")
    is_stranger = current_principal(services).role is Role.NOBODY and came_over_loopback(flask.request.environ)
    if token and is_stranger and services.frozen.holds(token):
        flask.session["frozen"] = token


def _scope(action: Action, path: str, view_args: Mapping[str, str], args: Mapping[str, str]) -> str:
    """Return on what the action is asked."""
    if action is Action.SEE_PAGE:
        page = _find_wall(path)
        return "" if page is None else page.name
    if action is Action.SEE_DESK:
        return _DESK_PAGES[flask.request.endpoint or ""]
    if action is Action.READ_HEALTH:
        return HEALTH_SUMMARY
    if action is Action.TAKE_PICTURE:
        return args.get("path", HOME_PAGE)
    return str(next((view_args[name] for name in ("name", "token", "briefing_id", "number") if name in view_args), ""))
