"""The pages for operators: each is a Dash application of its own, with the callbacks of its module and of the frame.

Of its own, so that what a wall may ask (`/_dash-layout`, `/_dash-update-component`) knows nothing of it: who may see
a page may run its callbacks, by the endpoint alone (`callbacks.access`). See docs/adr/0166.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import dash
import flask
import structlog
from dash import Input, Output, State, html
from dash.development.base_component import Component

from callbacks import archive, briefing, controller, problems, register, sources
from callbacks.assets import ASSETS, render_index
from callbacks.looks import DeskDash
from callbacks.operating import Desk
from layouts import DESK, Page, desk
from svodka.domain.errors import AccessDeniedError, StorageUnavailableError
from svodka.realtime.services import Services
from svodka.storage.database import Database

_STYLES = ("css/tokens.css", "css/base.css", "css/desk.css")

_RENEWED_S = 20.0  # longer than the slowest page waits before it is renewed

REGISTER: Mapping[str, Callable[[dash.Dash, Desk], None]] = {
    "sources": sources.register,
    "problems": problems.register,
    "briefing": briefing.register,
    "register": register.register,
    "archive": archive.register,
    "controller": controller.register,
}
# What stands beside a page's name in the navigation: how much waits there for an operator; 0 shows nothing.
BADGES: Mapping[str, Callable[[Database], int]] = {"sources": sources.count_waiting}


def build(server: flask.Flask, services: Services) -> None:
    """Put the pages for operators on the server."""
    helper = Desk(services)
    for page in DESK:
        app = DeskDash(
            f"svodka-{page.name}",
            server=server,  # type: ignore[arg-type] # Dash takes a Flask application and annotates something else
            url_base_pathname=f"{page.path}/",
            use_pages=False,
            pages_folder="",
            assets_folder=str(ASSETS),
            include_assets_files=False,
            external_stylesheets=[_versioned(path) for path in _STYLES],
            index_string=render_index(services.words.language, body_class="desk-body"),
            title=services.words.word(page.title_key),
            update_title="",
            suppress_callback_exceptions=True,  # rows come and go with their buttons
            enable_mcp=False,
            add_log_handler=False,
            on_error=lambda error: _tell(helper, error),
        )
        app.layout = _layout(page, services)
        _register_frame(app, helper)
        REGISTER[page.name](app, helper)


def _versioned(path: str) -> str:
    """Return a style's address, another one when the file changes."""
    return f"/assets/{path}?m={(ASSETS / path).stat().st_mtime}"


def _layout(page: Page, services: Services) -> Component:
    layout = page.layout(services.profile, services.words)
    region: list[str | Component] = [services.profile.name]
    if services.profile.is_simulated:
        region.append(html.Span(services.words.word("header.demo"), className="desk-demo"))
    layout[desk.REGION].children = region
    return layout


def _register_frame(app: dash.Dash, helper: Desk) -> None:
    @app.callback(
        Output(desk.CLOCK, "children"),
        Output(desk.WHO, "children"),
        Output(desk.PULSE, "className"),
        Output(desk.TROUBLE, "children"),
        *(Output(desk.badge_id(name), "children") for name in desk.NAVIGATION),
        Input(desk.BEAT, "n_intervals"),
        State(desk.FAULT_UNTIL, "data"),
        State(desk.SAID_UNTIL, "data"),
    )
    def beat(beats_n: object, fault_until: object, said_until: object) -> tuple[object, ...]:
        helper.clear_old(desk.FAULT, fault_until, desk.FAULT_UNTIL)
        helper.clear_old(desk.SAID, said_until, desk.SAID_UNTIL)
        now = helper.clock.now().astimezone(helper.profile.zone)
        n = beats_n if isinstance(beats_n, int) else 0
        trouble, badges = "", [""] * len(desk.NAVIGATION)
        try:
            badges = [_say_badge(BADGES, name, helper) for name in desk.NAVIGATION]
        except StorageUnavailableError:
            trouble = helper.words.word("desk.database")
        clock = f"{now:%d.%m.%Y %H:%M} {_zone_name(now.strftime('%z'))}"
        return (clock, helper.operator().label, desk.pulse_class(n), trouble, *badges)


def _say_badge(badges: Mapping[str, Callable[[Database], int]], name: str, helper: Desk) -> str:
    count = badges.get(name)
    n = helper.ask(count) if count is not None else 0
    return str(n) if n else ""


def _zone_name(offset: str) -> str:
    """Return an offset from Greenwich as people write it: UTC+7, UTC+5:30."""
    hours, minutes = int(offset[1:3]), offset[3:5]
    return f"UTC{offset[0]}{hours}" + (f":{minutes}" if minutes != "00" else "")


def _tell(helper: Desk, error: Exception) -> None:
    """Say on the page that a callback failed; what it showed before stays. The log has the rest.

    What an operator wanted stands in a line of its own, for as long as he needs to read it; that the page is not
    renewed is said until it is.
    """
    is_act = any(one.endswith(".n_clicks") for one in dash.ctx.triggered_prop_ids)
    if isinstance(error, StorageUnavailableError) and not is_act:
        dash.set_props(desk.TROUBLE, {"children": helper.words.word("desk.database")})
        return
    key = "desk.fault" if is_act else "desk.fault_of_page"
    if isinstance(error, StorageUnavailableError):
        key = "desk.unconfirmed"
    elif isinstance(error, AccessDeniedError):
        key = "desk.denied"
    else:
        structlog.get_logger().bind(part="desk").error("callback_failed", exc_info=error)
    said, until = helper.say(key) if is_act else helper.say(key, _RENEWED_S)
    dash.set_props(desk.FAULT, {"children": said})
    dash.set_props(desk.FAULT_UNTIL, {"data": until})
