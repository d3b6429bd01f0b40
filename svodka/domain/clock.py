"""The one clock of all processes.

Nothing in the project asks the operating system for the time of day; everything receives a `Clock`.
A replay or an accelerated demonstration hands the same clock specification to every process, so that
the simulator, the pollers and the web server live in the same time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from svodka.settings import UnusableSettingError


class Clock(Protocol):
    """Tells the time that the whole product lives in."""

    @property
    def rate(self) -> float:
        """Seconds of this clock per real second: 1 live, 60 accelerated, 0 standing still."""
        ...

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The real time of the machine."""

    rate = 1.0

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that asks the machine


class ScaledClock:
    """A clock that started at `origin` when the machine showed `real_origin` and runs `rate` times as fast."""

    def __init__(self, *, origin: datetime, real_origin: datetime, rate: float) -> None:
        self.origin = origin
        self.real_origin = real_origin
        self.rate = rate
        self._system = SystemClock()

    def now(self) -> datetime:
        """Return the scaled instant in UTC."""
        return self.origin + (self._system.now() - self.real_origin) * self.rate


class ManualClock:
    """A clock that moves only when a test moves it."""

    rate = 0.0

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant that was last set."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move to `at` (aware)."""
        self._at = at.astimezone(UTC)

    def advance(self, *, seconds: float) -> None:
        """Move forward by `seconds`."""
        self._at += timedelta(seconds=seconds)


class FileClock:
    """A standing clock that several processes read from one file (tests of whole processes).

    The file holds one ISO 8601 instant with an offset. Replace it by rename, never by writing in place.
    """

    rate = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the instant in the file, in UTC."""
        return datetime.fromisoformat(self._path.read_text(encoding="ascii").strip()).astimezone(UTC)


def clock_from_spec(spec: str) -> Clock:
    """Build the clock that `SVODKA_CLOCK` describes.

    Args:
        spec: `system`; `scaled:<ISO origin>|<ISO real origin>|<rate>`; or `file:<path>`.

    Returns:
        The clock.

    Raises:
        UnusableSettingError: The specification is none of the three.
    """
    kind, _, rest = spec.partition(":")
    try:
        if kind == "system":
            return SystemClock()
        if kind == "file" and rest:
            return FileClock(Path(rest))
        if kind == "scaled":
            origin, real_origin, rate = rest.split("|")
            return ScaledClock(
                origin=datetime.fromisoformat(origin),
                real_origin=datetime.fromisoformat(real_origin),
                rate=float(rate),
            )
    except ValueError as error:
        message = f"SVODKA_CLOCK={spec!r}: {error}."
        raise UnusableSettingError(message) from error
    message = f"SVODKA_CLOCK={spec!r} is none of system, scaled:… and file:…."
    raise UnusableSettingError(message)


def spec_of(clock: ScaledClock) -> str:
    """Return the `SVODKA_CLOCK` value that gives another process the same scaled clock."""
    return f"scaled:{clock.origin.isoformat()}|{clock.real_origin.isoformat()}|{clock.rate}"


def monotonic_s() -> float:
    """Return seconds of a clock that never goes back; only differences mean anything."""
    return time.monotonic()
