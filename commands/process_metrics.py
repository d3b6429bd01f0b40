"""Metrics that are read at the scrape from the parts a process was composed of."""

from __future__ import annotations

from collections.abc import Sequence

from svodka import __version__
from svodka.ingest.heartbeat import Heartbeat
from svodka.ingest.tenure import Tenure
from svodka.observability.catalogue import (
    HEARTBEATS,
    LEASES,
    LOOP_FAILURES,
    LOOP_STEPS,
    LOOP_STILL,
    RELAY_FAILED,
    RELAY_PUBLISHED,
    RELAY_SEQ,
    STORAGE_FAILURES,
)
from svodka.observability.metrics import Metrics
from svodka.realtime.loops import Loop
from svodka.realtime.relay import Relay
from svodka.storage.database import Database


def process_metrics(word: str, databases: Sequence[Database], loops: Sequence[Loop]) -> Metrics:
    """Return the metrics of this process.

    Args:
        word: Of the command.
        databases: What it reads and writes.
        loops: What must move in it; looked at with each scrape, so that later ones are seen.
    """
    metrics = Metrics(word, __version__)
    metrics.tell(
        STORAGE_FAILURES,
        lambda: [
            ((access,), float(sum(o.failures_n for base in databases for o in base.outages if o.access == access)))
            for access in ("read", "write")
        ],
    )
    metrics.tell(LOOP_STEPS, lambda: [((loop.name,), float(loop.steps_n)) for loop in loops])
    metrics.tell(LOOP_FAILURES, lambda: [((loop.name,), float(loop.failures_n)) for loop in loops])
    metrics.tell(LOOP_STILL, lambda: [((loop.name,), loop.still_s()) for loop in loops])
    return metrics


def tell_poller(metrics: Metrics, *, relay: Relay, heartbeat: Heartbeat, tenure: Tenure) -> None:
    """Add what a poller's parts know, besides its polls (`svodka.ingest.telemetry`)."""
    metrics.tell_one(HEARTBEATS, lambda: float(heartbeat.written_n))
    metrics.tell_one(RELAY_PUBLISHED, lambda: float(relay.published_n))
    metrics.tell_one(RELAY_FAILED, lambda: float(relay.refused_n))
    metrics.tell_one(RELAY_SEQ, lambda: relay.seq)
    metrics.tell(LEASES, lambda: [((name,), float(tenure.holds(name))) for name in sorted(tenure.names)])
