"""Dash's list to choose from, mended so that people who hear a page can use it.

Its button cannot be reached by the keyboard; an input that is hidden from screen readers takes the focus and passes
it on, which WCAG forbids (axe: aria-hidden-focus). Here the button takes it itself. Nothing else of the script
changes, and a version of Dash in which these places read differently fails a test.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dash
import flask
from flask.typing import ResponseReturnValue

_NAME = "async-dropdown.js"
_SCRIPT = Path(dash.__file__).parent / "dcc" / _NAME
# What stands in Dash's script, and what should: each once.
_BUTTON = (
    'type:"button",tabIndex:-1,onBlur:function(n){var e=n.currentTarget.previousElementSibling;'
    "e instanceof HTMLElement&&(e.tabIndex=0)},"
)
CHANGES = (
    ('className:"dash-dropdown-focus-target",tabIndex:f?-1:0,', 'className:"dash-dropdown-focus-target",tabIndex:-1,'),
    (_BUTTON, 'type:"button",tabIndex:0,'),
)


def register(server: flask.Flask, prefixes: tuple[str, ...]) -> None:
    """Serve the mended script below each of these paths of Dash applications."""
    for prefix in prefixes:
        server.add_url_rule(f"{prefix}/_dash-component-suites/dash/dcc/{_NAME}", "dropdown", _send)


@cache
def mended() -> str:
    """Return the script with the changes."""
    script = _SCRIPT.read_text(encoding="utf-8")
    for old, new in CHANGES:
        script = script.replace(old, new)
    return script


def _send() -> ResponseReturnValue:
    answer = flask.Response(mended(), content_type="text/javascript; charset=utf-8")
    answer.add_etag()
    return answer.make_conditional(flask.request)
