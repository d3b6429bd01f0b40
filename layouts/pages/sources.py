"""The page «Источники»: what stands of every source, and what an operator can do about it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.desk import render_desk
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

LIST = "sources-list"


def render_sources(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first data."""
    del profile
    return render_desk(words, "sources", html.Div(id=LIST))
