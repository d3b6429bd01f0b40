"""Crash points: every name stands in the code once, and nothing happens where none is armed."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from svodka.settings import UnusableSettingError, read_settings
from svodka.settings.crash import CRASH_EXIT_CODE, POLL_POINTS, WEB_POINTS, arm_crash, crash_here

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def exits(monkeypatch):
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    yield codes
    arm_crash("")


def test_every_name_stands_in_the_code_once():
    """A point without a place would never be died of; a place without a name could not be armed."""
    found = Counter(
        name
        for folder in ("svodka", "datasources")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'crash_here\("(\w+)"\)', path.read_text(encoding="utf-8"))
    )
    assert found == Counter((*POLL_POINTS, *WEB_POINTS))
    assert len(found) >= 20


def test_a_process_dies_where_it_is_armed_and_only_there(exits):
    crash_here("fetch_before")
    arm_crash("commit_after")
    crash_here("fetch_before")
    assert exits == []
    crash_here("commit_after")
    assert exits == [CRASH_EXIT_CODE]


def test_a_number_is_the_passing_at_which_it_dies(exits):
    arm_crash("commit_after:3")
    for _ in range(2):
        crash_here("commit_after")
    assert exits == []
    crash_here("commit_after")
    assert exits == [CRASH_EXIT_CODE]


@pytest.mark.parametrize("spec", ["nowhere", "commit_after:0", "commit_after:x", "commit_after:-1"])
def test_a_place_that_does_not_exist_is_refused(spec):
    with pytest.raises(UnusableSettingError, match="SVODKA_CRASH_AT"):
        read_settings({"SVODKA_CRASH_AT": spec})
