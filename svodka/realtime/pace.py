"""How often frames go out: the first change at once, then not closer than a screen can show, slower under load."""

from __future__ import annotations

FASTEST_S = 0.033
LOADED_S = 0.1
_COSTLY_S = 0.025
_BUSY_FRAMES = 8
_CALM_S = 1.0


class Pace:
    """Decides how long the next frame waits. All instants are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._last_at = float("-inf")
        self._streak = 0
        self._cost_s = 0.0

    @property
    def is_loaded(self) -> bool:
        """Whether frames follow one another without a break, or cost more than they may at full speed."""
        return self._streak >= _BUSY_FRAMES or self._cost_s > _COSTLY_S

    def delay_s(self, now_s: float) -> float:
        """Return how long a frame that is wanted now must wait, 0 when it may go at once."""
        spacing = LOADED_S if self.is_loaded else FASTEST_S
        return max(0.0, self._last_at + spacing - now_s)

    def note_frame(self, began_s: float, ended_s: float) -> None:
        """Remember that a frame was made in that time."""
        self._streak = self._streak + 1 if began_s - self._last_at < 2 * LOADED_S else 0
        self._cost_s = ended_s - began_s if began_s - self._last_at < _CALM_S else 0.0
        self._last_at = began_s
