"""A web process's door for systems that push, inside the test: real database, real HTTP server, real signatures."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from types import SimpleNamespace

import msgspec
from flask import Flask
from werkzeug.serving import make_server

from callbacks import intake as endpoint
from commands.intake import connect_pushed
from svodka.domain.clock import ManualClock
from svodka.domain.codec import decode
from svodka.ingest.intake import Intake
from svodka.ingest.pushed import Storeroom
from svodka.profiles.model import SourceConfig
from svodka.security.senders import Senders
from svodka.security.signatures import sign
from tests.contracts.conftest import NOW
from tests.ingest_factory import PlainClassifier, tiny_profile

SECRET, OLD_SECRET = "the secret of this test, long enough", "the secret before it, long enough as well"
SENT = str(int(NOW.timestamp()))


def write_secret(folder, name="secret", text=SECRET):
    """Write a secret file of its owner's alone and return its path."""
    path = folder / name
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def source_of(folder, **params) -> SourceConfig:
    """A source of appeals that pushes."""
    fields = {"id": ["id"], "started_at": "at", "updated_at": "changed", "status": "state", "text": "text"}
    return SourceConfig(
        id="pushed",
        name="Pushed",
        connector="webhook",
        records="appeals",
        channel="portal",
        interval_s=60,
        ageing_s=120,
        stale_s=300,
        dead_s=900,
        params={
            "secret_file": str(write_secret(folder)),
            "fields": fields,
            "statuses": {"new": "new", "done": "answered"},
        }
        | params,
    )


class Door:
    """The endpoint over HTTP; `close` ends it."""

    def __init__(self, database, source, *, in_time=lambda call: call()):
        self.database, self.source = database, source
        self.clock, self.real_clock = ManualClock(NOW), ManualClock(NOW)
        self.committed = 0
        profile = msgspec.structs.replace(tiny_profile(), sources=(source,))
        pushed = connect_pushed(profile, self.clock)
        storeroom = Storeroom(
            database, PlainClassifier(profile), self.clock, in_time=in_time, after_commit=self._note_commit
        )
        services = SimpleNamespace(
            real_clock=self.real_clock,
            senders=Senders({name: each.receiver for name, each in pushed.items()}),
            intake=Intake(pushed, storeroom, self.real_clock),
        )
        app = Flask("door")
        endpoint.register(app, services)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _note_commit(self):
        self.committed += 1

    def post(self, body, *, path="/ingest/pushed", secret=SECRET, timestamp=SENT, **headers):
        """Send one delivery; return status, JSON of the answer and headers. Headers given replace ours, None: none."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        ours = {
            "Content-Type": "application/json",
            "Svodka-Timestamp": timestamp,
            "Svodka-Signature": sign(secret.encode(), timestamp, content),
        } | {name.replace("_", "-"): text for name, text in headers.items()}
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request(
            "POST", path, body=content, headers={name: text for name, text in ours.items() if text is not None}
        )
        answer = line.getresponse()
        text = answer.read()
        line.close()
        return answer.status, decode(text), dict(answer.getheaders())

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def record(n, *, state="new", **more):
    """One appeal as this sender writes it."""
    return {"id": f"a-{n}", "at": "2026-11-21T05:00:00Z", "state": state, "text": f"Text {n}"} | more
