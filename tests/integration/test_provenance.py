"""Records of a simulation and of real systems never stand together on a wall that does not say «ДЕМО»."""

from __future__ import annotations

import msgspec
import pytest

from svodka.domain.errors import StartError
from svodka.storage.provenance import ensure_same_kind
from tests.ingest_factory import appeal_source

REAL = appeal_source("letters")
SIMULATED = msgspec.structs.replace(appeal_source("portal"), simulated=True)


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        (SIMULATED, REAL, r"holds what simulated sources told \(portal\)"),
        (SIMULATED, msgspec.structs.replace(SIMULATED, simulated=False), "simulated sources told"),
        (REAL, SIMULATED, r"holds what real sources told \(letters\)"),
    ],
)
def test_a_database_of_the_other_kind_is_refused_with_a_sentence(database, first, then, sentence):
    """A demonstration's database under real sources, the same id made real, a replay into real records."""
    ensure_same_kind(database, [first])
    with pytest.raises(StartError, match=sentence):
        ensure_same_kind(database, [then])
    ensure_same_kind(database, [first])


def test_the_same_kind_and_a_file_that_says_demo_go_on(database):
    """Other simulated sources may join, and real ones beside a simulated one: every screen says «ДЕМО»."""
    ensure_same_kind(database, [SIMULATED])
    ensure_same_kind(database, [msgspec.structs.replace(SIMULATED, id="another")])
    ensure_same_kind(database, [SIMULATED, REAL])
