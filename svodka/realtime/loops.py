"""A loop in its own thread that is woken, paced and stopped; under gevent the thread is a greenlet."""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod

import structlog

from svodka.domain.clock import monotonic_s

_FAILED_PAUSE_S = 0.5
_SWITCH_S = 0.0005


def switch_promptly() -> None:
    """Let threads of this process change places sooner than Python's 5 ms.

    A thread that computes for some milliseconds would otherwise hold up the one that sends, or reads the log, by as
    much at every step.
    """
    sys.setswitchinterval(_SWITCH_S)


class Loop(ABC):
    """Calls `step` again and again until `stop`.

    Args:
        name: Of the thread, in logs and metrics.
        pause_s: Longest pause between two steps when nobody kicks.

    Attributes:
        steps_n: Steps begun.
        failures_n: Steps that failed.
    """

    def __init__(self, name: str, pause_s: float) -> None:
        self.name = name
        self.steps_n = self.failures_n = 0
        self._pause_s = pause_s
        self._moved_s = monotonic_s()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._log = structlog.get_logger().bind(loop=name)
        self._failing = False

    def start(self) -> None:
        """Begin."""
        self._moved_s = monotonic_s()
        self._thread.start()

    def kick(self) -> None:
        """Have the next step taken at once; cheap, from any thread."""
        self._woken.set()

    def stop(self, timeout_s: float = 3.0) -> None:
        """End after the step that is under way."""
        self._stopped.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self.close()

    def close(self) -> None:  # noqa: B027 - most loops have nothing to give back
        """Give back what the loop holds; called once, after the last step."""

    def pause_s(self) -> float:
        """Return how long to rest after a step when nobody kicks."""
        return self._pause_s

    def still_s(self) -> float:
        """Return for how many seconds no step, good or failed, has begun or ended; from any thread."""
        return monotonic_s() - self._moved_s

    def wait(self, seconds: float) -> bool:
        """Pause inside a step; return whether the loop has been stopped meanwhile."""
        return self._stopped.wait(seconds)

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` has been called."""
        return self._stopped.is_set()

    @abstractmethod
    def step(self) -> None:
        """Do one round of work."""

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            self._moved_s = monotonic_s()
            self.steps_n += 1
            try:
                self.step()
            except Exception:  # noqa: BLE001 - a loop that ends silently is the worst failure of all
                if not self._failing:
                    self._log.warning("loop_failing", exc_info=True)
                self._failing = True
                self.failures_n += 1
                self._moved_s = monotonic_s()
                self._stopped.wait(max(self._pause_s, _FAILED_PAUSE_S))
                continue
            if self._failing:
                self._log.info("loop_recovered")
            self._failing = False
            self._moved_s = monotonic_s()
            if not self._stopped.is_set():
                self._woken.wait(self.pause_s())
