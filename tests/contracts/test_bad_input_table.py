"""docs/bad-input.md promises; every line of it must have its test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_line_of_the_table_of_bad_inputs_names_a_test_that_exists():
    lines = [line for line in (ROOT / "docs" / "bad-input.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    promised = [match[1] for line in lines if (match := re.search(r"`(test_\w+)` \|$", line))]
    headings = [line for line in lines if line == "| input | outcome | test |"]
    assert len(promised) == len(lines) - len(headings), "a line without a test"
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in promised if f"def {name}(" not in written] == []
    assert len(promised) >= 35


def test_every_attack_that_is_listed_is_tried_and_no_other():
    listed = set(re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "attacks.md").read_text("utf-8"), flags=re.MULTILINE))
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    marks = re.findall(r"^@pytest\.mark\.attack\(([\d, ]+)\)$", written, flags=re.MULTILINE)
    assert {number.strip() for mark in marks for number in mark.split(",")} == listed
    assert len(listed) >= 10


def test_every_parameter_of_a_connector_stands_in_its_description():
    from datasources._toolkit.limits import HttpLimits
    from datasources.cap.params import LevelRule
    from datasources.cap.params import Params as CapParams
    from datasources.http_json.params import Params as JsonParams
    from datasources.open311.params import Params as Open311Params
    from datasources.table.params import Params as TableParams
    from datasources.telegram.params import Chat
    from datasources.telegram.params import Params as TelegramParams
    from datasources.vk.params import Community
    from datasources.vk.params import Params as VkParams

    for kind in (
        HttpLimits,
        CapParams,
        LevelRule,
        JsonParams,
        Open311Params,
        TableParams,
        TelegramParams,
        Chat,
        VkParams,
        Community,
    ):
        assert [name for name in kind.__struct_fields__ if name not in kind.__doc__] == [], kind
    sources = (ROOT / "docs" / "sources.md").read_text("utf-8")
    assert [name for name in HttpLimits.__struct_fields__ if f"`{name}`" not in sources] == []
