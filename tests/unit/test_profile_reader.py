"""The reader of profiles: what loads, and the sentence a broken file gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from svodka.profiles.errors import ProfileError
from svodka.profiles.reader import known_profiles, load_profile, load_sources
from tests.profile_factory import write_profile

SOURCE = """
[[source]]
id = "portal"
name = "Портал"
connector = "open311"
records = "appeals"
channel = "web"
url = "{simulator}/portal"
interval_s = 5.0
ageing_s = 30.0
stale_s = 90.0
dead_s = 600.0
simulated = true
topic_map = { "001" = "roads" }
"""


def test_kuzbass_has_the_ten_sectors_and_34_municipalities():
    profile = load_profile("kuzbass")
    assert len([sector for sector in profile.sectors if sector.id != profile.other_topic.sector]) == 10
    assert len(profile.areas) == 34
    assert sum(area.kind == "urban" for area in profile.areas) == 16
    assert 40 <= len(profile.topics) <= 60
    assert profile.time_zone == "Asia/Novokuznetsk"


def test_every_file_of_kuzbass_names_source_and_date():
    profile = load_profile("kuzbass")
    assert {"profile.toml", "sectors.toml", "areas.toml", "places.toml", "norms.toml"} <= set(profile.provenance)
    assert all(entry.source and entry.date for entry in profile.provenance.values())


def test_every_municipality_of_kuzbass_has_an_administration():
    profile = load_profile("kuzbass")
    assert {body.area for body in profile.bodies if body.kind == "municipality"} == {area.id for area in profile.areas}


def test_targets_and_levels_that_no_act_gives_are_marked_as_examples():
    profile = load_profile("kuzbass")
    assert all(target.example for target in profile.targets)
    assert all("пример" in level.name for level in profile.levels)
    assert not next(norm for norm in profile.norms if norm.id == "fz59").example


def test_an_invented_profile_of_two_sectors_in_another_zone_loads(tmp_path: Path):
    profile = load_profile(str(write_profile(tmp_path / "invented")))
    assert [sector.id for sector in profile.sectors] == ["town", "people", "other"]
    assert str(profile.zone) == "Asia/Kamchatka"
    assert profile.other_topic.sector == "other"
    assert profile.default_level.id == "mild"
    assert profile.sources == ()


def test_sources_come_with_the_profile_or_from_a_file_instead(tmp_path: Path):
    folder = write_profile(tmp_path / "invented", sources=SOURCE)
    assert [source.id for source in load_profile(str(folder)).sources] == ["portal"]
    assert load_profile(str(folder)).is_simulated
    other = tmp_path / "mine.toml"
    other.write_text((folder / "sources.toml").read_text(encoding="utf-8").replace('"portal"', '"mine"'), "utf-8")
    assert [source.id for source in load_profile(str(folder), str(other)).sources] == ["mine"]
    assert [source.id for source in load_sources(other)] == ["mine"]


def test_an_unknown_profile_is_answered_with_the_known_ones():
    with pytest.raises(ProfileError, match=r"no profile 'atlantis'; known profiles are: .*kuzbass"):
        load_profile("atlantis")
    assert "kuzbass" in known_profiles()


def test_a_missing_sources_file_is_one_sentence(tmp_path: Path):
    folder = write_profile(tmp_path / "invented")
    with pytest.raises(ProfileError, match=r"nowhere\.toml is missing"):
        load_profile(str(folder), str(tmp_path / "nowhere.toml"))


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "areas.toml",
            '[provenance]\nsource = "invented for tests"\ndate = "2026-01-01"',
            "",
            "areas.toml: .provenance",
        ),
        ("areas.toml", 'date = "2026-01-01"', "", "areas.toml: provenance: .*date"),
        ("profile.toml", 'time_zone = "Asia/Kamchatka"', 'time_zone = "Asia/Atlantis"', "profile.toml: time_zone"),
        ("profile.toml", 'title = "Центр Приозёрья"', "", "profile.toml: title is missing"),
        ("profile.toml", 'federal_clock = "Москва"', "", "profile.toml: vocabulary lacks federal_clock"),
        ("profile.toml", "partial_min_cover = 0.5", 'partial_min_cover = "much"', "profile.toml: .*partial_min_cover"),
        ("sectors.toml", 'id = "waste"', 'id = "roads"', "sectors.toml: topic roads: id stands twice"),
        ("sectors.toml", 'id = "waste"', 'id = "Waste_1"', "sectors.toml: topic 'Waste_1': id is not"),
        ("sectors.toml", 'id = "waste", sector = "town"', 'id = "waste", sector = "x"', "topic waste: sector 'x' does"),
        (
            "sectors.toml",
            'id = "waste", sector = "town"',
            'id = "waste", sector = "people"',
            "sector town has 2 topics",
        ),
        ("sectors.toml", "other = true", "other = false", "exactly one topic must be other"),
        (
            "sectors.toml",
            'id = "other", sector = "other"',
            'id = "other", sector = "town"',
            "needs a sector of its own",
        ),
        ("sectors.toml", '["мусор"]', '["Мусор"]', "topic waste: keyword 'Мусор'"),
        ("sectors.toml", 'short_name = "Мусор"', 'short_nam = "Мусор"', "sectors.toml: topic waste: .*short_nam"),
        ("areas.toml", 'short_name = "Озёрск"', 'short_name = "Озёрск на самом берегу"', "area ozersk: short_name"),
        ("areas.toml", "population = 8000", "population = 0", "area gorny: population"),
        ("areas.toml", "lat = 55.4", "lat = 155.4", "area gorny: lat and lon"),
        ("places.toml", 'area = "gorny"', 'area = "nowhere"', "places.toml: place Верхний: area 'nowhere'"),
        ("bodies.toml", 'area = "ozersk"', 'area = "nowhere"', "bodies.toml: body adm-ozersk: area 'nowhere'"),
        ("norms.toml", 'norm = "day"', 'norm = "year"', "norms.toml: channel web: norm 'year' does not exist"),
        ("incidents.toml", "rank = 2", "rank = 3", "ranks of the levels"),
        ("incidents.toml", "other = true", "other = false", "exactly one kind must be other"),
        ("incidents.toml", "level = [", "level = [[", "incidents.toml cannot be read"),
        ("sources.toml", 'channel = "web"', 'channel = "fax"', "sources.toml: source portal: channel 'fax'"),
        ("sources.toml", 'channel = "web"', "", "source portal: channel is missing"),
        ("sources.toml", '"001" = "roads"', '"001" = "moon"', "source portal: topic_map 'moon'"),
        ("sources.toml", "stale_s = 90.0", "stale_s = 9.0", "ageing_s, stale_s and dead_s must rise"),
    ],
)
def test_a_broken_file_is_named_in_one_sentence(tmp_path: Path, file: str, old: str, new: str, sentence: str):
    folder = write_profile(tmp_path / "invented", sources=SOURCE)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProfileError, match=sentence) as caught:
        load_profile(str(folder))
    assert "\n" not in str(caught.value)
