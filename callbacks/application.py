"""The Dash application: its pages, its endpoints and the check before all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import dash
import flask
from dash.development.base_component import Component
from dash.exceptions import DependencyException, InvalidResourceError

from callbacks import access, desk, endpoints, intake, looks, mended, moments, past, pictures
from callbacks.assets import ASSETS, PLOTLY, PLOTLY_PATH, render_index, render_preloads
from layouts import ASSETS_IGNORE, ASSETS_PATH_IGNORE, DESK, SCREEN_PATH, WALLS, Page
from svodka.domain.errors import StorageUnavailableError
from svodka.realtime.services import Services
from svodka.reports.picture import PictureService
from svodka.settings import Settings

_SESSION_DAYS = 365
_MAX_REQUEST_BYTES = 1_000_000


def create_server(settings: Settings, secret_key: bytes) -> flask.Flask:
    """Return the Flask application before anything is registered on it.

    Args:
        settings: Decide whether the session cookie may travel unencrypted.
        secret_key: Signs the sessions.
    """
    server = flask.Flask("svodka", static_folder=None)
    server.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="svodka",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=all(url.startswith("https://") for url in settings.public_urls),
        PERMANENT_SESSION_LIFETIME=timedelta(days=_SESSION_DAYS),
        MAX_CONTENT_LENGTH=_MAX_REQUEST_BYTES,
    )
    return server


def create_application(
    server: flask.Flask,
    services: Services,
    pictures_service: PictureService,
    *,
    configs: Mapping[str, Callable[[], bytes]],
    geometry: bytes,
) -> dash.Dash:
    """Build the application; nothing is served yet.

    Args:
        server: From `create_server`.
        services: The web process's parts.
        pictures_service: Renders pictures.
        configs: Makes what each page needs once, by the page's name, as JSON.
        geometry: The areas of the map, as GeoJSON.

    Returns:
        The Dash application of the walls; those of the desk stand beside it on that server.
    """
    access.register(server, services)
    for prefix in ("", *(page.path for page in DESK)):
        server.add_url_rule(f"{prefix}{PLOTLY_PATH}", "plotly", _send_plotly)
    endpoints.register(server, services, configs=configs, geometry=geometry)
    pictures.register(server, services, pictures_service)
    intake.register(server, services)
    moments.register(server, services)
    looks.register(server)
    mended.register(server)
    past.register(server, services)
    for error in (DependencyException, InvalidResourceError):
        server.register_error_handler(error, lambda _error: ("", 404))
    server.register_error_handler(StorageUnavailableError, lambda _error: access.busy_page(services))
    desk.build(server, services)  # before the walls' application, which Dash then takes for the only one
    app = looks.LookingDash(
        "svodka",
        server=server,  # type: ignore[arg-type] # Dash takes a Flask application and annotates something else
        use_pages=True,
        pages_folder="",
        assets_folder=str(ASSETS),
        assets_path_ignore=ASSETS_PATH_IGNORE,
        assets_ignore=ASSETS_IGNORE,
        index_string=render_index(
            services.words.language,
            preloads=render_preloads(),
            style=services.room.style if services.room else "",
        ),
        title=services.profile.title,
        update_title="",
        enable_mcp=False,
        add_log_handler=False,
    )
    for page in WALLS:
        title = services.words.word(page.title_key)
        # Rendered anew for every page that is opened: the pool of panels follows the scenes.
        layout = partial(_render_wall, page, services)
        words = {"title": title, "name": title, "layout": layout}
        dash.register_page(page.name, path=page.path, **words)  # type: ignore[no-untyped-call] # Dash's
        dash.register_page(f"{page.name}-screen", path_template=f"{page.path}{SCREEN_PATH}", **words)  # type: ignore[no-untyped-call] # Dash's
    app.layout = dash.page_container
    return app


def _render_wall(page: Page, services: Services, **_query: str) -> Component:
    return page.layout(services.profile, services.words, services.scenes)


def _send_plotly() -> flask.Response:
    return flask.send_file(PLOTLY)
