"""Child processes under supervision: started, started again with a growing pause, ended without a remainder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import structlog

from commands.pulse import Pulse
from svodka.domain.clock import monotonic_s
from svodka.realtime.parent_death import dying_with_parent
from svodka.settings import ALIVE_FD

ROOT = Path(__file__).resolve().parents[1]
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_GOOD_LIFE_S = 60.0
_END_LIMIT_S = 6.0
_log = structlog.get_logger(part="supervisor")


def restart_pause_s(failures_n: int) -> float:
    """Return how long to wait before a child is started again after it has died that many times in a row."""
    return min(_FIRST_PAUSE_S * 2.0 ** (failures_n - 1), _LONGEST_PAUSE_S)


class Failures:
    """When something that dies may be started again."""

    def __init__(self) -> None:
        self._in_a_row_n = 0
        self.not_before_s = 0.0

    def note(self, now_s: float, started_s: float | None = None) -> float:
        """Remember a failure now, of a life begun then (None: it never began); return the pause in seconds."""
        was_good = started_s is not None and now_s - started_s > _GOOD_LIFE_S
        self._in_a_row_n = 1 if was_good else self._in_a_row_n + 1
        pause_s = restart_pause_s(self._in_a_row_n)
        self.not_before_s = now_s + pause_s
        return pause_s


class Child:
    """One word of app.py as a child process.

    Args:
        word: The word.
        arguments: What follows it.
        environment: Of the child.
        may_start: Asked before the first start; the child waits until it says yes.
        watched: It shows that it lives (`commands.pulse`), and is killed and started again when it no longer does.
    """

    def __init__(
        self,
        word: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        may_start: Callable[[], bool] = lambda: True,
        *,
        watched: bool = False,
    ) -> None:
        self.word = word
        self._command = [sys.executable, str(ROOT / "app.py"), word, *arguments]
        self._environment = dict(environment)
        self._may_start = may_start
        self._process: subprocess.Popen[bytes] | None = None
        self._watched = watched
        self._pulse: Pulse | None = None
        self._failures = Failures()
        self._started_s = 0.0

    def tend(self) -> None:
        """Start the child when it is time, and notice when it has died or hangs."""
        now_s = monotonic_s()
        if self._process is None:
            if now_s >= self._failures.not_before_s and self._may_start():
                self._start(now_s)
            return
        code = self._process.poll()
        if code is None:
            self._watch(self._process, now_s)
            return
        self._forget()
        _log.warning(
            "child_died", child=self.word, exit_code=code, again_in_s=self._failures.note(now_s, self._started_s)
        )

    def terminate(self) -> None:
        """Ask the child to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, limit_s: float) -> None:
        """Wait for its end, then end what remains of it by force."""
        if self._process is None:
            return
        try:
            self._process.wait(max(limit_s, 0.0))
        except subprocess.TimeoutExpired:
            _log.warning("child_killed", child=self.word)
            self._process.kill()
            self._process.wait()
        self._forget()

    def _watch(self, process: subprocess.Popen[bytes], now_s: float) -> None:
        """Kill a child that hangs; the next look finds it dead and starts it again."""
        if self._pulse is None:
            return
        silent_s = self._pulse.silent_s(now_s)
        if silent_s > self._pulse.limit_s:
            _log.error("child_hung", child=self.word, pid=process.pid, silent_s=round(silent_s, 1))
            process.kill()
            self._end_pulse()

    def _forget(self) -> None:
        self._end_group()
        self._process = None
        self._end_pulse()

    def _end_pulse(self) -> None:
        if self._pulse is not None:
            self._pulse.close()
        self._pulse = None

    def _start(self, now_s: float) -> None:
        self._started_s = now_s
        pulse = Pulse(now_s) if self._watched else None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own app.py
                self._command,
                cwd=ROOT,
                env=self._environment | ({} if pulse is None else {ALIVE_FD: str(pulse.write_fd)}),
                pass_fds=() if pulse is None else (pulse.write_fd,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # what a word says there is for whoever starts it alone
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which ends its children in order
                preexec_fn=dying_with_parent(),  # noqa: PLW1509 - this process has one thread
            )
        except OSError:  # no process or memory to be had now: no reason to end the others
            _log.warning("child_not_started", child=self.word, exc_info=True)
            self._failures.note(now_s)
            if pulse is not None:
                pulse.was_passed_on()
                pulse.close()
            return
        if pulse is not None:
            pulse.was_passed_on()
        self._pulse = pulse
        _log.info("child_started", child=self.word, pid=self._process.pid)

    def _end_group(self) -> None:
        """End what the child has started and left behind (a browser that was rendering)."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def end_all(children: Iterable[Child]) -> None:
    """End all children at once, by force those that take too long."""
    ending = list(children)
    for child in ending:
        child.terminate()
    deadline_s = monotonic_s() + _END_LIMIT_S
    for child in ending:
        child.wait(deadline_s - monotonic_s())


def stop_requested() -> threading.Event:
    """Return an event that SIGTERM, SIGINT and SIGHUP set; from now on they do nothing else."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
