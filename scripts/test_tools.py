"""Make sure that the programs which only tests and pictures need are on the machine.

redis-server, PostgreSQL and Chromium come from the system's packages. What is there is left alone; what is
missing is installed with apt-get by root, and anybody else is told what to install. Nothing is started:
tests start their own private servers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from svodka.reports.browser import find_browser

_POSTGRES_FOLDERS = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"))
# dpkg asks nobody, and a fresh package's service is not started (policy-rc.d answers 101: not allowed).
_POLICY = Path("/usr/sbin/policy-rc.d")


def find_redis() -> str | None:
    """Return the path of a Redis or Valkey server."""
    return shutil.which("valkey-server") or shutil.which("redis-server")


def find_postgres() -> str | None:
    """Return the path of PostgreSQL's `initdb`, also where Debian hides it."""
    hidden = (path for folder in _POSTGRES_FOLDERS for path in sorted(folder.glob("*/bin/initdb"), reverse=True))
    return shutil.which("initdb") or next((str(path) for path in hidden), None)


# Package: what finds the program it brings.
TOOLS: dict[str, Callable[[], str | None]] = {
    "redis-server": find_redis,
    "postgresql": find_postgres,
    "chromium": find_browser,
}


def find_missing() -> list[str]:
    """Return the packages whose programs are not there."""
    return [package for package, find in TOOLS.items() if find() is None]


def install(packages: list[str]) -> int:
    """Install with apt-get, without starting a service; return the exit code."""
    has_own_policy = _POLICY.exists()
    if not has_own_policy:
        _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        _POLICY.chmod(0o755)
    quiet = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    try:
        for command in ([*quiet, "update"], [*quiet, "install", "--no-install-recommends", *packages]):
            done = subprocess.run(["env", "DEBIAN_FRONTEND=noninteractive", *command], check=False)
            if done.returncode:
                return done.returncode
    finally:
        if not has_own_policy:
            _POLICY.unlink(missing_ok=True)
    return 0


def main() -> int:
    """Bring the machine to the state that the tests need and return the exit code."""
    missing = find_missing()
    if not missing:
        return 0
    words = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"The tests need: {words}. Install them with the system's package manager.", file=sys.stderr)
        return 1
    print(f"installing {words}")
    code = install(missing)
    still = find_missing()
    if code or still:
        print(f"apt-get could not install {' '.join(still) or words} (exit code {code}).", file=sys.stderr)
        return code or 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
