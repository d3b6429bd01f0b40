"""Nothing that can be set goes undocumented."""

from __future__ import annotations

import re
from pathlib import Path

from svodka.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_stands_in_the_settings_page():
    """The docstring names the variable of every field, and the page has a row for each variable."""
    fields = Settings.__struct_fields__
    described = dict(re.findall(r"^\s+(\w+): `(SVODKA_\w+)`", Settings.__doc__ or "", flags=re.MULTILINE))
    assert set(described) == set(fields)
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(SVODKA_\w+)`", page, flags=re.MULTILINE))
    assert rows == set(described.values())
