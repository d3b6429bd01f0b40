"""What `python -m scripts.attacks` claims of an attack."""

from __future__ import annotations

import pytest

from scripts.attacks import judge
from scripts.contract_run import Ended


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), "NOT TRIED"),
        (("skipped", "skipped"), "NOT TRIED"),
        (("passed", "skipped"), "refused"),
        (("passed", "failed", "skipped"), "GOT THROUGH"),
    ],
)
def test_an_attack_held_only_where_it_was_tried(outcomes, expected):
    """A tool that this machine lacks leaves tests out: that is no proof."""
    tried = [
        Ended(name="test_x", variant="", connector="", module="x", attacks=(61,), outcome=each) for each in outcomes
    ]
    assert judge(tried, "refused") == expected
