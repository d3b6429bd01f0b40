"""`python -m scripts.new_source`: what it makes passes the contract suite as it is, in a copy of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.new_source import UnusableNameError, check_name

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("datasources", "docs", "locales", "profiles", "scripts", "simulator", "svodka", "tests", "pyproject.toml")
SUITE = ("tests/contracts/test_every_connector.py", "tests/contracts/test_hostile_answers.py")


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, timeout=150, check=False
    )


@pytest.fixture
def copy(tmp_path) -> Path:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def test_a_new_source_passes_the_suite_at_once_and_is_not_made_twice(copy):
    made = _run(copy, "scripts.new_source", "city_desk")
    assert made.returncode == 0, made.stderr
    assert "wrote datasources/city_desk/client.py" in made.stdout
    assert [line[:2] for line in made.stdout.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]
    ran = _run(
        copy,
        "pytest",
        *SUITE,
        "-k",
        "city-desk and not hangs and not bomb or test_every_connector_has or test_every_rule",
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert ran.stdout.count(".") > 15
    again = _run(copy, "scripts.new_source", "city_desk")
    assert again.returncode == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    "name",
    ["", "City", "two words", "a-b", "_toolkit", "../up", "class", "1st", "a__b", "x" * 31, "город", "table", "cap"],
)
def test_a_name_that_cannot_be_used_or_is_taken_is_refused(name):
    with pytest.raises(UnusableNameError, match=r"name is|is there already"):
        check_name(name, ROOT)
