"""Callbacks of the page «Источники»."""

from __future__ import annotations

import dash

from callbacks.operating import Desk


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page."""
    del app, desk
