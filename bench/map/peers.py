"""Pages of other libraries with the same areas and points, each as its users would write it well.

`plotly.html`: plain Plotly, points as `scattermap`, a new one by `extendTraces`. `maplibre.html`: MapLibre alone, as
the set-up installs it with Plotly. `leaflet_app.py`: dash-leaflet, in an environment of its own in var/bench/map.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import plotly

from bench.peers.environment import ensure_peers
from svodka.profiles.model import Profile
from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, find_free_port

HERE = Path(__file__).parent
NAMES = ("plotly", "maplibre", "dash-leaflet")
_MAPLIBRE = ROOT / "node_modules" / "maplibre-gl" / "dist"
_START_LIMIT_S = 60.0


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def ensure_map_peers() -> Path:
    """Install dash-leaflet where that has not been done; return its Python."""
    return ensure_peers(HERE / "requirements.txt", ROOT / "var" / "bench" / "map")


def make_data(profile: Profile, areas: dict[str, Any], points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return what a page draws: areas, points, and where it looks."""
    lats, lons = [place.lat for place in profile.places], [place.lon for place in profile.places]
    center = {"lat": (min(lats) + max(lats)) / 2, "lon": (min(lons) + max(lons)) / 2}
    return {"areas": areas, "points": points, "center": center, "zoom": 5.8}


@contextmanager
def serve(name: str, folder: Path, data: dict[str, Any]) -> Iterator[str]:
    """Serve the page of a peer on the loopback; give its address."""
    if name == "dash-leaflet":
        with _serve_leaflet(folder, data) as url:
            yield url
        return
    for path in (HERE / "watch.js", HERE / f"{name}.html"):
        shutil.copy(path, folder)
    shutil.copy(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", folder)
    for path in _MAPLIBRE.glob("*.mjs"):
        shutil.copy(path, folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{name}.html"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _serve_leaflet(folder: Path, data: dict[str, Any]) -> Iterator[str]:
    told = folder / "leaflet.json"
    told.write_text(json.dumps(data | {"points": []}), encoding="utf-8")
    port = find_free_port()
    words = ["--port", str(port), "--data", str(told), "--watch", str(HERE / "watch.js")]
    with (folder / "leaflet.log").open("wb") as log:
        process = subprocess.Popen(
            [str(ensure_map_peers()), str(HERE / "leaflet_app.py"), *words], stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_until(partial(_answers, url), _START_LIMIT_S, "dash-leaflet answers")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, ConnectionError, TimeoutError):
        return False
