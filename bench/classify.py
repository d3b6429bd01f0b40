"""How fast and how right areas and topics are found: `python -m bench.classify [--borders FILE]`.

Prints one JSON line; speeds are per second of processor time. Texts and borders come from ../shared/data where it is
there; without them the texts are made of the profile's own keywords and only speed is measured.
"""

from __future__ import annotations

import argparse
import csv
import html
import random
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import shapely
from shapely.geometry import shape

from svodka.domain import codec
from svodka.domain.records import AppealRecord, AppealStatus, Point
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry, load_geometry, save_geometry
from svodka.geography.official import read_borders
from svodka.ingest.classify import Classifier
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
TEXTS = SHARED / "appeals-ru" / "kursk_appeals_train.csv"
BORDERS = SHARED / "boundaries" / "adm2_kemerovo.geojson"
POINTS = 3_000
_SPREAD = (0.03, 0.05)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="kuzbass")
    parser.add_argument("--borders", type=Path, default=BORDERS)
    args = parser.parse_args()
    profile = load_profile(args.profile)
    rng = random.Random(1)  # noqa: S311 - the same points every time, nothing secret
    points = [
        Point(rng.gauss(place.lat, _SPREAD[0]), rng.gauss(place.lon, _SPREAD[1]))
        for place in rng.choices(profile.places, [place.population + 1 for place in profile.places], k=POINTS)
    ]
    with tempfile.TemporaryDirectory() as home:
        begin = time.process_time()
        finder = AreaFinder(profile, ensure_geometry(Path(home), profile, ROOT / "assets" / "vendor"))
        result: dict[str, object] = {"schematic_made_s": round(time.process_time() - begin, 2)}
        result["schematic_points_per_s"] = _speed(finder, points)
        if args.borders.exists():
            result |= _against_borders(profile, finder, points, args.borders, Path(home))
        result |= _appeals(profile, finder, points)
    print(codec.encode_text(result))
    return 0


def _speed(finder: AreaFinder, points: list[Point]) -> int:
    begin = time.process_time()
    for point in points:
        finder.find(None, None, point)
    return round(len(points) / (time.process_time() - begin))


def _against_borders(
    profile: Profile, schematic: AreaFinder, points: list[Point], path: Path, home: Path
) -> dict[str, object]:
    borders = read_borders(path, profile)
    truth = read_borders(path, profile, max_vertices=10**9).shapes
    slugs, tree = list(truth), shapely.STRtree(list(truth.values()))
    save_geometry(home, profile, borders.shapes, kind="official", attribution=(), created_at=None)
    geometry = load_geometry(home, profile)
    official = AreaFinder(profile, geometry)
    right = {"official": 0, "schematic": 0}
    inside = 0
    for point in points:
        hit = tree.query(shapely.points(point.lon, point.lat), predicate="within")
        if not len(hit):
            continue
        inside += 1
        for name, finder in (("official", official), ("schematic", schematic)):
            right[name] += finder.find(None, None, point).area == slugs[int(hit[0])]
    return {
        "areas_matched": len(borders.matched),
        "vertices": int(shapely.get_num_coordinates([shape(f["geometry"]) for f in geometry.areas["features"]]).sum()),
        "official_points_per_s": _speed(official, points),
        "right_near_settlements": {name: round(number / inside, 3) for name, number in right.items()},
    }


def _appeals(profile: Profile, finder: AreaFinder, points: list[Point]) -> dict[str, object]:
    source = SourceConfig(
        id="bench",
        name="bench",
        connector="open311",
        records="appeals",
        url="",
        interval_s=1,
        ageing_s=1,
        stale_s=2,
        dead_s=3,
    )
    classifier = Classifier(profile, finder)
    texts = _texts(profile)
    records = [
        AppealRecord(
            foreign_id=str(number),
            received_at=datetime(2026, 1, 1, tzinfo=UTC),
            status=AppealStatus.NEW,
            channel=profile.channels[0].id,
            text=text,
            address=f"г. {profile.areas[number % len(profile.areas)].centre}, ул. Мира, {number}",
            point=points[number % len(points)],
        )
        for number, text in enumerate(texts)
    ]
    begin = time.process_time()
    topics = [classifier.classify_appeal(record, source).topic for record in records]
    spent = time.process_time() - begin
    placed = sum(topic != profile.other_topic.id for topic in topics)
    return {
        "appeals_per_s": round(len(records) / spent),
        "texts": len(texts),
        "texts_with_topic": round(placed / len(texts), 3),
    }


def _texts(profile: Profile) -> list[str]:
    if not TEXTS.exists():
        return [" ".join(topic.keywords).replace("$", "") for topic in profile.topics]
    with TEXTS.open(newline="", encoding="utf-8") as file:
        return [html.unescape(re.sub(r"<[^>]+>", " ", row["Текст Сообщения"])) for row in csv.DictReader(file)]


if __name__ == "__main__":
    raise SystemExit(main())
