"""Nothing on the wall goes undocumented."""

from __future__ import annotations

from pathlib import Path

import pytest

from svodka.profiles.reader import load_profile
from svodka.readmodels.registry import READ_MODELS
from tests import oracle
from tests.golden.examples import AT

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("stem", [model.stem for model in READ_MODELS])
def test_each_read_model_has_a_module_and_a_page_of_its_name(stem):
    """A feature is bound by its stem."""
    assert (DOCS.parent / "svodka" / "readmodels" / f"{stem}.py").is_file()
    assert (DOCS / "panels" / f"{stem}.md").read_text(encoding="utf-8").startswith(f"# {stem}: ")
    assert f"`{stem}`" in (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_each_number_is_defined_in_the_page_of_definitions():
    """Every `data-kpi` of the oracle stands in docs/kpi.md, by its name before the colon."""
    told = (DOCS / "kpi.md").read_text(encoding="utf-8")
    numbers = oracle.compute({"appeals": [], "incidents": []}, load_profile("kuzbass"), AT)
    names = {name.partition(":")[0] for name in numbers}
    assert {name for name in names if f"`{name}`" not in told and f"`{name}:" not in told} == set()
