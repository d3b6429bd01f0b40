"""When to ask a source again after a failure. Pure."""

from __future__ import annotations

import math

MAX_BACKOFF_S = 300.0
_MAX_DOUBLINGS = 16


def decide_delay_s(*, failures_n: int, interval_s: float, retry_after_s: float | None, draw: float) -> float:
    """Return the pause after a failed poll.

    Between the source's interval and 300 s (or the interval, where that is longer), doubling with each failure
    in a row and drawn over the whole span ("full jitter"), so that sources that failed together do not come
    back together. A wish of the source (Retry-After) is a lower bound.

    Args:
        failures_n: Failures in a row, this one included, at least 1.
        interval_s: Seconds between good polls.
        retry_after_s: What the source asked for, None where it did not.
        draw: Random number 0..1.

    Returns:
        Seconds, at least `interval_s`.
    """
    longest_s = max(MAX_BACKOFF_S, interval_s)
    span_s = min(longest_s, math.ldexp(interval_s, min(failures_n, _MAX_DOUBLINGS)))
    return max(interval_s + draw * (span_s - interval_s), retry_after_s or 0.0)
