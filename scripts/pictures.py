"""Take and inspect pictures of the wall: `make pictures`.

A quiet and a busy moment and the extreme states, at 1920x1080 and 3840x2160, with schematic areas and, where
the borders lie beside the repository, with real ones. Everything goes to var/pictures; only the busy wall with
schematic areas goes to docs/pictures/wall.png, with few colours so that it stays small. Every picture is inspected
first (tests/e2e/inspect.py); the faults are printed and make the exit code 1.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from svodka.profiles.model import Profile
from tests.e2e.demonstration import Truth, load_demonstration, write_fast_sources
from tests.e2e.extremes import EXTREMES, load_snapshot, show
from tests.e2e.product import ROOT, Product, run_word
from tests.e2e.screen import Screen, launch_browser

SIZES = ((1920, 1080), (3840, 2160))
SCRATCH = ROOT / "var" / "pictures"
README_PICTURE = ROOT / "docs" / "pictures" / "wall.png"
README_LIMIT_BYTES = 400_000
BORDERS = ROOT.parent / "shared" / "data" / "boundaries"
DAY = date(2026, 11, 18)  # a Wednesday
_COLOURS = 128


def find_moments(profile: Profile) -> dict[str, datetime]:
    """Return the moments to picture, in order: the dead of night, and the height of the day's accident."""
    quiet = datetime(DAY.year, DAY.month, DAY.day, 3, 0, tzinfo=profile.zone)
    truth = Truth(profile, first_poll_at=quiet)
    hours = [quiet + timedelta(hours=hour) for hour in range(4, 20)]
    busy = max(hours, key=lambda at: sum(row["affected_n"] or 0 for row in truth.incidents(at) if row["accident"]))
    return {"quiet": quiet, "busy": busy}


def take(browser: Browser, folder: Path, *, borders: Path | None) -> Iterator[tuple[str, Screen]]:
    """Start a product and yield every state of its wall as (name, screen)."""
    sources = write_fast_sources(folder)
    profile = load_demonstration(sources)
    product = Product(folder, sources=str(sources))
    moments = find_moments(profile)
    product.set_clock(moments["quiet"])
    if borders:
        prepare_borders(product, borders)
    truth = Truth(profile, first_poll_at=moments["quiet"])
    try:
        product.start().wait_healthy()
        for moment, at in moments.items():
            product.set_clock(at)
            for width, height in SIZES:
                screen = Screen(browser, product.url, width=width, height=height)
                screen.open("/wall")
                truth.wait_shown(screen, at)
                yield f"{moment}-{width}", screen
                screen.close()
        snapshot = load_snapshot(product.home, profile, moments["busy"])
        for name, change in EXTREMES.items():
            screen = Screen(browser, product.url)
            show(screen, change(snapshot, profile))
            yield f"{name}-1920", screen
            screen.close()
    finally:
        product.close()


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


def picture_all(browser: Browser, kind: str, borders: Path | None) -> int:
    """Take every picture of one kind of map and return how many faults were found."""
    faults_n = 0
    with tempfile.TemporaryDirectory(prefix="svodka-pictures-") as folder:
        for name, screen in take(browser, Path(folder), borders=borders):
            found = screen.inspect()
            png = screen.page.screenshot()
            (SCRATCH / f"{kind}-{name}.png").write_bytes(png)
            print(f"{kind}-{name}.png: {found.texts_n} texts, {found.labels_n} labels, {len(found.faults)} faults")
            for fault in found.faults:
                print(f"  {fault}")
            faults_n += len(found.faults)
            if (kind, name) == ("schematic", "busy-1920"):
                size = save_small(png, README_PICTURE)
                print(f"{README_PICTURE.relative_to(ROOT)}: {size} bytes")
                faults_n += size > README_LIMIT_BYTES
    return faults_n


def main() -> int:
    """Take all pictures; return 1 when the inspection found a fault."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    kinds: list[tuple[str, Path | None]] = [("schematic", None)]
    if BORDERS.exists():
        kinds.append(("official", BORDERS))
    else:
        print("No borders beside the repository: pictures with schematic areas only.")
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        faults_n = sum(picture_all(browser, kind, borders) for kind, borders in kinds)
        browser.close()
    print(f"{faults_n} faults")
    return 1 if faults_n else 0


if __name__ == "__main__":
    sys.exit(main())
