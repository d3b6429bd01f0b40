"""The files that Python and JavaScript tests share say the same as the types and functions of Python."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from svodka.domain import codec
from svodka.domain.freshness import Limits, SourceAge, State, decide_panel_state, decide_source_state
from svodka.readmodels import values
from svodka.readmodels.registry import READ_MODELS
from tests import reducer
from tests.golden import examples

FOLDER = Path(examples.__file__).parent
FRESHNESS = codec.decode((FOLDER / "freshness.json").read_bytes())


@pytest.mark.parametrize("case", FRESHNESS["source_cases"], ids=lambda case: case["name"])
def test_a_source_is_as_old_as_the_vectors_say(case):
    """The state of one source by its age."""
    assert decide_source_state(case["age_s"], Limits(**case["limits"])) is State(case["expected"])


@pytest.mark.parametrize("case", FRESHNESS["panel_cases"], ids=lambda case: case["name"])
def test_a_panel_is_as_fresh_as_the_vectors_say(case):
    """The state of a panel by the ages and covers of its sources."""
    sources = [msgspec.convert(source, SourceAge) for source in case["sources"]]
    assert decide_panel_state(sources, partial_min_cover=case["partial_min_cover"]) is State(case["expected"])


def test_the_vectors_meet_every_state_of_sources_and_panels():
    """A state that no vector reaches would be held by nothing."""
    assert {case["expected"] for case in FRESHNESS["source_cases"]} == set(State) - {State.PARTIAL}
    assert {case["expected"] for case in FRESHNESS["panel_cases"]} == set(State)


@pytest.mark.parametrize("name", ["snapshot.json", "frames.json"])
def test_a_golden_file_is_what_the_types_write(name):
    """Whoever changes a type writes the files anew: python -m tests.golden.examples."""
    assert (FOLDER / name).read_bytes() == examples.documents()[name]


def test_the_frames_lead_from_the_snapshot_to_the_expected_page():
    """Read back from the files alone, every step has its outcome and the last page is the expected one."""
    page = reducer.start(reducer.read_snapshot(codec.decode((FOLDER / "snapshot.json").read_bytes())))
    told = codec.decode((FOLDER / "frames.json").read_bytes())
    outcomes = [reducer.reduce(page, reducer.read_frame(step["frame"])) for step in told["steps"]]
    assert outcomes == [step["outcome"] for step in told["steps"]]
    assert set(outcomes) == {"applied", "dropped", "gap"}
    assert codec.decode(codec.encode(page)) == told["expected"]


def test_the_snapshot_has_a_value_of_every_read_model_in_its_own_shape():
    """Each stem's example can be read as the structure that its read model returns."""
    told = codec.decode((FOLDER / "snapshot.json").read_bytes())["values"]
    assert set(told) == {model.stem for model in READ_MODELS}
    for model in READ_MODELS:
        shape = get_type_hints(model.compute)["return"]
        assert issubclass(shape, values._Value)
        assert msgspec.convert(told[model.stem], shape) == examples.all_values()[model.stem]


def test_no_shape_of_a_value_can_hold_a_text_of_a_citizen():
    """Values are numbers, slugs and instants; the free text of the whole protocol is the kind of an error."""
    texts = {
        f"{name}.{field}"
        for name, shape in vars(values).items()
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct)
        for field, kind in get_type_hints(shape).items()
        if str in {kind, *get_args(kind)}
    }
    assert texts == {
        "KpiValue.kpi",
        "TermBasis.norms",
        "ChannelCount.channel",
        "AreaValue.area",
        "AreaNumber.area",
        "ShadedBy.kpi",
        "SectorCount.sector",
        "LevelCount.level",
        "SourceView.source",
        "SourceView.error_kind",
        "RatingRow.area",
        "RatingValue.kpi",
        "TopicCount.topic",
        "SourceTableRow.source",
        "AreaFactsValue.area",
    }
