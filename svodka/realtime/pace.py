"""How often frames go out: the first change at once, then not closer than a screen can show, slower under load."""

from __future__ import annotations

FASTEST_S = 0.033
LOADED_S = 0.1
_COSTLY_S = 0.025
_BUSY_FRAMES = 20
_COST_WEIGHT = 0.1
_HELD_S = 0.01


class Pace:
    """Decides how long the next frame waits. All instants are seconds of one monotonic clock.

    Frames are due on a grid: one that comes a little late, because nothing had changed yet, does not push the next
    ones back, so changes that come as often as frames may go do not wait longer and longer.
    """

    def __init__(self) -> None:
        self._last_at = self._due_at = float("-inf")
        self._streak = 0
        self._cost_s = 0.0

    @property
    def is_loaded(self) -> bool:
        """Whether one frame after the other has been held back, or frames cost more than they may at full speed."""
        return self._streak >= _BUSY_FRAMES or self._cost_s > _COSTLY_S

    def delay_s(self, now_s: float) -> float:
        """Return how long a frame that is wanted now must wait, 0 when it may go at once."""
        return max(0.0, self._next_at() - now_s)

    def note_frame(self, began_s: float, ended_s: float) -> None:
        """Remember that a frame was made in that time."""
        next_at, late_s = self._next_at(), began_s - self._next_at()
        self._due_at = next_at if late_s < self._spacing_s() else began_s
        self._streak = self._streak + 1 if late_s < _HELD_S else 0
        # Smoothed: one slow frame, when the machine was busy with something else, is no load.
        self._cost_s += _COST_WEIGHT * (ended_s - began_s - self._cost_s)
        self._last_at = began_s

    def _next_at(self) -> float:
        return max(self._due_at + self._spacing_s(), self._last_at + FASTEST_S)

    def _spacing_s(self) -> float:
        return LOADED_S if self.is_loaded else FASTEST_S
