"""One house has many spellings, and another house none of them."""

from __future__ import annotations

import time

import pytest

from svodka.geography.houses import read_house

OWN = frozenset({"кемерово", "кемеровский городской округ"})


@pytest.mark.parametrize(
    "address",
    [
        "г. Кемерово, ул. Ленина, д. 5, кв. 12",
        "Ленина 5",
        "Кемерово Ленина 5",
        "650000, Россия, Кемеровская область - Кузбасс, г Кемерово, ул Ленина, дом 5, подъезд 2",
        "г.Кемерово,ул.Ленина,5",
        "УЛИЦА ЛЕНИНА, 5-12",
        "ул. Ленина, 5, 12",
        "ул. Ленина, д. 5 (двор)",
        "Ленина, дом 5 кв12",
    ],
)
def test_one_house_in_many_spellings(address):
    """City, kind of street, flat and entrance say nothing about which house it is."""
    assert read_house(address, OWN) == "ленина 5"


@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("пр. Ленина, 5", "пр ленина 5"),
        ("Ленина пр-кт, д.5", "пр ленина 5"),
        ("ул. Ленина, 5 А", "ленина 5а"),
        ("ул. Ленина, д.5«а»", "ленина 5а"),
        ("ул. Ленина, 5 корп. 2", "ленина 5к2"),
        ("ул. Ленина, 5к2", "ленина 5к2"),
        ("ул. Ленина, 5/1", "ленина 5/1"),
        ("ул. 9 Января, д. 12", "9 января 12"),
        ("ул. 50 лет Октября, 3", "50 лет октября 3"),
        ("мкр. 5, д. 10", "мкр 5 10"),
        ("б-р Строителей, 28", "б строителей 28"),
        ("с. Красное, ул. Центральная, 5", "с красное центральная 5"),
        ("д. Новая, ул. Центральная, 5", "д новая центральная 5"),
    ],
)
def test_what_makes_another_house(address, house):
    """The kind of a street that is none, letters, blocks, and the settlement."""
    assert read_house(address, OWN) == house


@pytest.mark.parametrize(
    "address",
    [
        "",
        "5",
        "д. 5",
        "Кемерово",
        "ул. Центральная",
        "ул. 50 лет Октября",
        "около дома 5 по улице Ленина",
        "Ленина от 5 до 9",
    ],
)
def test_what_names_no_house(address):
    """Without a street or a number, and with words that mean more than one house, there is none."""
    assert read_house(address, OWN) is None


def test_an_endless_address_takes_no_time():
    """Only the beginning counts, and nothing is read twice."""
    begun_s = time.perf_counter()
    for hostile in ("д. " * 400_000, "5/" * 500_000, "кв" * 500_000, "а-р" * 300_000):
        read_house(hostile, OWN)
    assert time.perf_counter() - begun_s < 1
