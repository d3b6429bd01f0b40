"""Differences of colours: the published pairs of CIEDE2000, contrast, and colour deficiencies."""

from __future__ import annotations

import pytest

from svodka.scenes.colour import DEFICIENCIES, ciede2000, contrast, difference

# Sharma, Wu, Dalal 2005, table 1: two colours in CIELAB and their difference.
PUBLISHED = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""


@pytest.mark.parametrize("line", PUBLISHED.strip().splitlines())
def test_ciede2000_gives_the_published_differences(line):
    """All 34 pairs, both ways round, to the four published digits."""
    l_1, a_1, b_1, l_2, a_2, b_2, expected = map(float, line.split())
    assert ciede2000((l_1, a_1, b_1), (l_2, a_2, b_2)) == pytest.approx(expected, abs=5e-5)
    assert ciede2000((l_2, a_2, b_2), (l_1, a_1, b_1)) == pytest.approx(expected, abs=5e-5)


def test_contrast_is_that_of_the_guidelines():
    """White on black is 21, the lightest grey that passes on white is 4.54."""
    assert contrast("#ffffff", "#000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_a_deficiency_keeps_greys_and_loses_what_it_is_named_for():
    """Red and green of one luminance are far apart, and nearly one for those who lack either cone."""
    red, green = "#c04000", "#6b7000"
    assert difference(red, green) > 35
    assert max(difference(red, green, each) for each in ("protanopia", "deuteranopia")) < 20
    assert all(difference("#777777", "#777777", each) == 0 for each in DEFICIENCIES)
    assert all(abs(difference("#000000", "#ffffff", each) - 100) < 0.5 for each in DEFICIENCIES)


def test_what_is_no_colour_is_refused():
    """A token of another form would be measured wrongly in silence."""
    with pytest.raises(ValueError, match="is not a colour"):
        contrast("rgb(1 2 3)", "#000000")
