"""The sources files that the pages show can be used as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from datasources.registry import build_connector, build_receiver, check_against, is_pushed
from svodka.profiles.reader import load_profile

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "docs/sources.md",
    "datasources/open311/README.md",
    "datasources/cap/README.md",
    "datasources/table/README.md",
    "datasources/telegram/README.md",
    "datasources/vk/README.md",
    "datasources/webhook/README.md",
    "datasources/operator/README.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_the_example_of_a_page_is_a_sources_file(page, tmp_path, clock):
    """An administrator copies it; only its address is invented."""
    blocks = re.findall(
        r"^```toml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    assert blocks
    for number, block in enumerate(blocks):
        provenance = "" if "[provenance]" in block else '[provenance]\nsource = "x"\ndate = "2026-01-01"\n'
        path = tmp_path / f"{number}.toml"
        path.write_text(provenance + block, encoding="utf-8")
        profile = load_profile("kuzbass", str(path))
        for source in profile.sources:
            if is_pushed(source):
                build_receiver(source, clock)
            else:
                build_connector(source, clock).close()
            check_against(source, profile)
