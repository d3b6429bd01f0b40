"""What a poller tells Prometheus of its polls; the rest of its process is read at the scrape (commands/poll.py)."""

from __future__ import annotations

from svodka.ingest.cycle import CycleReport
from svodka.observability.catalogue import POLL_SECONDS, POLLS, QUARANTINED, RECORDS
from svodka.observability.metrics import Metrics

_OK, _TAKEN = "ok", "taken"
_BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class PollTelemetry:
    """Notes cycles: once a poll, so nothing here is hot."""

    def __init__(self, metrics: Metrics) -> None:
        self._seconds = metrics.time(POLL_SECONDS, _BOUNDS_S)
        self._polls = metrics.count(POLLS)
        self._records = metrics.count(RECORDS)
        self._quarantined = metrics.count(QUARANTINED)

    def note(self, report: CycleReport, took_s: float) -> None:
        """Note what a cycle did and how long it took, in real seconds."""
        source = report.source_id
        self._seconds(took_s, source)
        self._polls(1, source, report.error_kind or (_TAKEN if report.taken else _OK))
        for outcome, n in report.outcomes.items():
            self._records(n, source, outcome.value)
        for reason, n in report.quarantined.items():
            self._quarantined(n, source, reason.value)
