"""Out-edge, what is seen: pages and panels as pure functions.

`PAGES` is the only registry of pages: the server registers them with Dash, pictures may be taken of them, and
tests walk them. Adding a page is one module in layouts/pages and one line here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from dash.development.base_component import Component

from layouts.pages.archive import render_archive
from layouts.pages.briefing import render_briefing
from layouts.pages.controller import render_controller
from layouts.pages.problems import render_problems
from layouts.pages.register import render_register
from layouts.pages.sources import render_sources
from layouts.pages.wall import render_wall

# Below assets/ Dash injects what it finds into every page. Only bridge.js and css/ are meant for that: a module that
# is injected and imported as well is evaluated twice. (Regular expressions for Dash's `assets_path_ignore`.)
ASSETS_PATH_IGNORE = ["js", "vendor"]
ASSETS_IGNORE = r"^desk\.css$"  # for pages of operators only

_SCREEN = re.compile(r"/[a-z0-9][a-z0-9-]{0,31}/[1-9][0-9]?")
SCREEN_PATH = "/<wall_name>/<screen_number>"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    Attributes:
        name: Its name in the wire protocol and in `/page/<name>/config.json`.
        path: Where it is served; a page for operators at this path with a slash behind.
        title_key: Key of its title in locales/.
        layout: Renders the page in its loading state from profile, words and, where it is a wall, the scenes.
        for_operators: Only operators see it; server callbacks fill it (`callbacks.desk`), no code of ours in the
            browser. Other pages are walls: filled by the browser, live over the socket.
    """

    name: str
    path: str
    title_key: str
    layout: Callable[..., Component]
    for_operators: bool = False

    def serves(self, path: str) -> bool:
        """Whether an address is this page's: a wall has one for each of its screens, `/wall/<name>/<screen>`."""
        return path == self.path or (not self.for_operators and bool(_SCREEN.fullmatch(path.removeprefix(self.path))))


PAGES: tuple[Page, ...] = (
    Page(name="wall", path="/wall", title_key="page.wall.title", layout=render_wall),
    Page(
        name="sources",
        path="/sources",
        title_key="page.sources.title",
        layout=render_sources,
        for_operators=True,
    ),
    Page(
        name="problems",
        path="/problems",
        title_key="page.problems.title",
        layout=render_problems,
        for_operators=True,
    ),
    Page(
        name="register",
        path="/register",
        title_key="page.register.title",
        layout=render_register,
        for_operators=True,
    ),
    Page(
        name="controller",
        path="/controller",
        title_key="page.controller.title",
        layout=render_controller,
        for_operators=True,
    ),
    Page(
        name="briefing",
        path="/briefing",
        title_key="page.briefing.title",
        layout=render_briefing,
        for_operators=True,
    ),
    Page(
        name="archive",
        path="/archive",
        title_key="page.archive.title",
        layout=render_archive,
        for_operators=True,
    ),
)
WALLS = tuple(page for page in PAGES if not page.for_operators)
DESK = tuple(page for page in PAGES if page.for_operators)
