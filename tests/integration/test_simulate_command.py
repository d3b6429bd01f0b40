"""`python app.py simulate` as a process."""

import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest

from svodka.domain.clock import monotonic_s

ROOT = Path(__file__).resolve().parents[2]


def start(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "app.py", "simulate", *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_it_serves_until_it_is_told_to_end() -> None:
    """The address is printed, the region is served, SIGTERM is a clean end."""
    process = start("--port", "0", "--day", "--speed", "60")
    try:
        address = process.stdout.readline().strip()
        with urlopen(f"{address}/open311/social/v2/services.json", timeout=20) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--day", "--speed", "fast"), "--speed fast is neither"),
        (("--day", "--speed", "0"), "--speed 0 is neither"),
        (("--day", "--push", "http://127.0.0.1:1/ingest/x"), "--push needs --push-secret"),
        (("--day", "--push", "ftp://x/", "--push-secret", "README.md"), "--push ftp://x/ is no http address"),
        (("--replay", "nowhere.jsonl"), "there is no recording at nowhere.jsonl"),
        (("--replay", "README.md", "--time-zone", "Mars/Base"), "is not the name of a zone"),
    ],
)
def test_what_it_cannot_use_is_one_clear_sentence(options: tuple[str, ...], sentence: str) -> None:
    """Non-zero exit, no traceback."""
    process = start("--port", "0", *options)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert sentence in errors
    assert len(errors.strip().splitlines()) == 1


def test_it_puts_tables_into_a_folder(tmp_path: Path) -> None:
    """The first one is there soon after the region is ready."""
    process = start("--port", "0", "--day", "--folder", str(tmp_path / "inbox"), "--every", "0.1")
    try:
        process.stdout.readline()
        begun_s = monotonic_s()
        while not list(tmp_path.glob("inbox/appeals-*.csv")):
            assert monotonic_s() - begun_s < 60
            assert process.poll() is None
            threading.Event().wait(0.05)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
