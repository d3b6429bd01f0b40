"""Questions that must not keep who asks: `/healthz` and `/metrics` answer also while the database does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent.threadpool import ThreadPool

_ANSWER_LIMIT_S = 3.0
T = TypeVar("T")


def in_time(pool: ThreadPool, find: Callable[[int], T], limit_s: float = _ANSWER_LIMIT_S) -> Callable[[int], T | None]:
    """Return `find` as asked of a thread, with None for an answer that is late.

    At most one question is under way. While it is, the answer is None at once: a question more would wait for a place
    in the pool, without limit.

    Args:
        pool: Where `find` is called.
        find: The question.
        limit_s: How long an answer is waited for.
    """
    asked: gevent.Greenlet | None = None

    def ask(seq: int) -> T | None:
        nonlocal asked
        if asked is not None and not asked.ready():
            return None
        asked = gevent.spawn(pool.apply, find, (seq,))  # others use the pool too: even to get a place may take long
        try:
            found: T = asked.get(timeout=limit_s)
        except gevent.Timeout:
            return None
        return found

    return ask
