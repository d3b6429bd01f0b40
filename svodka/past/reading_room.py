"""The web process's side of the time machine: asks its archivist, waits a little, and says how far it is.

The archivist is started with the first question and ended when nobody has asked for a while. Questions are answered
one after the other; one that nobody waits for any more is left out.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from svodka.domain.clock import monotonic_s
from svodka.domain.codec import decode_as
from svodka.past.asking import Asked, Refusal, Told, write_question

_ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "svodka.past.archivist")
WAIT_S = 8.0
MAX_WAITING, MAX_KEPT = 16, 48
_IDLE_S = 600.0
_FORGOTTEN_S = 6.0  # who still wants a moment waits for it, or has asked again by then
_KEPT_S = 30.0  # what was learnt meanwhile, or at that instant and committed later, is missing in what is kept
_HUNG_S = 180.0
_END_GRACE_S = 2.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a question: a snapshot, a refusal, or neither as yet.

    Attributes:
        snapshot: JSON.
        refusal: Why there is none.
        first_at: For BEFORE: since when there is something.
        progress: Which share of the work is done, 0 to 1, while it is under way.
    """

    snapshot: bytes | None = None
    refusal: Refusal | None = None
    first_at: datetime | None = None
    progress: float = 0.0


class _Job:
    def __init__(self, asked: Asked, now_s: float) -> None:
        self.asked = asked
        self.answer = Answer()
        self.asked_s = now_s
        self.heard_s: float | None = None
        self.told_s: float | None = None
        self.waiting_n = 0
        self.done = threading.Event()

    def is_silent_since(self, at_s: float) -> bool:
        """Return whether the archivist works at it and has said nothing of it since."""
        return self.heard_s is not None and self.heard_s < at_s and not self.done.is_set()


class ReadingRoom:
    """Asks an archivist; for any number of threads (greenlets).

    Args:
        command: Starts the archivist.
        idle_s: For how long it is kept while nobody asks.
        now_s: A monotonic clock of real seconds; a test passes its own.
    """

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        idle_s: float = _IDLE_S,
        now_s: Callable[[], float] = monotonic_s,
    ) -> None:
        self._command, self._idle_s, self._now_s = list(command), idle_s, now_s
        self._jobs: OrderedDict[Asked, _Job] = OrderedDict()  # the one asked for last stands last
        self._changed = threading.Condition()
        self._queue: list[Asked] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._log = structlog.get_logger().bind(part="past")

    def ask(self, asked: Asked, wait_s: float = WAIT_S) -> Answer:
        """Return what is known of a moment by now.

        Args:
            asked: The moment and the scene.
            wait_s: For how long an answer is waited for; one that comes later is kept for who asks again.
        """
        with self._changed:
            job = self._jobs.get(asked)
            if job is None or self._is_old(job):
                if len(self._queue) >= MAX_WAITING or self._is_closed:
                    return Answer(refusal=Refusal.BUSY)
                job = self._jobs[asked] = _Job(asked, self._now_s())
                self._queue.append(asked)
                self._prune()
                self._begin()
                self._changed.notify()
            self._jobs.move_to_end(asked)
            job.asked_s = self._now_s()
            if job.is_silent_since(job.asked_s - _HUNG_S):
                self._end_process()  # its database hangs, perhaps: then nothing would ever be answered again
            job.waiting_n += 1
        job.done.wait(wait_s)
        with self._changed:
            job.waiting_n -= 1
            job.asked_s = self._now_s()
        return job.answer

    def close(self) -> None:
        """End the archivist."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
            self._end_process()

    def _is_old(self, job: _Job) -> bool:
        return job.told_s is not None and self._now_s() - job.told_s > _KEPT_S

    def _prune(self) -> None:
        done = [key for key, job in self._jobs.items() if job.done.is_set()]
        for key in done[: max(0, len(self._jobs) - MAX_KEPT)]:
            del self._jobs[key]

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="past", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (job := self._take()) is not None:
            self._answer(job)

    def _take(self) -> _Job | None:
        """Return the next question that somebody waits for; None: nobody has asked for long."""
        with self._changed:
            while not self._is_closed:
                while self._queue:
                    key = self._queue.pop(0)
                    job = self._jobs.get(key)
                    if job is not None and (job.waiting_n or self._now_s() - job.asked_s <= _FORGOTTEN_S):
                        return job
                    self._jobs.pop(key, None)
                if not self._changed.wait(self._idle_s) and not self._queue:
                    break
            self._end_process()
            self._thread = None
            return None

    def _answer(self, job: _Job) -> None:
        try:
            job.answer = self._ask_archivist(job)
        except (OSError, ValueError, msgspec.MsgspecError):  # it ended, or said what it never says
            self._log.warning("archivist_ended", exc_info=True)
            with self._changed:
                self._end_process()
            job.answer = Answer(refusal=Refusal.FAILED)
        job.told_s = self._now_s()
        job.done.set()
        if job.answer.snapshot is None:  # a refusal is for who asked; the next one asks anew
            with self._changed:
                self._jobs.pop(job.asked, None)

    def _ask_archivist(self, job: _Job) -> Answer:
        process = self._start()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
        job.heard_s = self._now_s()
        process.stdin.write(write_question(job.asked) + b"\n")
        process.stdin.flush()
        while line := process.stdout.readline():
            told = decode_as(line, Told)
            job.heard_s = self._now_s()
            if told.progress is not None:
                job.answer = Answer(progress=told.progress)
            elif told.size is not None:
                return Answer(snapshot=_read(process.stdout.read, told.size), progress=1.0)
            else:
                return Answer(refusal=told.refusal or Refusal.FAILED, first_at=told.first_at)
        message = "its output ended"
        raise OSError(message)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._changed:
            if self._is_closed:
                message = "the reading room is closed"
                raise OSError(message)
            if self._process is None or self._process.poll() is not None:
                self._end_process()
                self._process = subprocess.Popen(  # noqa: S603 - our own module
                    self._command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            return self._process

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not written yet has no reader any more
                    pipe.close()


def _read(read: Callable[[int], bytes], size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0:
        part = read(size)
        if not part:
            message = "its output ended within an answer"
            raise OSError(message)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
