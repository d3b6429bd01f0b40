"""What the end-to-end tests know of the demonstration: its profile, its own records, a sources file that polls fast."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.history import DEFAULT_SEED, History
from simulator.region import Region
from simulator.simulation import load_simulation
from simulator.truth import truth_appeals, truth_incidents
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.settings import read_settings
from tests.e2e.product import ROOT
from tests.e2e.screen import Screen
from tests.oracle import compute
from tests.shown import is_on_wall

PROFILE = read_settings({}).profile
POLL_INTERVAL_S = 1.0
SHOWN_LIMIT_S = 40.0


def write_fast_sources(folder: Path) -> Path:
    """Write the demonstration's sources with a short interval and return the file: a standing clock waits for polls."""
    text = (ROOT / "profiles" / PROFILE / "sources.toml").read_text(encoding="utf-8")
    fast, changed_n = re.subn(r"(?m)^interval_s\s*=.*$", f"interval_s = {POLL_INTERVAL_S}", text)
    assert changed_n
    path = folder / "sources.toml"
    path.write_text(fast, encoding="utf-8")
    return path


def load_demonstration(sources_path: Path) -> Profile:
    """Return the profile with the sources that the product polls."""
    return load_profile(PROFILE, str(sources_path))


def at_local(profile: Profile, day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return an instant of the region's day."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=profile.zone)


class Truth:
    """The simulator's own records, and the numbers that follow from them by the independent computation."""

    def __init__(self, profile: Profile, *, first_poll_at: datetime) -> None:
        """Generate nothing yet.

        Args:
            profile: The region with its sources.
            first_poll_at: When the product polled first: each source was read its own `backfill_h` back from there.
        """
        self._profile = profile
        self._since = {
            source.channel: first_poll_at - timedelta(hours=source.backfill_h)
            for source in profile.sources
            if source.records == "appeals"
        }
        self._history = History(Region(profile, load_simulation(profile), DEFAULT_SEED))

    def appeals(self, at: datetime) -> list[dict[str, Any]]:
        """Return every appeal that the product can know at `at`."""
        told = truth_appeals(self._history, at, since=min(self._since.values()))
        return [row for row in told if row["updated_at"] >= self._since[row["channel"]]]

    def incidents(self, at: datetime) -> list[dict[str, Any]]:
        """Return the incidents that are open at `at`."""
        return truth_incidents(self._history, at)

    def numbers(self, at: datetime) -> dict[str, float | None]:
        """Return every number by its `data-kpi`."""
        told = {"appeals": self.appeals(at), "incidents": self.incidents(at), "history_from": max(self._since.values())}
        return compute(told, self._profile, at)

    def wait_shown(self, screen: Screen, at: datetime) -> int:
        """Wait until every number on the page is the one of `at`; return how many were compared."""
        expected = self.numbers(at)
        try:
            screen.wait_until(
                lambda: not find_differences(screen.view().values, expected), SHOWN_LIMIT_S, "the right numbers"
            )
        except AssertionError as error:
            wrong = find_differences(screen.view().values, expected)
            message = f"at {at.isoformat()} (shown, expected): {wrong}"
            raise AssertionError(message) from error
        assert not screen.view().conflicts
        return len(screen.view().values)


def find_differences(
    shown: dict[str, float | None], expected: dict[str, float | None]
) -> dict[str, tuple[float | str | None, float | str | None]]:
    """Return what differs by `data-kpi`: counts exactly, shares and means to nine digits; and what is missing.

    Missing is what docs/kpi.md defines and the wall does not show. What only the independent computation tells
    (how many a number rests on, hours to come) may be absent.
    """
    wrong: dict[str, tuple[float | str | None, float | str | None]] = {}
    for name, value in shown.items():
        if name not in expected:
            wrong[name] = (value, "unknown")
        elif not _is_same(value, expected[name]):
            wrong[name] = (value, expected[name])
    for name, number in expected.items():
        if name not in shown and number is not None and is_on_wall(name):
            wrong[name] = ("missing", number)
    return wrong


def _is_same(shown: float | None, expected: float | None) -> bool:
    if shown is None or expected is None:
        return shown is expected
    return abs(shown - expected) <= 1e-9 * max(1.0, abs(expected))
