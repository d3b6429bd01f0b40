"""Named places at which a process can be told to die, for tests that prove that dying there loses nothing.

Nothing happens unless `SVODKA_CRASH_AT` names a place; a place that is not armed costs one look at an empty value.
"""

from __future__ import annotations

import os

CRASH_EXIT_CODE = 137

# Names by the process that passes them: `…_before` and `…_after` the step that they are named for.
POLL_POINTS = (
    "fetch_before",
    "fetch_after",
    "parse_before",
    "parse_after",
    "begin_before",
    "begin_after",
    "upsert_before",
    "upsert_between",
    "upsert_after",
    "rollup_before",
    "rollup_after",
    "group_after",
    "cursor_before",
    "cursor_after",
    "log_before",
    "log_after",
    "commit_after",
    "failure_before",
    "failure_after",
    "lease_before",
    "lease_after",
    "tick_before",
    "tick_after",
    "publish_before",
    "publish_after",
)
WEB_POINTS = (
    "snapshot_before",
    "snapshot_after",
    "emit_before",
    "emit_after",
    "acknowledge_before",
    "acknowledge_after",
)


class _Armed:
    """Where this process dies, and how often it may pass there before."""

    name = ""
    passings_left = 0


def is_crash_point(spec: str) -> bool:
    """Return whether `spec` can be armed: `name`, `name:n` with n from 1, or empty for nowhere."""
    name, _, n = spec.partition(":")
    return not spec or (name in {*POLL_POINTS, *WEB_POINTS} and (n or "1").isdecimal() and int(n or 1) > 0)


def arm_crash(spec: str) -> None:
    """Have this process die at a place.

    Args:
        spec: `name`, or `name:n` for the n-th passing (see `is_crash_point`); empty disarms.
    """
    name, _, n = spec.partition(":")
    _Armed.name, _Armed.passings_left = name, int(n or 1)


def crash_here(name: str) -> None:
    """Die at once, as after a kill -9, where this place is armed and its time has come."""
    if not _Armed.name or _Armed.name != name:
        return
    _Armed.passings_left -= 1
    if _Armed.passings_left <= 0:
        os._exit(CRASH_EXIT_CODE)
