"""What the benchmark of masks must not let pass, and that it finds what it planted."""

from __future__ import annotations

import random

import pytest

from bench.masking.__main__ import INVENTED, is_hidden, judge, measure_decoys, measure_recall, plant, recall_of
from bench.masking.people import KINDS

FINE = {
    "recall": {kind: {"all": 1.0} for kind in KINDS},
    "decoys_kept": 1.0,
    "slow_worst_s": 3.0,
    "slow_growth_of_4": 4.0,
}


def test_a_run_within_its_bounds_is_fine():
    assert judge(FINE) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_of_which_too_much_stays_is_told(kind):
    least = KINDS[kind][2]
    assert judge({**FINE, "recall": {**FINE["recall"], kind: {"all": least - 0.001}}}) != []


@pytest.mark.parametrize("figure", [{"decoys_kept": 0.9}, {"slow_worst_s": 60.0}, {"slow_growth_of_4": 16.0}])
def test_masks_that_take_too_much_or_too_long_are_told(figure):
    assert judge({**FINE, **figure}) != []


def test_what_stays_by_one_digit_is_not_hidden():
    """The judge of a single text: whole, nearly whole, and not at all."""
    text, spans = plant("Слова.", "тел. ⟦8 904 123-45-67⟧", random.Random(1))
    assert is_hidden(text, spans)
    assert not is_hidden(text, [(spans[0][0], spans[0][1] + 2), (0, 3)])
    assert not is_hidden("Слово Иванович осталось", [(6, 14)])


def test_planted_data_are_found_and_decoys_stay():
    """A small run, so that masks that got worse are seen with the unit tests."""
    found, misses = measure_recall(list(INVENTED), 300, random.Random(3))
    for kind, (_plain, _hostile, least) in KINDS.items():
        assert recall_of(found, kind)["all"] >= least - 0.03, (kind, misses)
    kept, lost = measure_decoys(list(INVENTED), 150, random.Random(3))
    assert kept >= 0.98, lost
