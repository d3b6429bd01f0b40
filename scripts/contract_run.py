"""Runs tests of tests/contracts in this process and says of each what it was about and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[1]


class Ended(msgspec.Struct, frozen=True):
    """One test that was run.

    Attributes:
        name: Of its function.
        variant: What its parameters were, "" without any.
        connector: Which connector it was about, "" for none or all.
        module: Of the test, without `test_`.
        attacks: Numbers of docs/attacks.md.
        outcome: `passed`, `failed` or `skipped`.
    """

    name: str
    variant: str
    connector: str
    module: str
    attacks: tuple[int, ...]
    outcome: str


class _Notes:
    """A plugin that notes how each test ends."""

    def __init__(self, *, only_attacks: bool) -> None:
        self.ended: list[Ended] = []
        self._only_attacks = only_attacks
        self._about: dict[str, pytest.Item] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what was not asked for."""
        items[:] = [item for item in items if _attacks(item) or not self._only_attacks]
        if not self._only_attacks:
            items[:] = [item for item in items if _connector(item)]
        self._about = {item.nodeid: item for item in items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note an end: of the test itself, or of a set-up without which there was none."""
        if report.when != "call" and report.outcome == "passed":
            return
        item = self._about[report.nodeid]
        name, _, variant = item.name.partition("[")
        module = item.path.stem.removeprefix("test_").replace("_", " ")
        self.ended.append(
            Ended(name, variant.removesuffix("]"), _connector(item), module, _attacks(item), report.outcome)
        )


def run_contracts(paths: Sequence[str], *, only_attacks: bool) -> list[Ended]:
    """Run tests.

    Args:
        paths: Files or folders, from the project's folder.
        only_attacks: Only what carries the number of an attack; otherwise only what is about one connector.

    Returns:
        Each test that was run or skipped, in order.
    """
    notes = _Notes(only_attacks=only_attacks)
    pytest.main(["-q", "--no-header", "--no-summary", "--rootdir", str(ROOT), *paths], plugins=[notes])
    return notes.ended


def _connector(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    about = [] if callspec is None else [value for value in callspec.params.values() if hasattr(value, "source")]
    return about[0].source.connector if about else ""


def _attacks(item: pytest.Item) -> tuple[int, ...]:
    return tuple(number for mark in item.iter_markers("attack") for number in mark.args)


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in columns."""
    lines = [head, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
