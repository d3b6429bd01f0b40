"""Names of municipalities: spellings that sources use, and names that must not be guessed."""

from __future__ import annotations

import pytest

from svodka.geography.latin import skeleton
from svodka.geography.names import AreaNames, NameKind, split_name
from svodka.profiles.reader import load_profile


@pytest.fixture(scope="module")
def names() -> AreaNames:
    return AreaNames(load_profile("kuzbass"))


def test_kind_words_are_taken_off_and_remembered():
    assert split_name("Берёзовский городской округ") == ("березовский", NameKind.URBAN)
    assert split_name("Кемеровский муниципальный округ") == ("кемеровский", NameKind.DISTRICT)
    assert split_name("Кемеровский м. о.") == ("кемеровский", NameKind.DISTRICT)
    assert split_name("г. Юрга") == ("юрга", NameKind.URBAN)
    assert split_name("«Анжеро – Судженск»") == ("анжеро-судженск", NameKind.BARE)


def test_words_that_only_begin_like_a_kind_stay_whole():
    assert split_name("Гурьевск")[0] == "гурьевск"
    assert split_name("Горный район") == ("горный", NameKind.DISTRICT)
    assert split_name("Город") == ("город", NameKind.BARE)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Кемеровский", "kemerovo"),
        ("Кемерово", "kemerovo"),
        ("КЕМЕРОВСКИЙ ГО", "kemerovo"),
        ("Кемеровский район", "kemerovsky-okrug"),
        ("Кемеровский муниципальный округ", "kemerovsky-okrug"),
        ("Кемеровский р-н", "kemerovsky-okrug"),
        ("Ленинск-Кузнецкий", "leninsk-kuznetsky"),
        ("Ленинск-Кузнецкий район", "leninsk-kuznetsky-okrug"),
        ("Ленинск-Кузнец", "leninsk-kuznetsky"),
        ("Анжеро-Судженс", "anzhero-sudzhensk"),
        ("Березовский", "berezovsky"),
        ("г.Берёзовский", "berezovsky"),
        ("Киселевск", "kiselevsk"),
        ("Киселёвского городского округа", "kiselevsk"),
        ("Администрация города Новокузнецка", "novokuznetsk"),
        ("администрация Юргинского муниципального округа", "yurginsky-okrug"),
        ('МО "Тайгинский городской округ"', "taiga"),
        ("Междуреченский муниципальный округ", "mezhdurechensk"),
        ("город Юрги", "yurga"),
        ("Гурьевск", "guryevsky-okrug"),
        ("Яйский муниципальный район", "yaysky-okrug"),
    ],
)
def test_a_spelling_means_its_area(names: AreaNames, text: str, area: str):
    assert names.find(text) == area


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Kemerovo", "kemerovo"),
        ("Kemerovskiy", "kemerovo"),
        ("Kemerovsky District", "kemerovsky-okrug"),
        ("kemerovskii-raion", "kemerovsky-okrug"),
        ("Kemerovskij munitsipalny okrug", "kemerovsky-okrug"),
        ("Kemerovsky Urban Okrug", "kemerovo"),
        ("Leninsk-Kuznetskiy", "leninsk-kuznetsky"),
        ("LENINSK KUZNETSKI", "leninsk-kuznetsky"),
        ("leninsk-kuznets", "leninsk-kuznetsky"),
        ("Kuzneckij", None),
        ("Novokuznetsk", "novokuznetsk"),
        ("Novokuzneck", "novokuznetsk"),
        ("Meždurečensk", "mezhdurechensk"),
        ("Kiselëvsk", "kiselevsk"),
        ("Kiselyovsk", "kiselevsk"),
        ("Prokop'yevsk", "prokopevsk"),
        ("City of Yurga", "yurga"),
        ("Jurga", "yurga"),
        ("iaiskii-raion", "yaysky-okrug"),
        ("Yayskiy rayon", "yaysky-okrug"),
        ("Tyazhinsky district", "tyazhinsky-okrug"),
        ("London", None),
        ("district", None),
        ("-- -", None),
    ],
)
def test_a_name_in_latin_letters_means_the_same_area(names: AreaNames, text: str, area: str | None):
    """However it was transliterated; the city and the district around it stay two."""
    assert names.find(text) == area


def test_every_name_of_the_profile_has_a_skeleton_of_its_own():
    """Or a Latin name would mean neither."""
    cores = {split_name(form)[0] for area in load_profile("kuzbass").areas for form in (area.name, *area.aliases)}
    assert len({skeleton(core) for core in cores}) == len(cores)


def test_a_closed_town_is_a_town():
    assert split_name("ЗАТО Озёрный") == ("озерный", NameKind.URBAN)


@pytest.mark.parametrize("text", ["", "   ", "Москва", "район", "Кемеровская область", "Томский район", "К", "Белов"])
def test_a_name_from_elsewhere_or_too_short_means_nothing(names: AreaNames, text: str):
    assert names.find(text) is None


def test_every_name_and_alias_of_the_profile_means_its_own_area(names: AreaNames):
    profile = load_profile("kuzbass")
    wrong = [
        (area.id, form) for area in profile.areas for form in (area.name, *area.aliases) if names.find(form) != area.id
    ]
    assert wrong == []
