"""Settings with a closed list of values."""

from __future__ import annotations

import pytest

from svodka.i18n.catalogue import load_catalogue
from svodka.settings import LANGUAGES, UnusableSettingError, read_settings


@pytest.mark.parametrize(
    ("name", "field", "value"), [("SVODKA_LOG", "log_level", "DEBUG"), ("SVODKA_LANGUAGE", "language", "EN")]
)
def test_a_choice_is_read_in_any_case(name, field, value):
    assert getattr(read_settings({name: value}), field) == value.lower()


@pytest.mark.parametrize("name", ["SVODKA_LOG", "SVODKA_LANGUAGE"])
def test_another_value_is_one_sentence_that_names_the_choices(name):
    with pytest.raises(UnusableSettingError, match=f"^{name}='loud' is not one of .*, .*\\.$"):
        read_settings({name: "loud"})


def test_every_language_of_the_setting_has_words():
    assert [load_catalogue(language).language for language in LANGUAGES] == list(LANGUAGES)
