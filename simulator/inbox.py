"""Puts tables into a watched folder as people and programs do: at once, bit by bit, over one another, with surprises.

Every few seconds of the machine's time one table arrives, in this order for ever:

1. *whole*: written under a hidden name, then renamed;
2. *half written*: its first half, a pause, the rest;
3. *renamed over*: the newest whole file, replaced by its later state;
4. *rough*: as `/tables-rough/` (simulator/tables.py);
5. *cut off*: ends in the middle of a row; the next turn replaces it by the whole.

Only files that it wrote itself are taken away, the oldest first.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from simulator.tables import TablesDesk
from svodka.domain.clock import Clock
from svodka.domain.errors import StartError

_KEPT = 12
_NAME = "appeals-{stamp}-{number}{what}.csv"


class InboxWriter:
    """Writes into one folder until it is stopped.

    Args:
        folder: The folder; made where it is absent.
        tables: Writes tables.
        clock: What time it is in the simulated region.
        every_s: Real seconds between two tables.

    Raises:
        StartError: The folder cannot be made.
    """

    def __init__(self, folder: Path, tables: TablesDesk, clock: Clock, *, every_s: float) -> None:
        self._folder, self._tables, self._clock, self._every_s = folder, tables, clock, every_s
        self._mine: deque[Path] = deque()
        self._whole: Path | None = None
        self._number = 0
        self._turns: tuple[Callable[[], None], ...] = (
            self._put_whole,
            self._put_in_halves,
            self._rename_over,
            self._put_rough,
            self._put_cut_off,
            self._mend,
        )
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"--folder {folder} cannot be made: {error.strerror}."
            raise StartError(message) from error

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a table that is half written stays so."""
        self._ended.set()
        self._thread.join()

    def turn(self) -> None:
        """Put the next table."""
        self._turns[self._number % len(self._turns)]()
        self._number += 1
        while len(self._mine) > _KEPT:
            self._mine.popleft().unlink(missing_ok=True)

    def _work(self) -> None:
        while not self._ended.is_set():
            self.turn()
            self._ended.wait(self._every_s)

    def _put_whole(self) -> None:
        self._whole = self._place("")
        self._write_at_once(self._whole, self._table())

    def _put_in_halves(self) -> None:
        body, path = self._table(), self._place("-halves")
        path.write_bytes(body[: len(body) // 2])
        self._ended.wait(self._every_s / 2)
        with path.open("ab") as file:
            file.write(body[len(body) // 2 :])

    def _rename_over(self) -> None:
        if self._whole is not None:
            self._write_at_once(self._whole, self._table())

    def _put_rough(self) -> None:
        self._write_at_once(self._place("-rough"), self._table(is_rough=True))

    def _put_cut_off(self) -> None:
        body = self._table()
        self._write_at_once(self._place("-cut"), body[: len(body) - 9])

    def _mend(self) -> None:
        self._write_at_once(self._mine[-1], self._table())

    def _table(self, *, is_rough: bool = False) -> bytes:
        return self._tables.write("appeals", "csv", self._clock.now(), is_rough=is_rough)

    def _place(self, what: str) -> Path:
        stamp = f"{self._clock.now():%Y%m%d-%H%M%S}"
        path = self._folder / _NAME.format(stamp=stamp, number=self._number, what=what)
        self._mine.append(path)
        return path

    @staticmethod
    def _write_at_once(path: Path, body: bytes) -> None:
        hidden = path.with_name(f".{path.name}.part")
        hidden.write_bytes(body)
        hidden.replace(path)
