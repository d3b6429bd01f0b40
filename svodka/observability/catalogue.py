"""Every metric of Svodka's own, each once; docs/operations.md has the same table, and a test compares them.

Names follow Prometheus' conventions: the unit at the end, `_total` for what only grows. What the machine knows of the
process (`process_…`) is told by the client library under its usual names.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric.

    Attributes:
        name: As scraped.
        kind: Of Prometheus.
        labels: Names of its labels.
        meaning: One line, for the scrape and for docs/operations.md.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...] = ()
    meaning: str


def _counter(name: str, meaning: str, *labels: str) -> Metric:
    return Metric(name=name, kind="counter", labels=labels, meaning=meaning)


def _gauge(name: str, meaning: str, *labels: str) -> Metric:
    return Metric(name=name, kind="gauge", labels=labels, meaning=meaning)


# Of every process.
BUILD_INFO = _gauge("svodka_build_info", "1; which version runs, as which process", "version", "process")
STORAGE_FAILURES = _counter(
    "svodka_storage_failures_total", "transactions that the database did not serve, read or write", "access"
)
LOOP_STEPS = _counter("svodka_loop_steps_total", "steps of each loop of the process", "loop")
LOOP_FAILURES = _counter("svodka_loop_failures_total", "steps that failed", "loop")
LOOP_STILL = _gauge("svodka_loop_still_seconds", "time since a step began or ended", "loop")

# Of a poller.
POLL_SECONDS = Metric(
    name="svodka_poll_seconds",
    kind="histogram",
    labels=("source",),
    meaning="length of a poll cycle, from the first request to the last commit",
)
POLLS = _counter(
    "svodka_polls_total", "poll cycles by how they ended: ok, taken or the error's kind", "source", "outcome"
)
RECORDS = _counter("svodka_records_total", "records read, by what they were", "source", "outcome")
QUARANTINED = _counter(
    "svodka_quarantined_records_total", "records that could not be used, by reason", "source", "reason"
)
LEASES = _gauge("svodka_lease_held", "1 where this poller holds the lease, else 0", "lease")
HEARTBEATS = _counter("svodka_heartbeats_total", "heartbeats written by this poller")
RELAY_PUBLISHED = _counter("svodka_relay_published_total", "announcements given to the broker")
RELAY_FAILED = _counter("svodka_relay_failures_total", "announcements that the broker did not take")
RELAY_SEQ = _gauge("svodka_relay_seq", "number of the newest change that was published")

POLL_METRICS = (
    BUILD_INFO,
    STORAGE_FAILURES,
    LOOP_STEPS,
    LOOP_FAILURES,
    LOOP_STILL,
    POLL_SECONDS,
    POLLS,
    RECORDS,
    QUARANTINED,
    LEASES,
    HEARTBEATS,
    RELAY_PUBLISHED,
    RELAY_FAILED,
    RELAY_SEQ,
)
