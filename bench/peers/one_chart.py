"""An empty Dash page with one Plotly chart, the least that Dash can show: served as the product is, by gevent.

Its Dash and Plotly are the product's own; nothing on it waits for data.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402 - after the patch

import plotly.graph_objects as go  # noqa: E402
from dash import Dash, dcc, html  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402


def create() -> Dash:
    """Return the application."""
    app = Dash(__name__, update_title="")
    figure = go.Figure(go.Bar(x=list(range(24)), y=[abs(12 - hour) for hour in range(24)]))
    app.layout = html.Div(dcc.Graph(figure=figure, style={"height": "90vh"}))
    return app


if __name__ == "__main__":
    WSGIServer(("127.0.0.1", int(sys.argv[1])), create().server, log=None).serve_forever()
