"""docs/connecting.md, followed to the letter: its commands in a shell, in a home of their own, at the simulator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datasources.registry import build_connector, check_against
from svodka.domain.clock import SystemClock, monotonic_s
from svodka.profiles.reader import load_profile

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "connecting.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def blocks_with(*words: str) -> list[str]:
    """Return the shell blocks that hold one of the words, in the order of the page."""
    return [block for block in BLOCKS if any(word in block for word in words)]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The simulator as the page starts it, but on any free port and with a table at once."""
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, "app.py", "simulate", "--day", "--port", "0", "--folder", str(home / "inbox")]
    process = subprocess.Popen([*command, "--every", "60"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        begun_s = monotonic_s()
        while not list(home.glob("inbox/*.csv")):
            assert monotonic_s() - begun_s < 60
            threading.Event().wait(0.05)
        yield address, home
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def shell(simulator) -> Callable[[str], str]:
    """Run a block of the page; return what it said."""
    address, home = simulator
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def run(block: str) -> str:
        block = block.replace("http://127.0.0.1:8090", address)
        environment = {**os.environ, "SVODKA_HOME": str(home), "PATH": path}
        done = subprocess.run(
            ["bash", "-c", block], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout + done.stderr

    return run


def test_a_file_is_described_and_checked_as_the_page_says(simulator, shell):
    _, home = simulator
    guess, check = blocks_with("mapping guess", "mapping check")
    assert re.search(r"rows: (\d+) read, \1 stored, 0 set aside", shell(guess))
    file = home / "table.toml"
    assert "# ?" in file.read_text("utf-8")
    first = next(line for line in guess.splitlines() if line.startswith("FILE="))
    assert re.search(r"rows: (\d+) read, \1 stored, 0 set aside", shell(f"{first}\n{check}"))
    profile = load_profile("kuzbass", str(file))
    source = profile.sources[0]
    check_against(source, profile)
    build_connector(source, SystemClock(), folders=[home / "inbox"]).close()


def test_a_service_is_described_and_mended_as_the_page_says(simulator, shell):
    """Each step says what the page says it does."""
    _, home = simulator
    curl, *blocks = blocks_with("open-sesame-token", "service.toml")
    assert '"items":[{' in shell(curl)
    token, describe, check, allow, pages, start = blocks
    shell(token)
    assert (home / "token").stat().st_mode & 0o777 == 0o600
    shell(describe)
    assert "leads to the private address" in shell(check)
    assert "status_unknown state" in shell(allow)
    whole = shell(pages)
    assert re.search(r"read (\d+) in \d+ page\(s\): \1 would be stored, 0 set aside", whole)
    assert re.search(r"topic found: (\d+) of \1", whole)
    assert "SVODKA_SOURCES=$SVODKA_HOME/service.toml python app.py" in start


def test_what_check_shows_is_masked_and_says_what_to_do(simulator, shell):
    _, home = simulator
    text = PAGE.split("cat > $SVODKA_HOME/service.toml <<END\n")[1].split("END\n")[0]
    (home / "other.toml").write_text(text.replace('"$SVODKA_HOME/token"', f'"{home}/absent"'), encoding="utf-8")
    said = shell("python app.py check --sources $SVODKA_HOME/other.toml")
    assert "http.bearer_file" in said
    assert "docs/connecting.md" in said
    assert "name one source" in shell("python app.py check")
    assert "Traceback" not in said


def test_check_says_that_a_pushing_source_is_not_asked(simulator, shell):
    _, home = simulator
    described = (
        (ROOT / "datasources/webhook/README.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    )
    (home / "push.toml").write_text(f'[provenance]\nsource = "x"\ndate = "2026-11-22"\n{described}', encoding="utf-8")
    assert "city-portal is not asked" in shell(
        "python app.py check --sources $SVODKA_HOME/push.toml --source city-portal"
    )
