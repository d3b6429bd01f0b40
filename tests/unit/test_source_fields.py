"""Fields of records as sources write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources._toolkit.documents import parse_json, reject
from datasources._toolkit.fields import (
    pick,
    pick_count,
    pick_geometry,
    pick_id,
    pick_point,
    pick_rating,
    pick_text,
)
from datasources._toolkit.http import Answer
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Point

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "type", "coordinates"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def _answer(body: bytes, charset: str = "") -> Answer:
    return Answer(body=body, content_type="application/json", charset=charset, source_time_at=None)


def test_a_path_walks_through_objects_and_lists_and_may_be_a_constant():
    record = {"a": {"b": [{"c": 5}]}, "x.y": 1}
    assert pick(record, "a.b.0.c") == 5
    assert pick(record, "a.b.7.c") is None
    assert pick(record, "a.missing.c") is None
    assert pick(record, "x.y") == 1
    assert pick(record, "=word") == "word"
    assert pick(record, "") is None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, RejectReason.MISSING_ID),
        ({"id": None}, RejectReason.MISSING_ID),
        ({"id": ""}, RejectReason.MISSING_ID),
        ({"id": "\u200b"}, RejectReason.MISSING_ID),
        ({"id": True}, RejectReason.WRONG_TYPE),
        ({"id": 1.5}, RejectReason.WRONG_TYPE),
        ({"id": {"a": 1}}, RejectReason.WRONG_TYPE),
        ({"id": "x" * 257}, RejectReason.TOO_LARGE),
        ({"id": 10**300}, RejectReason.TOO_LARGE),
    ],
)
def test_an_id_that_is_none_says_why(record, reason):
    with pytest.raises(RecordUnreadableError) as caught:
        pick_id(record, ["id"])
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (53.75, 87.1, (Point(53.75, 87.1), False)),
        ("53.75", "87.1", (Point(53.75, 87.1), False)),
        ("53,75", " 87,1 ", (Point(53.75, 87.1), False)),
        (87.1, 53.75, (Point(87.1, 53.75), False)),
        (None, None, (None, False)),
        ("", " ", (None, False)),
        (None, 87.1, (None, True)),
        ("north", 87.1, (None, True)),
        ("nan", "inf", (None, True)),
        (True, 87.1, (None, True)),
        (200, 87.1, (None, True)),
        ([53], 87.1, (None, True)),
    ],
)
def test_coordinates_are_numbers_texts_absent_or_unreadable(lat, lon, expected):
    assert pick_point({"lat": lat, "lon": lon}, "lat", "lon") == expected


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "Point", "coordinates": [87.1, 53.75, 200]}, (Point(53.75, 87.1), False)),
        ({"type": "LineString", "coordinates": [[87, 53], [89, 55]]}, (Point(54, 88), False)),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [87, 53]}]},
            (Point(53, 87), False),
        ),
        (None, (None, False)),
        ({"type": "Point", "coordinates": []}, (None, False)),
        ({"type": "Point", "coordinates": ["a", "b"]}, (None, True)),
        ({"type": "Point", "coordinates": [87]}, (None, True)),
        ("POINT (87 53)", (None, True)),
    ],
)
def test_a_geometry_gives_one_point(geometry, expected):
    assert pick_geometry({"g": geometry}, "g") == expected


@pytest.mark.parametrize("value", [-1, 1.5, "many", True, [], 10**12])
def test_a_count_that_is_none_is_the_wrong_type(value):
    with pytest.raises(RecordUnreadableError) as caught:
        pick_count({"n": value}, "n")
    assert caught.value.reason is RejectReason.WRONG_TYPE


def test_a_mark_is_one_to_five_and_nought_means_none():
    assert [pick_rating({"r": value}, "r") for value in (0, "", None, "5", 1)] == [None, None, None, 5, 1]
    with pytest.raises(RecordUnreadableError):
        pick_rating({"r": 6}, "r")


def test_an_emoji_cut_in_half_does_not_spoil_the_whole_answer():
    body = rb'[{"t": "cut \ud83d"}, {"t": "whole \ud83d\ude00"}, {"t": "path C:\\udata"}]'
    assert parse_json(_answer(body)) == [{"t": "cut \ufffd"}, {"t": "whole 😀"}, {"t": "path C:\\udata"}]


def test_an_answer_in_another_character_set_is_read_by_its_name():
    assert parse_json(_answer('["Привет"]'.encode("cp1251"), "windows-1251")) == ["Привет"]
    assert parse_json(_answer(b'\xef\xbb\xbf["\xd0\x9f"]', "utf-8")) == ["П"]


def test_a_rejected_record_is_kept_short_and_without_nul():
    error = RecordUnreadableError(RejectReason.WRONG_TYPE, "field")
    rejected = reject({"id": "a\x00b", "text": "x" * 10_000}, error, id_paths=["id"])
    assert rejected.foreign_id == "ab"
    assert len(rejected.raw) == 4000
    assert "\x00" not in rejected.raw


@pytest.mark.parametrize(
    ("raw", "paths", "expected"),
    [
        ({"properties": {"no": 7}}, ["properties.no"], "7"),
        ({"house": "5a", "day": 3}, ["house", "day"], "5a|3"),
        ({"id": " <b>8</b> "}, ["id"], "8"),
        ({"house": "5a"}, ["house", "day"], None),
        (["5a"], ["0"], None),
    ],
)
def test_a_rejected_record_has_the_id_that_it_would_have_if_it_were_readable(raw, paths, expected):
    """An incident that is named in words we cannot read is there; under another id it would count as vanished."""
    error = RecordUnreadableError(RejectReason.WRONG_TYPE, "field")
    assert reject(raw, error, id_paths=paths).foreign_id == expected


@given(JSON)
def test_any_json_value_in_any_field_gives_a_value_or_a_reason(value):
    record = {"f": value}
    pick_point(record, "f", "f")
    pick_geometry(record, "f")
    for read in (
        lambda: pick_text(record, "f", max_chars=50),
        lambda: pick_id(record, ["f"]),
        lambda: pick_rating(record, "f"),
    ):
        with contextlib.suppress(RecordUnreadableError):
            read()
