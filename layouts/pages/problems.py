"""The page «Проблемы»: what many appeals tell of at once, and what a person says about it."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from layouts.desk import render_desk
from layouts.problems import ids
from layouts.problems.card import render_form
from layouts.problems.listing import render_table
from layouts.problems.saying import named
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

_EVERY_S = 15
_CHOICES_HEIGHT_PX = 420


def render_problems(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first data."""
    areas = {area.id: area.name for area in profile.areas}
    sectors = {sector.id: sector.name for sector in profile.sectors}
    filters = html.Div(
        [
            _choice(ids.AREA, words.word("problems.area"), areas, words),
            _choice(ids.SECTOR, words.word("problems.sector"), sectors, words),
        ],
        className="problems-filters",
    )
    listing = html.Section(
        [
            html.Div(id=ids.AS_OF, className="problems-as-of"),
            filters,
            *render_table(words),
        ],
        className="problems-listing",
    )
    card = html.Section(
        [
            html.Div(
                html.Button(words.word("problems.show"), id=ids.SHOW, className="desk-button desk-button--main"),
                id=ids.NEWS,
                hidden=True,
                role="status",
            ),
            html.Div(id=ids.HEAD),
            html.Div(render_form(words), id=ids.FORM, hidden=True),
            html.Div(id=ids.CARD),
        ],
        className="desk-card problems-card",
        **named(words.word("problems.card")),
    )
    return render_desk(
        words,
        "problems",
        dcc.Location(id=ids.PLACE, refresh=False),
        dcc.Interval(id=ids.BEAT, interval=_EVERY_S * 1000),
        *(dcc.Store(id=name) for name in (ids.OPENED, ids.ACTED)),
        dcc.Store(id=ids.PAGE, data=0),
        html.Div([listing, card], className="problems"),
    )


def _choice(id_: str, label: str, names: dict[str, str], words: Catalogue) -> Component:
    options = [{"value": slug, "label": name} for slug, name in names.items()]
    return html.Div(
        [
            html.Label(label, htmlFor=id_),
            dcc.Dropdown(
                id=id_,
                options=options,
                placeholder=words.word("problems.any"),
                labels={
                    "search": words.word("problems.choice.search"),
                    "clear_search": words.word("problems.choice.clear_search"),
                    "clear_selection": words.word("problems.choice.clear"),
                    "no_options_found": words.word("problems.choice.nothing"),
                },
                maxHeight=_CHOICES_HEIGHT_PX,
            ),
        ],
        className="problems-choice",
    )
