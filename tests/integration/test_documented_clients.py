"""The clients of docs/push.md work as they stand there."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from svodka.domain.clock import SystemClock
from tests.integration.pushing import Door, record, source_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "push.md"
CLIENTS = {"python": ("push.py", [sys.executable]), "sh": ("push.sh", ["sh"])}


@pytest.mark.parametrize("language", sorted(CLIENTS))
def test_a_documented_client_delivers(language, sqlite_database, tmp_path):
    """A stranger copies it; here it is run as it is, and with a wrong secret."""
    if language == "sh" and not (shutil.which("curl") and shutil.which("openssl")):
        pytest.skip("curl and openssl are not installed")
    name, words = CLIENTS[language]
    text = PAGE.read_text(encoding="utf-8")
    script = next(iter(re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)))
    (tmp_path / name).write_text(script, encoding="utf-8")
    (tmp_path / "records.json").write_bytes(msgspec.json.encode([record(1), record(2, text="Яма на дороге"), {}]))
    (tmp_path / "wrong").write_text("another secret than that of the source", encoding="utf-8")
    with contextlib.closing(Door(sqlite_database, source_of(tmp_path))) as door:
        door.real_clock.set(SystemClock().now())

        def push(secret):
            url = f"http://127.0.0.1:{door.port}/ingest/pushed"
            command = [*words, str(tmp_path / name), url, str(tmp_path / secret), str(tmp_path / "records.json")]
            return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout

        assert '"unsigned"' in push("wrong")
        assert '"stored":2' in push("secret")
        assert '"missing_id":1' in push("secret")
