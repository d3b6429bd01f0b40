"""How a page looks to the person in front of it: theme and the mode for people who see little.

Pages for operators have a menu of plain links (`/look?theme=light&back=/sources/`), and the choice is a cookie of that
browser; a wall takes it from its own address (`/wall?vision=low`). Either way it stands on `<html>` before the first
pixel is painted.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import dash
import flask
from flask.typing import ResponseReturnValue

from layouts import DESK
from svodka.scenes.tokens import THEMES

CHOICES: Mapping[str, tuple[str, ...]] = {"theme": THEMES, "vision": ("usual", "low")}
_KEPT_S = 365 * 24 * 3600


def register(server: flask.Flask) -> None:
    """Put the endpoint that keeps a choice on the server."""
    server.add_url_rule("/look", "look", _keep)


class LookingDash(dash.Dash):
    """A Dash application whose pages carry the look that their address asks for, large too in low vision."""

    def index(self, *path: object, **more: object) -> str:
        """Return the document with the look on its root element."""
        page = str(super().index(*path, **more))  # type: ignore[no-untyped-call] # Dash's
        return page.replace("<html ", f"<html {self._attributes()}", 1)

    def _attributes(self) -> str:
        asked = flask.request.args
        return attributes(asked) + ("data-zoom " if asked.get("vision") == "low" else "")


class DeskDash(LookingDash):
    """A page for operators: the browser keeps the choice."""

    def _attributes(self) -> str:
        return attributes({name: flask.request.cookies.get(_cookie(name), "") for name in CHOICES})


def attributes(asked: Mapping[str, str]) -> str:
    """Return the attributes of `<html>` for a look; what is unknown is left out."""
    return "".join(f'data-{name}="{asked[name]}" ' for name, among in CHOICES.items() if asked.get(name, "") in among)


def _cookie(name: str) -> str:
    return f"svodka_{name}"


def _keep() -> ResponseReturnValue:
    back = urlsplit(flask.request.args.get("back", ""))
    pages = {f"{page.path}/" for page in DESK}
    answer = flask.redirect(back.path if not back.netloc and back.path in pages else f"{DESK[0].path}/")
    for name, among in CHOICES.items():
        value = flask.request.args.get(name, "")
        if value in among:
            answer.set_cookie(_cookie(name), value, max_age=_KEPT_S, httponly=True, samesite="Lax")
    return answer
