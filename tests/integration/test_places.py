"""Real cities and names of four regions; read from ../shared/data, no part of the repository."""

from __future__ import annotations

import pytest

from bench import places


@pytest.mark.parametrize("told", places.KNOWN["region"], ids=lambda told: told["admin1"])
def test_every_city_of_four_regions_lies_in_its_own_municipality(told, tmp_path):
    """By point on the product's borders, by address, and by counting on the raw file, which shares no code with it."""
    if not places.DATA.exists():
        pytest.skip("recordings of ../shared/data are absent")
    region = places.load_region(places.DATA, told, tmp_path)
    cities = places.look_at_cities(region)
    assert all(city["point"] == city["address"] == city["raw"] == city["expected"] for city in cities)
    assert len(cities) == {"29": 20, "31": 5, "54": 6, "77": 23}[told["admin1"]]
    assert places.look_at_addresses(region)["wrong"] == []


def test_a_point_is_inside_where_its_ray_crosses_a_ring_an_odd_number_of_times():
    square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
    hole = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]
    for lat, lon, inside in ((3.0, 3.0, 1), (1.5, 1.5, 0), (5.0, 1.0, 0), (1.5, 0.5, 1)):
        assert sum(places._crossings(ring, lat, lon) for ring in (square, hole)) % 2 == inside
