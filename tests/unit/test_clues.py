"""By what two appeals are recognised as the same, and by what not."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

from svodka.domain.reasons import JoinReason
from svodka.geography.scale import distance_km
from svodka.ingest.clues import NEAR_KM, compute_clues, fold_text

STATEMENT = "Третий день не горит ни один фонарь на всей улице, дети идут из школы в полной темноте."


def facts(**changes):
    base = {
        "source_id": "portal",
        "foreign_id": "a",
        "text": "",
        "area": None,
        "topic": "light",
        "lat": None,
        "lon": None,
    }
    return SimpleNamespace(**{**base, **changes})


def numbers(reason, *, house=None, is_other=False, told=None, **changes):
    clues = compute_clues(facts(**changes), house, is_other=is_other).clues
    return {clue.number for clue in clues if clue.reason is reason and told in {None, clue.is_told}}


def test_letters_alone_make_a_text_the_same():
    """Case, ё, punctuation, spaces and composed letters are how one channel differs from another."""
    other = "  ТРЕТИЙ день — не горит ни один фонарь, на всей улице!!! Дети идут\u00a0из школы «в полной темноте»"
    decomposed = STATEMENT.replace("й", "и\u0306")
    assert fold_text(STATEMENT) == fold_text(other) == fold_text(decomposed)
    one, two = (numbers(JoinReason.SAME_TEXT, text=text) for text in (STATEMENT, other))
    assert one == two
    assert len(one) == 1
    assert numbers(JoinReason.SAME_TEXT, text=STATEMENT + " Второй.") != one


def test_a_few_words_are_no_statement():
    """«Открытый люк» is written about any manhole."""
    assert numbers(JoinReason.SAME_TEXT, text="Открытый люк!" + "!" * 500) == set()


def test_half_a_surrogate_pair_is_folded_too():
    """What no database can hold must not stop a page here either."""
    assert fold_text("\ud800фонарь") == "фонарь"


def test_a_house_counts_with_its_topic_and_area():
    """The same house in another area, or another matter in that house, is something else."""
    base = numbers(JoinReason.SAME_HOUSE, house="ленина 5", area="north")
    assert len(base) == 1
    assert numbers(JoinReason.SAME_HOUSE, house="ленина 5", area="south") != base
    assert numbers(JoinReason.SAME_HOUSE, house="ленина 5", area="north", topic="roads") != base
    assert numbers(JoinReason.SAME_HOUSE, house="ленина 5", area=None) == set()


def test_other_matters_have_no_place():
    """Two matters that nobody could name are not one because of where they are."""
    named = {"house": "ленина 5", "area": "north", "lat": 55.0, "lon": 86.0, "is_other": True}
    assert numbers(JoinReason.SAME_HOUSE, **named) == numbers(JoinReason.SAME_SPOT, **named) == set()


def test_whoever_is_near_is_found_wherever_the_cells_begin():
    """From 41° to 62° N a point within the distance always looks into the cell of the other."""
    chance = Random(7)
    near_n = 0
    for _ in range(5000):
        lat, lon = chance.uniform(41, 62), chance.uniform(20, 180)
        other = lat + chance.uniform(-0.0006, 0.0006), lon + chance.uniform(-0.0012, 0.0012)
        if distance_km(lat, lon, *other) > NEAR_KM:
            continue
        near_n += 1
        told = numbers(JoinReason.SAME_SPOT, told=True, lat=lat, lon=lon)
        sought = numbers(JoinReason.SAME_SPOT, lat=other[0], lon=other[1])
        assert told <= sought
    assert near_n > 1000
