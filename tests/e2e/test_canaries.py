"""Invented people go in by two kinds of sources and through errors, and nothing of them comes out anywhere."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.request import urlopen

import pytest
import redis

from layouts import DESK
from svodka.domain.codec import encode
from svodka.realtime.broker import Broker, find_broker_binary
from svodka.storage.database import open_database
from svodka.storage.quarantine import load_quarantine
from tests.e2e.processes import wait_until
from tests.e2e.product import run_word
from tests.e2e.screen import Screen

SURNAME, PHONE, EMAIL, SNILS, PASSPORT, FLAT = (
    "Канарейкин",
    "904 777-01-23",
    "kanareyka.f@mail.example",
    "112-233-445 95",
    "3217 904611",
    "4711",
)
WORDS = (
    f"Нет тепла. Меня зовут {SURNAME}а Феодосия Никитична, тел. +7 {PHONE}, {EMAIL}, СНИЛС {SNILS}, "
    f"паспорт {PASSPORT}, ул. Весенняя, д. 7, кв. {FLAT}."
)
ADDRESS = f"г. Кемерово, ул. Весенняя, 7, кв. {FLAT}"
# Nobody is shown these, operators neither.
PERSONAL = (SURNAME, "Феодосия", PHONE, re.sub(r"\D", "", PHONE), EMAIL, SNILS, PASSPORT, FLAT)
# Walls, logs, metrics and the broker see nothing of a record that is a citizen's or its source's.
UNSEEN = (*PERSONAL, "Нет тепла", "Весенняя", "foreign-canary", "1234509876")

SOURCES = """
[provenance]
source = "invented"
date = "2026-11-22"

[[source]]
id = "answers"
name = "Answers"
connector = "http_json"
records = "appeals"
channel = "social"
url = "http://127.0.0.1:{port}/good"
{limits}
[source.params.http]
allow_private = true
[source.params.fields]
id = ["id"]
started_at = "at"
status = "status"
text = "text"
address = "address"
area_name = "area"
[source.params.statuses]
"новое" = "new"

[[source]]
id = "broken"
name = "Broken"
connector = "http_json"
records = "appeals"
channel = "social"
url = "http://127.0.0.1:{port}/broken"
{limits}
[source.params.http]
allow_private = true
[source.params.fields]
id = ["id"]
started_at = "at"
[source.params]
status_default = "new"

[[source]]
id = "files"
name = "Files"
connector = "table"
records = "appeals"
channel = "letter"
url = "file://{inbox}/*.csv"
{limits}
[source.params.fields]
id = ["Номер"]
started_at = "Поступило"
status = "Состояние"
text = "Текст"
address = "Адрес"
[source.params.statuses]
"новое" = "new"
"""
LIMITS = """interval_s = 1
ageing_s = 60
stale_s = 120
dead_s = 300
backfill_h = 24
time_zone = "Asia/Novokuznetsk"
"""


class _Feed(BaseHTTPRequestHandler):
    """A feedback system; `records` are what it tells, and `/broken` gives half a document about a person."""

    records: ClassVar[list[dict[str, object]]] = []

    def do_GET(self):
        body = encode(self.records) if self.path.startswith("/good") else f'[{{"fio": "{WORDS}", '.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Say nothing."""


def told(number, *, status="новое", at=None):
    when = at or (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    return {
        "id": number,
        "at": when,
        "status": status,
        "text": f"<p>{WORDS}</p>",
        "address": ADDRESS,
        "area": "Кемерово",
        "fio": f"{SURNAME} И. И.",
        "flat": FLAT,
    }


@pytest.fixture
def feed():
    _Feed.records = [told("foreign-canary-1"), told("foreign-canary-2", status=f"{SURNAME} Иван"), told("3", at=WORDS)]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def broker(tmp_path):
    binary = find_broker_binary()
    assert binary is not None
    broker = Broker(tmp_path / "broker", binary)
    broker.start()
    yield broker
    broker.stop()


def write_sources(folder, port, inbox):
    inbox.mkdir(parents=True)
    (inbox / f"Обращения {SURNAME} {PHONE}.csv").write_text(
        "Номер;Поступило;Состояние;Текст;Адрес\n"
        f'foreign-canary-4;{datetime.now(UTC):%d.%m.%Y} 01:00;новое;"{WORDS}";"{ADDRESS}"\n'
        f'foreign-canary-5;{WORDS};новое;"{WORDS}";"{ADDRESS}"\n',
        encoding="utf-8",
    )
    (inbox / f"От {SURNAME}а Ивана.csv").write_text("\0", encoding="utf-8")
    path = folder / "sources.toml"
    path.write_text(SOURCES.format(port=port, inbox=inbox, limits=LIMITS), encoding="utf-8")
    return path


@pytest.mark.timeout(120)
def test_nothing_of_a_citizen_is_found_on_any_way_out(tmp_path, feed, broker, browser, make_product):
    """Frames, pages, metrics, health, logs, the broker and what commands print, while a new appeal comes in."""
    inbox = tmp_path / "inbox"
    sources = write_sources(tmp_path, feed, inbox)
    product = make_product(sources=str(sources), folders=str(inbox), redis_url=broker.url).start()
    seen: dict[str, str] = {}
    heard = redis.Redis.from_url(broker.url).pubsub()
    heard.psubscribe("*")

    def records_n():
        health = product.load_health()["sources"] if product.answers("/healthz") else {}
        return sum(source["records_total"] + source["quarantined_total"] for source in health.values())

    wait_until(lambda: records_n() >= 4, 60, f"polled\n{product.read_output()}")
    screen = Screen(browser, product.url)
    frames: list[str] = []
    screen.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    screen.open("/wall")
    screen.wait_until(lambda: "snapshot" in "".join(frames), 30, "a snapshot")
    _Feed.records = [*_Feed.records, told("1234509876")]
    screen.wait_until(lambda: '"frame"' in "".join(frames) and records_n() >= 5, 30, "a frame")
    seen["wall"], seen["frames"] = screen.page.content(), "".join(frames)
    screen.close()
    seen["metrics"], seen["health"] = (_load(product, path) for path in ("/metrics", "/healthz"))
    seen["log"] = product.read_output(10_000_000)
    store = redis.Redis.from_url(broker.url)
    seen["broker"] = " ".join(str(key) for key in store.keys("*"))
    seen["announcements"] = " ".join(str(message) for message in iter(lambda: heard.get_message(timeout=0.1), None))
    heard.close()
    assert {name: found for name, text in seen.items() if (found := find(text, UNSEEN))} == {}
    assert "pmessage" in seen["announcements"]
    assert "source_failed" in seen["log"]
    assert "answers" in seen["metrics"]

    shown = load_desk(browser, product)
    home = {"home": str(product.home)}
    shown["quarantine"] = run_word("quarantine", "--raw", **home).stdout
    [file] = inbox.glob("Обращения*")
    checked = run_word("mapping", "check", str(file), "--sources", str(sources), **home)
    shown["mapping"] = checked.stdout + checked.stderr.replace(str(file), "")
    assert {name: found for name, text in shown.items() if (found := find(text, PERSONAL))} == {}
    assert "[телефон]" in shown["quarantine"]
    assert "[имя]" in shown["mapping"]
    assert is_kept(product)


def find(text, canaries):
    """Return those canaries that stand in a text, in any case or spelling of JSON."""
    folded = text.lower()
    escaped = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), folded)
    return [canary for canary in canaries if canary.lower() in folded or canary.lower() in escaped]


def load_desk(browser, product):
    """Return what every page for operators shows, by its path."""
    link = re.search(r"Operator's link, for one use: (\S+)", product.read_output(10_000_000))[1]
    screen = Screen(browser, product.url)
    screen.page.goto(link)
    shown = {}
    for page in DESK:
        screen.open(f"{page.path}/")
        screen.page.wait_for_load_state("networkidle")
        shown[page.path] = screen.page.content()
    screen.close()
    return shown


def is_kept(product):
    """Return whether the database has what nobody was shown: the search above could have found something."""
    database = open_database(f"sqlite:///{product.home / 'svodka.sqlite3'}")
    try:
        with database.read() as connection:
            return find(" ".join(record.raw for record in load_quarantine(connection, "", 100)), PERSONAL)
    finally:
        database.close()


def _load(product, path):
    with urlopen(f"{product.url}{path}", timeout=5) as answer:
        return answer.read().decode()
