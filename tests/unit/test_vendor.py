"""What set-up makes of the npm packages."""

from __future__ import annotations

import json

from plotly.offline import get_plotlyjs_version

from callbacks.assets import PLOTLY
from scripts.vendor import ROOT


def test_the_bundle_is_the_plotly_that_dash_was_made_for():
    pinned = json.loads((ROOT / "package.json").read_text())["dependencies"]["plotly.js"]
    assert pinned == get_plotlyjs_version()
    assert f'"{pinned}"' in PLOTLY.read_text()


def test_the_bundle_holds_what_pages_show_and_no_more():
    """Kinds of figures are registered by their name; a picture of everything would be evaluated for a second longer."""
    bundle = PLOTLY.read_text()
    assert all(f'name:"{kind}"' in bundle for kind in ("scatter", "bar", "choroplethmap"))
    assert not any(f'name:"{kind}"' in bundle for kind in ("surface", "sankey", "scattergl", "indicator"))


def test_the_bundle_speaks_russian():
    """Without its locale Plotly writes a decimal point and English months, and says nothing about it."""
    november = "Ноябрь".encode("unicode_escape").decode()
    assert november.lower() in PLOTLY.read_text().lower()
