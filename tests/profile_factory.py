"""An invented region of two sectors and «прочие» in another time zone, written into a folder for a test."""

from __future__ import annotations

import shutil
from pathlib import Path

from svodka.profiles.reader import PROFILES

_PROVENANCE = '[provenance]\nsource = "invented for tests"\ndate = "2026-01-01"\n'

_FILES = {
    "profile.toml": """
[profile]
id = "invented"
name = "Приозёрье"
title = "Центр Приозёрья"
time_zone = "Asia/Kamchatka"
federal_time_zone = "Europe/Moscow"
partial_min_cover = 0.5
outline = ""

[vocabulary]
appeal = "обращение"
appeals = "Обращения"
appeals_genitive = "обращений"
incident = "происшествие"
incidents = "Происшествия"
incidents_genitive = "происшествий"
area = "округ"
areas = "округа"
sector = "направление"
sectors = "Направления"
center = "Центр"
federal_clock = "Москва"
""",
    "sectors.toml": """
sector = [
  { id = "town", name = "Городское хозяйство", short_name = "Хозяйство" },
  { id = "people", name = "Люди", short_name = "Люди" },
  { id = "other", name = "Прочие", short_name = "Прочие" },
]
topic = [
  { id = "heat", sector = "town", name = "Отопление", short_name = "Отопление", keywords = ["отоплен", "батаре"] },
  { id = "roads", sector = "town", name = "Дороги", short_name = "Дороги", keywords = ["дорог", "ям$", "яма"] },
  { id = "waste", sector = "town", name = "Мусор", short_name = "Мусор", keywords = ["мусор"] },
  { id = "schools", sector = "people", name = "Школы", short_name = "Школы", keywords = ["школ"] },
  { id = "doctors", sector = "people", name = "Врачи", short_name = "Врачи", keywords = ["врач", "запис прием"] },
  { id = "payments", sector = "people", name = "Выплаты", short_name = "Выплаты", keywords = ["выплат"] },
  { id = "other", sector = "other", name = "Прочие", short_name = "Прочие", other = true },
]
""",
    "areas.toml": """
[[area]]
id = "ozersk"
name = "Озёрский городской округ"
short_name = "Озёрск"
kind = "urban"
centre = "Озёрск"
lat = 55.0
lon = 160.0
population = 120000
population_on = "2025"
aliases = ["Озёрск", "Озёрский"]

[[area]]
id = "ozersky"
name = "Озёрский муниципальный округ"
short_name = "Озёрский"
kind = "municipal"
centre = "Озёрск"
lat = 55.0
lon = 160.0
population = 20000
population_on = "2025"

[[area]]
id = "gorny"
name = "Горный район"
short_name = "Горный"
kind = "district"
centre = "Верхний"
lat = 55.4
lon = 161.1
population = 8000
population_on = "2025"
aliases = ["Верхний"]

[[area]]
id = "stepnoy"
name = "Степной муниципальный округ"
short_name = "Степной"
kind = "municipal"
centre = "Полынь"
lat = 54.5
lon = 159.2
""",
    "places.toml": """
place = [
  { name = "Озёрск", area = "ozersk", lat = 55.0, lon = 160.0, population = 120000 },
  { name = "Каменка", area = "ozersky", lat = 55.2, lon = 160.3, population = 900 },
  { name = "Верхний", area = "gorny", lat = 55.4, lon = 161.1, population = 3000 },
  { name = "Полынь", area = "stepnoy", lat = 54.5, lon = 159.2, population = 2000 },
]
""",
    "bodies.toml": """
body = [
  { id = "min-town", name = "Министерство городского хозяйства", kind = "ministry", sectors = ["town"] },
  { id = "adm-ozersk", name = "Администрация города Озёрска", kind = "municipality", area = "ozersk" },
]
""",
    "norms.toml": """
norm = [
  { id = "day", name = "1 сутки", hours = 24.0, source = "invented", date = "2026-01-01", example = true },
]
channel = [
  { id = "web", name = "Портал", short_name = "Портал", norm = "day" },
  { id = "phone", name = "Телефон", short_name = "Телефон" },
]
target = [
  { kpi = "in_time", value = 0.9, better = "higher", source = "invented", date = "2026-01-01", example = true },
]
""",
    "incidents.toml": """
level = [
  { id = "grave", name = "Тяжёлый", short_name = "Тяжёлый", rank = 1, shape = "triangle", tone = "critical" },
  { id = "mild", name = "Лёгкий", short_name = "Лёгкий", rank = 2, shape = "circle", tone = "info" },
]
kind = [
  { id = "heat", name = "Авария отопления", short_name = "Отопление", sector = "town", affected_unit = "домов" },
  { id = "other", name = "Прочее", short_name = "Прочее", other = true },
]
""",
}


def write_profile(folder: Path, *, sources: str = "") -> Path:
    """Write the invented profile into `folder`.

    Args:
        folder: Folder to create.
        sources: The `[[source]]` tables of a sources file, without provenance; empty for none.

    Returns:
        The folder, for `load_profile(str(folder))` or `SVODKA_PROFILE`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _FILES.items():
        # TOML wants top-level keys before the first table, so the provenance of inline files comes last.
        inline = content.lstrip().split("\n", 1)[0].endswith("[") and not content.lstrip().startswith("[[")
        text = f"{content.strip()}\n\n{_PROVENANCE}" if inline else f"{_PROVENANCE}{content}"
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(PROFILES / "kuzbass" / "scenes", folder / "scenes", dirs_exist_ok=True)  # scenes name no region
    if sources:
        (folder / "sources.toml").write_text(f"{_PROVENANCE}\n{sources}", encoding="utf-8")
    return folder
