"""What /healthz says and with which code, for everything that can stand still."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from svodka.domain.freshness import State
from svodka.realtime.health import Found, SourceHealth, Way, build_health, decide_code
from svodka.realtime.messages import STALLED_AFTER_S

GOOD_WAY = {"is_healthy": True, "pipeline_s": 3.0, "read_s": 0.4, "broker": True}


def found(*states: State) -> Found:
    source = {"age_s": 1.0, "last_success_at": None, "lag_s": None, "records_total": 1, "quarantined_total": 0}
    return Found(
        seq=7, untold_s=0.0, sources={f"s{n}": SourceHealth(state=state, **source) for n, state in enumerate(states)}
    )


@pytest.mark.parametrize(
    ("way", "seen", "status", "code"),
    [
        ({}, found(State.FRESH, State.AGEING), "ok", HTTPStatus.OK),
        ({"broker": None}, found(State.FRESH), "ok", HTTPStatus.OK),
        ({"broker": False}, found(State.FRESH), "degraded", HTTPStatus.OK),
        ({"is_healthy": False}, found(State.FRESH), "degraded", HTTPStatus.OK),
        ({}, found(State.FRESH, State.STALE), "degraded", HTTPStatus.OK),
        ({}, found(State.FRESH, State.DEAD), "degraded", HTTPStatus.OK),
        ({}, found(), "degraded", HTTPStatus.OK),
        ({}, None, "degraded", HTTPStatus.SERVICE_UNAVAILABLE),
        ({"pipeline_s": STALLED_AFTER_S}, found(State.FRESH), "ok", HTTPStatus.OK),
        ({"pipeline_s": STALLED_AFTER_S + 0.1}, found(State.FRESH), "stalled", HTTPStatus.SERVICE_UNAVAILABLE),
        ({"pipeline_s": STALLED_AFTER_S + 0.1}, None, "stalled", HTTPStatus.SERVICE_UNAVAILABLE),
    ],
)
def test_status_and_code(way, seen, status, code):
    """Fresh sources are no comfort while no heartbeat comes; a database that is away is never fine."""
    health = build_health(Way(**{**GOOD_WAY, **way}), seen)
    assert health["status"] == status
    assert decide_code(health) is code
    assert (health["seq"], health.get("database")) == ((7, None) if seen else (None, "unavailable"))
