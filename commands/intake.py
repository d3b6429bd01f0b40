"""What a web process needs to store what is pushed to it; built only where a source is not polled."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import gevent
from gevent.threadpool import ThreadPool

from datasources.registry import build_receiver, check_against, is_form, is_pushed
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import ProfileError, StorageUnavailableError
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import Geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.intake import PushedSource
from svodka.ingest.polling import real_interval_s
from svodka.ingest.pushed import Storeroom
from svodka.ingest.registration import HandForm, Registration
from svodka.profiles.model import Profile
from svodka.realtime.gateway import Gateway
from svodka.realtime.loops import Loop
from svodka.realtime.wake import Waker
from svodka.storage.database import Database
from svodka.storage.registered import Kind

# Shorter than a request may take (`svodka.security.slow_requests`), longer than the database waits for its lock.
_STORE_LIMIT_S = 12.0
_LOOK_S = 1.0


def connect_pushed(profile: Profile, clock: Clock) -> dict[str, PushedSource]:
    """Return the sources that push, by id.

    Raises:
        ProfileError: One of them has unusable params.
    """
    pushed = {}
    for source in profile.sources:
        if is_pushed(source) and not is_form(source):
            check_against(source, profile)
            pushed[source.id] = PushedSource(source=source, receiver=build_receiver(source, clock))
    return pushed


def connect_forms(profile: Profile, clock: Clock) -> dict[Kind, HandForm]:
    """Return the sources that operators fill in, by what they register.

    Raises:
        ProfileError: One of them has params, or two register the same.
    """
    forms: dict[Kind, HandForm] = {}
    for source in profile.sources:
        if not is_form(source):
            continue
        if source.records in forms:
            message = f"source {source.id!r}: there is a form for {source.records} already."
            raise ProfileError(message)
        forms[source.records] = HandForm(source=source, form=build_receiver(source, clock))
    return forms


class FormLife(Loop):
    """Keeps the forms' sources fresh for as long as this process can store what is filled in.

    Args:
        registration: The forms.
        rate: Of the product's clock: intervals shrink by it, as those of polled sources do.
        now_s: A monotonic clock of real seconds; a test passes its own.
    """

    def __init__(self, registration: Registration, rate: float, now_s: Callable[[], float] = monotonic_s) -> None:
        super().__init__("forms", _LOOK_S)
        self._registration = registration
        self._every_s = min(real_interval_s(hand.source, rate) for hand in registration.forms.values())
        self._now_s = now_s
        self._next_s = float("-inf")

    def step(self) -> None:
        """Show life where it is time; while the database does not take it the sources age, which is what it is for."""
        if self._now_s() < self._next_s:
            return
        with contextlib.suppress(StorageUnavailableError):
            self._registration.show_life()
            self._next_s = self._now_s() + self._every_s


def build_storeroom(
    database: Database, profile: Profile, geometry: Geometry, clock: Clock, *, gateway: Gateway, redis_url: str
) -> Storeroom:
    """Build what stores pages in this process, with a thread of its own.

    Args:
        database: Its own.
        profile: The region.
        geometry: Its borders.
        clock: The product's clock.
        gateway: Of this process: it looks at once, with or without a broker.
        redis_url: The broker, by which the other web processes are woken; empty: there is none.

    Returns:
        The storeroom; whoever asks it from a greenlet waits without holding up the others.
    """
    pool = ThreadPool(1)
    return Storeroom(
        database,
        Classifier(profile, AreaFinder(profile, geometry)),
        clock,
        in_time=lambda call: call_in_time(pool, call),
        after_commit=build_teller(gateway, redis_url),
    )


def build_teller(gateway: Gateway, redis_url: str) -> Callable[[], None]:
    """Return what has all web processes look at the log at once; see `build_storeroom`."""
    waker = Waker(redis_url) if redis_url else None

    def tell() -> None:
        gateway.kick()
        if waker is not None:
            gevent.spawn(waker.wake)

    return tell


def call_in_time(pool: ThreadPool, call: Callable[[], Any], limit_s: float = _STORE_LIMIT_S) -> Any:  # noqa: ANN401 - what the call returns
    """Call a function in a thread and wait for it with a limit.

    Args:
        pool: Where it is called; while it is busy, the next one waits for its turn within the same limit.
        call: The function.
        limit_s: Real seconds.

    Returns:
        What it returns.

    Raises:
        StorageUnavailableError: It took too long; it may still do what it was to do.
    """
    asked = gevent.spawn(pool.apply, _guarded(call))
    try:
        result, error = asked.get(timeout=limit_s)
    except gevent.Timeout as late:
        asked.kill(block=False)  # one that still waits for its turn must not begin when nobody waits for it any more
        message = "the database did not take it in time"
        raise StorageUnavailableError(message) from late
    if error is not None:
        raise error
    return result


def _guarded(call: Callable[[], Any]) -> Callable[[], tuple[Any, Exception | None]]:
    """Return the call with its error as a result: gevent would print what a thread raises."""

    def run() -> tuple[Any, Exception | None]:
        try:
            return call(), None
        except Exception as error:  # noqa: BLE001 - raised again where the result is waited for
            return None, error

    return run
