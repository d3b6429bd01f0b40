"""Text goes into a PNG and comes out of it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from svodka.reports.png_text import read_size, read_text, write_text


@pytest.fixture
def png():
    buffer = io.BytesIO()
    Image.new("RGB", (7, 5), "#123456").save(buffer, "PNG")
    return buffer.getvalue()


def test_text_in_a_png_comes_out_as_it_went_in(png):
    """Ours reads it, and so does an independent reader, Cyrillic included."""
    text = '{"as_of":"2026-11-21","name":"Сводка"}'
    written = write_text(png, "svodka", text)
    assert read_text(written, "svodka") == text
    image = Image.open(io.BytesIO(written))
    image.load()
    assert image.text["svodka"] == text


def test_the_picture_itself_stays_the_same(png):
    """Not a pixel changes, and the size can be read."""
    written = write_text(png, "svodka", "x")
    assert Image.open(io.BytesIO(written)).tobytes() == Image.open(io.BytesIO(png)).tobytes()
    assert read_size(written) == (7, 5)


def test_a_png_without_our_text_has_none(png):
    """Another key is not ours."""
    assert read_text(write_text(png, "Comment", "x"), "svodka") is None


def test_what_is_no_png_is_refused():
    """Half an answer never passes for a picture."""
    with pytest.raises(ValueError, match="not a PNG"):
        write_text(b"<html>", "svodka", "x")
