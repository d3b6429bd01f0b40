"""The run's time: a clock file for the product, that can be made to jump, and the same time without jumps."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from svodka.domain.clock import monotonic_s

_WRITE_EVERY_S = 0.1
_UNSURE_S = 1.0  # real seconds until every process has read the file again


class Jump(msgspec.Struct, frozen=True):
    """What the product's clock went through: it was `by` off from `began_at` to `ended_at`, both by the true time."""

    began_at: datetime
    ended_at: datetime
    by: timedelta


class RunClock:
    """Writes the product's clock into a file, many times as fast as the machine's, until it reaches the end.

    Args:
        file: What `SVODKA_CLOCK` names.
        starts_at: What it shows first.
        ends_at: Where it stands still.
        rate: Seconds per real second.
    """

    def __init__(self, file: Path, *, starts_at: datetime, ends_at: datetime, rate: float) -> None:
        self._file, self._starts_at, self.ends_at, self.rate = file, starts_at, ends_at, rate
        self._jump = timedelta(0)
        self._shown = starts_at
        self._lock = threading.Lock()
        self._jumped_at: datetime | None = None
        self.jumps: list[Jump] = []
        self._began_s: float | None = None
        self._stopped = threading.Event()
        self._write()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def spec(self) -> str:
        """The value of `SVODKA_CLOCK`."""
        return f"file:{self._file}"

    def go(self) -> None:
        """Let the day begin: until then it stands at its first moment."""
        self._began_s = monotonic_s()

    def finish(self) -> None:
        """Let the day be over at once."""
        whole_s = (self.ends_at - self._starts_at).total_seconds() / self.rate
        self._began_s = monotonic_s() - whole_s
        self._write()

    def true_now(self) -> datetime:
        """Return the time without jumps: the feedback systems' own.

        It is the one that was last written: on a machine that stalls the two would otherwise drift minutes apart, and
        the product refuse as of the future what the systems tell.
        """
        return self._shown

    def _passed(self) -> datetime:
        if self._began_s is None:
            return self._starts_at
        passed = timedelta(seconds=(monotonic_s() - self._began_s) * self.rate)
        return min(self._starts_at + passed, self.ends_at)

    def jump(self, by: timedelta) -> None:
        """Show a time that is so much off from now on; zero: the true one."""
        now, unsure = self.true_now(), timedelta(seconds=_UNSURE_S * self.rate)
        if self._jumped_at is not None:
            self.jumps.append(Jump(self._jumped_at - unsure, now + unsure, self._jump))
        self._jumped_at = now if by else None
        self._jump = by
        self._write()

    def close(self) -> None:
        """Write no more."""
        self._stopped.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.wait(_WRITE_EVERY_S):
            self._write()

    def _write(self) -> None:
        with self._lock:
            at = self._passed()
            fresh = self._file.with_suffix(".new")
            fresh.write_text((at + self._jump).isoformat(), encoding="ascii")
            fresh.replace(self._file)
            self._shown = at
