"""Who is refused reads why, in every language."""

from __future__ import annotations

import pytest

from svodka.i18n.catalogue import load_catalogue


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("key", ["access.title", "access.no_link", "access.link_unknown"])
def test_the_words_of_a_refusal_are_there(language, key):
    """A missing key would make a refusal an error of the server."""
    assert load_catalogue(language).word(key)
