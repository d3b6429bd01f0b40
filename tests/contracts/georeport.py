"""A small GeoReport server for tests: real questions, a clock of its own, records that change while they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.contracts.hostile import Handler


class Requests:
    """What the server knows.

    Args:
        now: The server's own clock.
        order: `updated`: oldest change first; `requested`: newest receipt first.
    """

    def __init__(self, now: Callable[[], datetime], *, order: str = "updated") -> None:
        self.now = now
        self.order = order
        self.changed: dict[str, datetime] = {}
        self.questions: list[dict[str, str]] = []
        self.before_answer: Callable[[int], None] = lambda _n: None
        self.services = 0

    def put(self, request_id: str, at: datetime) -> None:
        """A request arrives or changes."""
        self.changed[request_id] = at

    def __call__(self, handler: Handler) -> None:
        address = urlsplit(handler.path)
        if address.path.endswith("/services.json"):
            self.services += 1
            self._write(handler, [{"service_code": "7", "service_name": "Pothole"}])
            return
        question = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.questions.append(question)
        self.before_answer(len(self.questions))
        after = datetime.fromisoformat(question.get("updated_after") or question["start_date"])
        before = datetime.fromisoformat(
            question.get("updated_before") or question.get("end_date") or "2100-01-01T00:00:00Z"
        )
        found = [(at, key) for key, at in self.changed.items() if after <= at <= before]
        found.sort(reverse=self.order == "requested")
        size = int(question.get("page_size", "1000"))
        start = (int(question.get("page", "1")) - 1) * size
        self._write(handler, [self._request(key, at) for at, key in found[start : start + size]])

    @staticmethod
    def _request(key: str, at: datetime) -> dict[str, str]:
        when = at.isoformat()
        return {
            "service_request_id": key,
            "status": "open",
            "service_code": "7",
            "requested_datetime": when,
            "updated_datetime": when,
        }

    def _write(self, handler: Handler, items: list[dict[str, str]]) -> None:
        body = msgspec.json.encode(items)
        handler.head(
            200,
            Content_Type="application/json",
            Content_Length=str(len(body)),
            Date=format_datetime(self.now().replace(microsecond=0), usegmt=True),
        )
        handler.wfile.write(body)
