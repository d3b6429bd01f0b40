"""Dash's own controls, mended so that people who hear a page, or have no mouse, can use them.

What axe-core finds serious about them (WCAG 2.2 A) is changed in their scripts as they are served; nothing else is.
A version of Dash in which these places read differently fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dash
import flask

_FOLDER = "/_dash-component-suites/dash/dcc/"
_BUTTON = (
    'type:"button",tabIndex:-1,onBlur:function(n){var e=n.currentTarget.previousElementSibling;'
    "e instanceof HTMLElement&&(e.tabIndex=0)},"
)
# By the script's name: what stands in it, what should, and how often.
CHANGES: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    # A list to choose from: its button could not be reached by the keyboard; an input that was hidden from screen
    # readers took the focus and passed it on.
    "async-dropdown": (
        (
            'className:"dash-dropdown-focus-target",tabIndex:f?-1:0,',
            'className:"dash-dropdown-focus-target",tabIndex:-1,',
            1,
        ),
        (_BUTTON, 'type:"button",tabIndex:0,', 1),
    ),
    # Radio buttons and check boxes: native inputs with labels, which were said to be a list box without a name.
    "dash_core_components": (
        ('role:"listbox"', 'role:"group"', 2),
        ('role:"option","aria-selected":n,', "", 1),
    ),
    # A slider: its thumb had no name; a page gives it in an element of this id.
    "async-slider": (('{key:"thumb"+r,className:n}', '{key:"thumb"+r,className:n,"aria-labelledby":t+"-name"}', 1),),
}


def register(server: flask.Flask) -> None:
    """Have the server mend these scripts."""
    server.after_request(_mend)


def path_of(name: str) -> Path:
    """Return where Dash's own script lies."""
    return Path(dash.__file__).parent / "dcc" / f"{name}.js"


@cache
def mended(name: str) -> str:
    """Return a script with its changes."""
    script = path_of(name).read_text(encoding="utf-8")
    for old, new, _ in CHANGES[name]:
        script = script.replace(old, new)
    return script


def _mend(answer: flask.Response) -> flask.Response:
    folder, _, file = flask.request.path.rpartition("/")
    name, _, rest = file.partition(".")
    if name in CHANGES and rest.endswith("js") and f"{folder}/".endswith(_FOLDER) and answer.status_code == 200:  # noqa: PLR2004 - as it is
        answer.set_data(mended(name))
    return answer
