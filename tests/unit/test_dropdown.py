"""What is mended of Dash's own list stands in the installed version as expected."""

from __future__ import annotations

from callbacks.dropdown import _SCRIPT, CHANGES, mended


def test_every_change_is_made_exactly_once():
    """Another version of Dash may read differently there: then this page has to be looked at again."""
    script = _SCRIPT.read_text(encoding="utf-8")
    assert [script.count(old) for old, _ in CHANGES] == [1, 1]
    assert [mended().count(new) for _, new in CHANGES] == [1, 1]
