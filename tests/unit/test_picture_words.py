"""Whoever gets no picture is told why."""

from __future__ import annotations

import pytest

from svodka.i18n.catalogue import load_catalogue
from svodka.reports.picture import PictureRefusal, PictureRefusedError


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("refusal", PictureRefusal)
def test_every_refusal_is_a_whole_sentence(language, refusal):
    """The sentence can be filled in with what the error carries."""
    error = PictureRefusedError(refusal)
    sentence = load_catalogue(language).word(error.text_key).format(**error.params)
    assert sentence.endswith(".")
    assert "{" not in sentence
