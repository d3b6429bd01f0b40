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

# Of a web process.
SOCKETS = _gauge("svodka_browsers", "browsers that get frames", "page", "role")
MESSAGES = _counter("svodka_messages_total", "distinct messages, each made once, by event", "event")
DELIVERIES = _counter("svodka_deliveries_total", "messages to one browser each, by event", "event")
BYTES = _counter("svodka_delivered_bytes_total", "bytes of the deliveries, by event", "event")
HELLOS = _counter(
    "svodka_hellos_total", "answers to browsers that said where they stand: frame, snapshot or refused", "answer"
)
SYNCS = _counter("svodka_syncs_total", "times that what waited for a slow browser was thrown away")
ABORTED = _counter("svodka_aborted_browsers_total", "connections ended because nothing was taken any more")
ROUND_SECONDS = Metric(
    name="svodka_gateway_round_seconds",
    kind="histogram",
    meaning="length of the gateway's rounds that went well: reading, computing and handing over",
)
GATEWAY_SEQ = _gauge("svodka_gateway_seq", "number of the newest change that browsers were told of")
LOG_HEAD = _gauge("svodka_change_log_seq", "number of the newest change in the log")
LOG_LAG = _gauge("svodka_change_log_lag_changes", "changes in the log that browsers were not told of yet")
LOG_LAG_SECONDS = _gauge(
    "svodka_change_log_lag_seconds", "age of the oldest change that browsers were not told of, by the product's clock"
)
PIPELINE_AGE = _gauge("svodka_pipeline_age_seconds", "time since the newest heartbeat came; above 30 is stalled")
READ_AGE = _gauge("svodka_log_read_age_seconds", "time since the log was last read well")
BROKER = _gauge("svodka_broker_connected", "1 while announcements arrive, 0 while not; absent without a broker")
DATABASE_UP = _gauge("svodka_database_up", "1 when the database answered this scrape's question, else 0")
SOURCE_AGE = _gauge("svodka_source_age_seconds", "time since the last complete poll; absent before the first", "source")
SOURCE_LAG = _gauge("svodka_source_lag_seconds", "how far the source itself is behind, where it says so", "source")
SOURCE_STATE = _gauge("svodka_source_state", "1 for the state that the source is in", "source", "state")
PANEL_STATE = _gauge("svodka_panel_state", "1 for the state that its sources give a panel", "panel", "state")

WEB_METRICS = (
    BUILD_INFO,
    STORAGE_FAILURES,
    LOOP_STEPS,
    LOOP_FAILURES,
    LOOP_STILL,
    SOCKETS,
    MESSAGES,
    DELIVERIES,
    BYTES,
    HELLOS,
    SYNCS,
    ABORTED,
    ROUND_SECONDS,
    GATEWAY_SEQ,
    LOG_HEAD,
    LOG_LAG,
    LOG_LAG_SECONDS,
    PIPELINE_AGE,
    READ_AGE,
    BROKER,
    DATABASE_UP,
    SOURCE_AGE,
    SOURCE_LAG,
    SOURCE_STATE,
    PANEL_STATE,
)
