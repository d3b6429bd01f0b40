"""A region is data: no name of one stands in code."""

from __future__ import annotations

from pathlib import Path

from svodka.profiles.reader import load_profile
from svodka.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    "app.py",
    "assets/js",
    "assets/css",
    "callbacks",
    "commands",
    "datasources",
    "layouts",
    "locales",
    "simulator",
    "svodka",
)
# The one name of a profile in code is the default of a setting.
ALLOWED = {Path("svodka/settings/__init__.py")}


def test_no_name_of_a_profile_its_region_or_its_areas_stands_in_code():
    """Looked for as words, in every source, script, style and word file of the product."""
    profile = load_profile(read_settings({}).profile)
    names = {profile.id, profile.name, *(area.name for area in profile.areas), *(area.centre for area in profile.areas)}
    names = {name.lower() for name in names if len(name) > 4}
    files = [
        path
        for root in CODE
        for path in ([ROOT / root] if (ROOT / root).is_file() else (ROOT / root).rglob("*"))
        if path.suffix in {".py", ".mjs", ".js", ".css", ".json"} and "vendor" not in path.parts
    ]
    assert len(files) > 150
    found = {
        str(path.relative_to(ROOT)): sorted(named)
        for path in files
        if path.relative_to(ROOT) not in ALLOWED
        and (named := {name for name in names if name in path.read_text(encoding="utf-8").lower()})
    }
    assert found == {}
