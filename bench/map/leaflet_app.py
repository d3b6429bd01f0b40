"""dash-leaflet as its documentation shows it for many points: one GeoJSON layer that clusters in the browser.

    python leaflet_app.py --port PORT --data FILE --watch FILE

A new point replaces the layer's data, by `set_props`: it has no way to add one. Knows nothing of the product.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import dash_leaflet as dl
from dash import Dash, html


def main() -> None:
    """Serve the page on the loopback."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--watch", type=Path, required=True)
    options = parser.parse_args()
    told = json.loads(options.data.read_text(encoding="utf-8"))
    scripts = (options.watch, Path(__file__).with_name("leaflet.js"))
    run = "".join(path.read_text(encoding="utf-8") for path in scripts)
    app = Dash(__name__)
    app.index_string = app.index_string.replace("<head>", f"<head><script>{run}</script>")
    app.layout = html.Div(
        dl.Map(
            [
                dl.GeoJSON(data=told["areas"], id="areas"),
                dl.GeoJSON(data={"type": "FeatureCollection", "features": []}, id="points", cluster=True),
            ],
            id="map",
            center=[told["center"]["lat"], told["center"]["lon"]],
            zoom=round(told["zoom"] + 1),
            style={"width": "1240px", "height": "960px"},
        )
    )
    app.run(host="127.0.0.1", port=options.port)


if __name__ == "__main__":
    main()
