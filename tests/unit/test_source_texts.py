"""Citizens' texts as sources write them: HTML, entities, pictures, invisible characters."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources._toolkit.text import MAX_TEXT_CHARS, plain_text
from svodka.domain.clock import monotonic_s

KURSK = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "appeals-ru" / "kursk_appeals_train.csv"


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("Нет тепла", "Нет тепла"),
        ("<p>Нет&nbsp;тепла<br>в <b>доме</b></p>", "Нет тепла в доме"),
        ("a &lt;b&gt;c&lt;/b&gt; &amp; &#1071; &#x42F;", "a c & Я Я"),
        ("Нет&amp;nbsp;тепла&amp;amp;amp;nbsp;в &amp;lt;b&amp;gt;доме", "Нет тепла в доме"),
        ("t &lt; 5, t<5, <улица>", "t < 5, t<5, <улица>"),
        ("<script>alert(1)</script>Слова<style>p{}</style>", "Слова"),
        ('<img src="data:image/png;base64,iVBORw0KGgo=">Фото', "Фото"),
        ("было data:image/jpeg;base64,/9j/4AAQSkZJRg== и стало", "было и стало"),
        ("слово\u200b\u202eкоторое\u2066 прячется", "словокоторое прячется"),
        ("нуль\x00 и звонок\x07", "нуль и звонок"),
        ("половина \ud83d пары", "половина пары"),
        ("эмодзи 😀 остаётся", "эмодзи 😀 остаётся"),
        ("  много\n\n\tпробелов ", "много пробелов"),
        ("2 < 3 и 5 > 4", "2 < 3 и 5 > 4"),
        ("<div><p>незакрытое", "незакрытое"),
        ("", ""),
    ],
)
def test_what_a_person_meant_stays_and_the_rest_goes(given_text, expected):
    assert plain_text(given_text) == expected


def test_a_text_of_fifteen_thousand_characters_stays_whole_and_a_longer_one_is_cut():
    assert len(plain_text("слово " * 2500)) == 14_999
    assert len(plain_text("слово" * 10_000)) == MAX_TEXT_CHARS


@pytest.mark.parametrize(
    "hostile",
    [
        "<a" * 400_000,
        "<!--" * 200_000,
        "<!" * 400_000,
        "<script>" * 100_000,
        "<" * 800_000,
        "&#" * 400_000,
        "<div>" * 200_000,
        "data:a/b;base64," * 50_000,
        "&" + "amp;" * 200_000,
        "&#38;" * 150_000,
        "&lt;" * 200_000,
        "<p><b>&nbsp;</i" * 700_000,
    ],
)
def test_markup_made_to_be_slow_is_not(hostile):
    begun_s = monotonic_s()
    plain_text(hostile)
    assert monotonic_s() - begun_s < 3


@given(st.text(max_size=400))
def test_a_plain_text_has_no_control_or_direction_characters(text):
    result = plain_text(text)
    assert not {unicodedata.category(character) for character in result} & {"Cc", "Cf", "Cs"}
    assert result == result.strip()


PIECES = [
    "<",
    ">",
    "&",
    ";",
    "#",
    "/",
    "!",
    "--",
    "аб",
    " ",
    "\u200b",
    "\n",
    "amp",
    "lt",
    "nbsp",
    "br",
    "38",
    "data:a/b;base64,",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_a_plain_text_stays_as_it_is(text):
    once = plain_text(text)
    assert plain_text(once) == once


@pytest.mark.skipif(not KURSK.exists(), reason="recordings of ../shared/data are absent")
def test_two_thousand_real_appeals_lose_their_markup_and_nothing_else():
    with KURSK.open(encoding="utf-8", newline="") as file:
        texts = [row["Текст Сообщения"] for row in csv.DictReader(file)]
    assert len(texts) == 2000
    assert sum("<" in text and ">" in text for text in texts) > 1000
    for text in texts:
        words = plain_text(text)
        assert words
        for rest in ("<p", "</", "<br", "&nbsp", "base64", "\xa0"):
            assert rest not in words
