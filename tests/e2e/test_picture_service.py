"""The picture service against a real Chromium and a small page of our own; the wall itself is tested elsewhere."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from svodka.domain.codec import decode, encode
from svodka.reports.picture import PictureRefusal, PictureRefusedError, PictureService
from svodka.reports.png_text import read_text
from tests.e2e.processes import MARK, find_marked, wait_until

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src *; connect-src 'self'"
AS_OF = "2026-11-21T03:00:00Z"
PAGE = """<!doctype html><html><body style="background:#101418;margin:0"><h1>page</h1>
<div data-panel="kpi-open" data-state="fresh" data-seq="41" data-as-of="{as_of}">
  <b data-kpi="open_now" data-value="12">12</b><b data-kpi="satisfaction" data-value="">no data</b></div>
<img src="{outside}"><script>{script}</script></body></html>"""


class Site:
    """Two origins on loopback: our own server, and one that nobody should ask."""

    def __init__(self):
        self.script = "document.documentElement.dataset.ready = 'true'"
        self.tokens = 0
        self.asked_outside = []
        self.asked = []
        self.own = self._serve(self._own)
        self.outside = self._serve(self._outside)

    def freeze(self):
        self.tokens += 1
        return f"token{self.tokens}"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.own.server_port}"

    def _own(self, path):
        self.asked.append(path)
        if path.startswith("/frozen/"):
            return "application/json", encode({"epoch": "e1", "seq": 41, "at": "2026-11-21T03:00:05Z"})
        outside = f"http://127.0.0.1:{self.outside.server_port}/tile.png"
        return "text/html", PAGE.format(as_of=AS_OF, outside=outside, script=self.script).encode()

    def _outside(self, path):
        self.asked_outside.append(path)
        return "text/plain", b"never"

    @staticmethod
    def _serve(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                kind, body = answer(self.path)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", POLICY)  # no eval, as the real server's
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def close(self):
        for server in (self.own, self.outside):
            server.shutdown()
            server.server_close()


@pytest.fixture
def site():
    it = Site()
    yield it
    it.close()


@pytest.fixture
def mark(monkeypatch):
    """A mark on everything that this test starts; nothing marked may be alive at its end."""
    value = uuid.uuid4().hex
    monkeypatch.setenv(MARK, value)
    yield value
    wait_until(lambda: not find_marked(value), 10, "no process left")


def service(site, **options):
    return PictureService(base_url=site.url, freeze=site.freeze, **options)


def test_a_picture_holds_the_page_and_says_what_it_shows(site, mark):
    """Size as asked; metadata from the page's own document."""
    picture = service(site).render("/wall", 800, 450)
    assert Image.open(io.BytesIO(picture.png)).size == (800, 450)
    assert decode(read_text(picture.png, "svodka")) == {
        "path": "/wall",
        "scene": "",
        "epoch": "e1",
        "seq": 41,
        "at": "2026-11-21T03:00:05Z",
        "as_of": AS_OF,
        "states": {"kpi-open": "fresh"},
        "values": {"open_now": 12, "satisfaction": None},
        "ready": True,
    }
    assert picture.seq == 41
    assert site.asked[:2] == ["/wall?frozen=token1", "/frozen/token1.json"]


def test_the_renderer_asks_no_other_address(site, mark):
    """An image of another origin on the page is refused before it leaves the browser."""
    assert service(site).render("/wall", 400, 300).png
    assert site.asked_outside == []


def test_a_page_that_never_gets_ready_is_pictured_as_it_is(site, mark):
    """A late picture is better than none, and its metadata say so."""
    site.script = ""
    assert service(site, ready_limit_s=1).render("/wall", 400, 300).facts.ready is False


@pytest.mark.parametrize(
    ("path", "width", "height", "refusal"),
    [
        ("/healthz", 800, 450, PictureRefusal.UNKNOWN_PAGE),
        ("http://127.0.0.1:1/", 800, 450, PictureRefusal.UNKNOWN_PAGE),
        ("/wall?frozen=x", 800, 450, PictureRefusal.UNKNOWN_PAGE),
        ("/wall", 319, 450, PictureRefusal.BAD_SIZE),
        ("/wall", 7681, 450, PictureRefusal.BAD_SIZE),
        ("/wall", 800, 239, PictureRefusal.BAD_SIZE),
        ("/wall", 800, 4321, PictureRefusal.BAD_SIZE),
    ],
)
def test_only_registered_pages_and_bounded_sizes_are_pictured(site, path, width, height, refusal):
    """Anything else is the asker's mistake: 400, and no state is frozen for it."""
    with pytest.raises(PictureRefusedError) as error:
        service(site).render(path, width, height)
    assert (error.value.refusal, error.value.status, site.tokens) == (refusal, 400, 0)


def test_without_a_browser_the_refusal_says_so(site):
    """Nothing is started; asking again later would not help."""
    with pytest.raises(PictureRefusedError) as error:
        service(site, browser=lambda: None).render("/wall", 800, 450)
    assert (error.value.refusal, error.value.status) == (PictureRefusal.NO_BROWSER, 503)
    assert error.value.retry_after_s is None


def test_a_second_picture_waits_and_a_crowd_is_sent_away(site, mark):
    """One rendering at a time; who finds the waiting places full, or waits too long, is told when to come back."""
    site.script = ""
    it = service(site, ready_limit_s=3, wait_limit_s=0.1, max_waiting=1)
    first = threading.Thread(target=it.render, args=("/wall", 400, 300))
    first.start()
    wait_until(lambda: site.tokens == 1, 10, "the first has begun")
    with pytest.raises(PictureRefusedError) as error:
        it.render("/wall", 400, 300)
    first.join()
    assert (error.value.refusal, error.value.status) == (PictureRefusal.BUSY, 503)
    assert error.value.retry_after_s
    site.script = "document.documentElement.dataset.ready = 'true'"
    assert it.render("/wall", 400, 300).png


def test_a_rendering_past_its_time_is_ended_with_its_browser(site, mark):
    """The `mark` fixture then finds no process left."""
    site.script = ""
    with pytest.raises(PictureRefusedError) as error:
        service(site, ready_limit_s=30, time_limit_s=3).render("/wall", 400, 300)
    assert error.value.refusal is PictureRefusal.TOO_SLOW


def test_a_browser_that_cannot_start_is_one_refusal(site, mark, tmp_path):
    """A broken installation is told as such, with the browser's own first line."""
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    broken.chmod(0o755)
    with pytest.raises(PictureRefusedError) as error:
        service(site, browser=lambda: str(broken)).render("/wall", 400, 300)
    assert error.value.refusal is PictureRefusal.FAILED


ORDERING = """
from svodka.reports.picture import PictureService
PictureService(base_url={url!r}, freeze=lambda: "t", ready_limit_s=60).render("/wall", 400, 300)
"""


@pytest.mark.parametrize("victim", ["server", "renderer"])
def test_a_killed_process_leaves_no_browser(site, mark, victim):
    """Kill -9 of the web process, or of the renderer, and the browser is gone within seconds."""
    site.script = ""
    code = ORDERING.format(url=site.url)
    ordering = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    wait_until(lambda: len(site.asked) >= 2, 20, "the page is open")
    assert any("chromium" in line for line in find_marked(mark).values())
    if victim == "server":
        os.kill(ordering.pid, 9)
    else:
        renderer = next(pid for pid, line in find_marked(mark).items() if "svodka.reports.render" in line)
        os.kill(renderer, 9)
    ordering.wait(timeout=10)
    wait_until(lambda: not find_marked(mark), 8, "no process left")
