"""Every decision stands in the list of decisions."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "adr"


def test_the_list_of_decisions_names_every_file():
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = sorted(FOLDER.glob("0*.md"))
    assert files
    assert [path.name for path in files if f"({path.name})" not in listed] == []
