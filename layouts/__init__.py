"""Out-edge, what is seen: pages and panels as pure functions.

`PAGES` is the only registry of pages: the server registers them with Dash, pictures may be taken of them, and
tests walk them. Adding a page is one module in layouts/pages and one line here.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from dash.development.base_component import Component

from layouts.pages.wall import render_wall
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

# Below assets/ Dash injects what it finds into every page. Only bridge.js and css/ are meant for that: a module that
# is injected and imported as well is evaluated twice. (Regular expressions for Dash's `assets_path_ignore`.)
ASSETS_PATH_IGNORE = ["js", "vendor"]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    Attributes:
        name: Its name in the wire protocol and in `/page/<name>/config.json`.
        path: Where it is served.
        title_key: Key of its title in locales/.
        layout: Renders the page in its loading state; the browser fills it.
    """

    name: str
    path: str
    title_key: str
    layout: Callable[[Profile, Catalogue], Component]


PAGES: tuple[Page, ...] = (Page(name="wall", path="/wall", title_key="page.wall.title", layout=render_wall),)
