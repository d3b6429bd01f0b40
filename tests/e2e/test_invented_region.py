"""A region is data: one that nobody has heard of, of two sectors in another time zone, runs without a line of code."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from svodka.domain.codec import decode
from svodka.profiles.reader import load_profile
from tests.e2e.demonstration import PROFILE
from tests.profile_factory import write_profile

_LIMITS = "interval_s = 2\nageing_s = 60\nstale_s = 90\ndead_s = 300\nsimulated = true\nbackfill_h = 72\n"
_APPEALS = """
[[source]]
id = "{channel}"
name = "{name}"
connector = "open311"
records = "appeals"
channel = "{channel}"
url = "{{simulator}}/open311/{channel}/v2"
{limits}
[source.params]
format = "json"
max_window_h = 2160
last_page = "short"
order = "updated"
services = false
[source.params.fields]
fine_status = "stage"
answered_at = "closed_datetime"
area_name = "municipality"
rating = "rating"
[source.params.fine_statuses]
received = "new"
in_work = "in_work"
answered = "answered"
rejected = "rejected"
"""
_INCIDENTS = """
[[source]]
id = "outages"
name = "Отключения"
connector = "http_json"
records = "incidents"
url = "{{simulator}}/outages.geojson"
{limits}
close_after_missing_polls = 3
[source.params]
records = "features"
lists_all_open = true
[source.params.fields]
id = ["id"]
started_at = "properties.started_at"
updated_at = "properties.updated_at"
status = "properties.state"
kind = "properties.resource"
level = "properties.rank"
title = "properties.title"
area_name = "properties.municipality"
geometry = "geometry"
[source.params.statuses]
new = "new"
in_work = "in_work"
controlled = "controlled"
[source.params.kinds]
heat = "heat"
other = "other"
[source.params.levels]
1 = "grave"
2 = "mild"
"""


def write_sources():
    channels = (("web", "Портал"), ("phone", "Телефон"))
    appeals = [_APPEALS.format(channel=channel, name=name, limits=_LIMITS) for channel, name in channels]
    return "".join([*appeals, _INCIDENTS.format(limits=_LIMITS)])


@pytest.mark.timeout(240)
def test_an_invented_region_boots_to_a_working_wall(make_product, open_wall, tmp_path):
    """Its own name, areas, sectors and zone; every panel fresh; nothing of another region; numbers that move."""
    folder = write_profile(tmp_path / "invented", sources=write_sources())
    profile = load_profile(str(folder))
    assert len([sector for sector in profile.sectors if sector.id != profile.other_topic.sector]) == 2
    product = make_product(profile=str(folder))
    product.start().wait_healthy()
    screen = open_wall(product)
    screen.wait_fresh(60)
    seq = screen.view().seq
    assert screen.complaints == []
    assert screen.outside == []

    said = screen.page.evaluate("document.body.innerText")
    assert profile.name.casefold() in said.casefold()
    config = decode(screen.page.evaluate("fetch('/page/wall/config.json').then((answer) => answer.text())"))
    assert config["zones"]["local"] == profile.time_zone
    assert ZoneInfo(profile.time_zone) != load_profile(PROFILE).zone
    values = screen.view().values
    assert {key.split(":")[1] for key in values if key.startswith("sector_open:")} == {s.id for s in profile.sectors}
    assert {key.split(":")[1] for key in values if key.startswith("area_received:")} == {a.id for a in profile.areas}
    others = {area.name for area in load_profile(PROFILE).areas} - {area.name for area in profile.areas}
    assert not [name for name in others if name in screen.page.content()]

    screen.wait_seq(seq + 3)
    assert [str(fault) for fault in screen.inspect().faults] == []
    assert product.stop() == 0
