"""Take and inspect pictures of every scene: `make pictures` (`--scene NAME …` some, `--schematic` no real borders).

Every scene that the profile ships, those of a sector or an area for one of them, at 1920x1080, 3840x2160 and
5760x2160, at the dead of night and at the height of the day's accident, with schematic areas and, where the borders
lie beside the repository, with real ones; and the states that no ordinary day shows. The wide ones stand in the large
room, the others in the default one. Everything goes to var/pictures; busy scenes with schematic areas go to
docs/pictures, in few colours so that they stay small. Every picture is inspected first (tests/e2e/inspect.py); the
faults are printed and make the exit code 1, texts across seams are printed. In a quiet scene at most a fiftieth of
the picture may have any colour. At the end stand the heights of the smallest letters of each scene in three rooms, in
minutes of arc.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from svodka.profiles.model import Profile
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.room import Bezels, Room, arcmin_of, letter_heights, load_room
from svodka.storage.cells import PERIODS, load_counted_at
from svodka.storage.database import open_database
from tests.e2e.demonstration import Truth, load_demonstration, write_fast_sources
from tests.e2e.extremes import EXTREMES, load_snapshot, show
from tests.e2e.inspect import Inspection
from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, Product, find_free_port, run_word, web_alone
from tests.e2e.screen import Screen, launch_browser

# Room and size of each picture; the smallest is the default room's scene on an ordinary screen.
SIZES = (("default", 1920, 1080), ("default", 3840, 2160), ("large", 5760, 2160), ("small", 3840, 2160))
NOT_KEPT = "small"  # looks as the default room's: inspected, not kept
SCRATCH = ROOT / "var" / "pictures"
KEPT = ROOT / "docs" / "pictures"
KEPT_LIMIT_BYTES = 400_000
BORDERS = ROOT.parent / "shared" / "data" / "boundaries"
DAY = date(2026, 11, 18)  # a Wednesday
_COLOURS = 128
_START_LIMIT_S = 240.0
_LIMIT_S = 60.0
_TRIES = 5
MAX_COLOURED_SHARE = 0.02
_COLOURED = 64  # of 255 between a pixel's largest and smallest part: more is no grey


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A picture and what was found on it.

    Attributes:
        name: Of its file, without kind of borders and ending.
        reference: The scene.
        room: Where it stood.
        width: Of the picture, pixels.
        found: By the inspection.
        png: The picture.
    """

    name: str
    reference: str
    room: str
    width: int
    found: Inspection
    png: bytes


def find_moments(profile: Profile) -> dict[str, datetime]:
    """Return the moments to picture, in order: the dead of night, and the height of the day's accident."""
    quiet = datetime(DAY.year, DAY.month, DAY.day, 3, 0, tzinfo=profile.zone)
    truth = Truth(profile, first_poll_at=quiet)
    hours = [quiet + timedelta(hours=hour) for hour in range(4, 20)]
    busy = max(hours, key=lambda at: sum(row["affected_n"] or 0 for row in truth.incidents(at) if row["accident"]))
    return {"quiet": quiet, "busy": busy}


def find_references(profile: Profile, only: Sequence[str]) -> list[str]:
    """Return the scenes of the profile, those of a sector or an area for the first of them."""
    samples = {"sector": profile.sectors[0].id, "area": profile.areas[0].id}
    scenes = SceneBook(profile, scene_folders(profile, SCRATCH / "none")).scenes
    return [
        name if scene.takes is None else f"{name}:{samples[scene.takes]}"
        for name, scene in scenes.items()
        if not only or name in only
    ]


def load_rooms(profile: Profile) -> dict[str, Room]:
    """Return the profile's rooms that stand in `SIZES`."""
    folder = Path(profile.folder) / "rooms"
    return {name: load_room(folder / f"{name}.toml") for name in dict.fromkeys(name for name, _, _ in SIZES)}


def take(browser: Browser, folder: Path, *, borders: Path | None, only: Sequence[str]) -> Iterator[Taken]:
    """Start a product, with a web process for each further room, and yield every picture."""
    sources = write_fast_sources(folder)
    profile = load_demonstration(sources)
    product = Product(folder, sources=str(sources))
    moments = find_moments(profile)
    references, rooms = find_references(profile, only), load_rooms(profile)
    begin = moments["quiet"] - timedelta(minutes=1)  # what is counted now and then is counted again at the moments
    product.set_clock(begin)
    if borders:
        prepare_borders(product, borders)
    truth = Truth(profile, first_poll_at=begin)
    with ExitStack() as stack:
        stack.callback(product.close)
        product.start().wait_healthy(_START_LIMIT_S)
        urls = {"default": product.url}
        for name in rooms.keys() - urls.keys():
            (aside := folder / name).mkdir()
            settings = product.settings | {"room": name, "port": str(find_free_port())}
            urls[name] = stack.enter_context(web_alone(aside, **settings)).url
        screen = Screen(browser, product.url)
        screen.open("/wall?scene=overview")
        truth.wait_shown(screen, begin)
        screen.close()
        for moment, at in moments.items():
            product.set_clock(at)
            wait_until(lambda at=at: is_counted(product, at), _LIMIT_S, "the cells of the map are counted")  # type: ignore[misc] # mypy cannot infer a lambda with a default
            for room, width, height in SIZES:
                screen = Screen(browser, urls[room], width=width, height=height)
                screen.open("/wall?scene=overview")
                truth.wait_shown(screen, at)
                for reference in references:
                    screen.open(f"/wall?scene={reference}")
                    screen.wait_drawn()
                    yield look_undisturbed(screen, f"{moment}-{reference}", reference, room, rooms[room])
                screen.close()
        for reference in references:
            snapshot = load_snapshot(product.home, profile, moments["busy"], reference)
            for name, change in EXTREMES.items():
                screen = Screen(browser, product.url)
                show(screen, change(snapshot, profile), reference)
                yield look(screen, f"{name}-{reference}", reference, "default", rooms["default"])
                screen.close()


def is_counted(product: Product, at: datetime) -> bool:
    """Whether the cells of the map are those of an instant."""
    database = open_database(f"sqlite:///{product.home / 'svodka.sqlite3'}")
    try:
        with database.read() as connection:
            counted_at = load_counted_at(connection)
    finally:
        database.close()
    return set(counted_at) == set(PERIODS) and all(one == at for one in counted_at.values())


def look_undisturbed(screen: Screen, name: str, reference: str, room_name: str, room: Room) -> Taken:
    """Do it while the page is at rest and has its server: a machine without a GPU may lose it for a second."""
    for _ in range(_TRIES):
        screen.wait_until(lambda: not banner_of(screen), _LIMIT_S, "no line across the head")
        taken = look(screen, name, reference, room_name, room)
        if not banner_of(screen) and not taken.found.faults:
            return taken
        screen.page.wait_for_timeout(1000)  # a fault is one that stays when the page is at rest
    return taken


def banner_of(screen: Screen) -> str:
    """Return the kind of the line across the head, "" where there is none."""
    return str(screen.page.evaluate("document.getElementById('scene').dataset.banner ?? ''"))


def look(screen: Screen, name: str, reference: str, room_name: str, room: Room) -> Taken:
    """Inspect a screen and take its picture."""
    size = screen.page.viewport_size or {"width": 0, "height": 0}
    unit = size["height"] / room.height
    bezels = room.bezels
    seams = Bezels(x=tuple(x * unit for x in bezels.x), y=tuple(y * unit for y in bezels.y), px=bezels.px * unit)
    return Taken(
        name=f"{name.replace(':', '-')}-{size['width']}",
        reference=reference,
        room=room_name,
        width=size["width"],
        found=screen.inspect(seams),
        png=screen.page.screenshot(),
    )


def prepare_borders(product: Product, folder: Path) -> None:
    """Build the product's map from the one file of the folder whose areas are all the region's.

    Raises:
        RuntimeError: `app.py geodata` refused every file; the message is its own.
    """
    said = ""
    for borders in sorted(folder.glob("adm2_*.geojson")):
        words = ("geodata", "--borders", str(borders), "--attribution", "© OpenStreetMap contributors")
        done = run_word(*words, "--name-field", "district", **product.settings)
        if done.returncode == 0:
            return
        said += done.stdout + done.stderr
    raise RuntimeError(said)


def save_small(png: bytes, path: Path) -> int:
    """Save with a small palette and return the size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def coloured_share(png: bytes) -> float:
    """Return which share of a picture is no grey, 0..1."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)
    return float((np.ptp(pixels, axis=2) > _COLOURED).mean())


def keep(kind: str, taken: Taken) -> int:
    """Save a picture, print what was found, and return how many faults there are."""
    if taken.room != NOT_KEPT:
        (SCRATCH / f"{kind}-{taken.name}.png").write_bytes(taken.png)
    found = taken.found
    print(
        f"{kind}-{taken.name} ({taken.room}): {found.texts_n} texts, {found.labels_n} labels,"
        f" {len(found.faults)} faults, {len(found.seams)} across seams"
    )
    for fault in (*found.faults, *found.seams):
        print(f"  {fault}")
    coloured = coloured_share(taken.png)
    is_loud = taken.name.startswith("quiet-") and coloured > MAX_COLOURED_SHARE
    print(f"  {100 * coloured:.2f} % in colour" + (", too much for a quiet scene" if is_loud else ""))
    if kind != "schematic" or not taken.name.startswith("busy-") or taken.width != SIZES[0][1]:
        return len(found.faults) + is_loud
    name = "wall" if taken.reference == "overview" else taken.reference.split(":")[0]
    size = save_small(taken.png, KEPT / f"{name}.png")
    print(f"docs/pictures/{name}.png: {size} bytes")
    return len(found.faults) + is_loud + (size > KEPT_LIMIT_BYTES)


def describe_letters(pictures: Sequence[Taken], rooms: dict[str, Room]) -> Iterator[str]:
    """Yield a table: heights of the smallest capitals of each scene as seen in each room, essential and secondary."""
    yield f"{'capitals, minutes of arc':26}" + "".join(f"{name:>24}" for name in rooms)
    for reference in dict.fromkeys(taken.reference for taken in pictures):
        cells = []
        for name, room in rooms.items():
            here = [taken for taken in pictures if (taken.reference, taken.room) == (reference, name)]
            heights = [
                min(seen_from(seat_m, taken, text, room) for taken in here)
                for text, seat_m in (("essential", room.farthest_seat_m), ("secondary", room.first_row_m))
            ]
            cells.append(f"{heights[0]:16.1f}' {heights[1]:5.1f}'")
        yield f"{reference:26}" + "".join(cells)


def seen_from(seat_m: float, taken: Taken, text: str, room: Room) -> float:
    """Return how high the smallest capitals of a class on a picture are in its room, in minutes of arc."""
    type_px = taken.found.least[text] * room.resolution[0] / taken.width  # of the glass
    return arcmin_of(type_px * letter_heights()[0] * room.pixel_pitch_mm, seat_m)


def main() -> int:
    """Take all pictures; return 1 when the inspection found a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", nargs="*", default=[], help="only these")
    parser.add_argument("--schematic", action="store_true", help="only with schematic areas")
    args = parser.parse_args()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    kinds: list[tuple[str, Path | None]] = [("schematic", None)]
    if BORDERS.exists() and not args.schematic:
        kinds.append(("official", BORDERS))
    else:
        print("Pictures with schematic areas only.")
    faults_n, pictures = 0, []
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        for kind, borders in kinds:
            with tempfile.TemporaryDirectory(prefix="svodka-pictures-") as folder:
                for taken in take(browser, Path(folder), borders=borders, only=args.scene):
                    faults_n += keep(kind, taken)
                    pictures.append(msgspec.structs.replace(taken, png=b""))
        browser.close()
    rooms = load_rooms(load_demonstration(ROOT / "profiles" / "kuzbass" / "sources.toml"))
    print(*describe_letters(pictures, rooms), f"{len(pictures)} pictures, {faults_n} faults", sep="\n")
    return 1 if faults_n else 0


if __name__ == "__main__":
    sys.exit(main())
