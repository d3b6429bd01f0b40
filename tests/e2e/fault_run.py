"""One run of the fault harness in a process of its own: `python -m tests.e2e.fault_run WORD JSON`.

The harness opens proxies, browsers and event loops; none of them may meet those of other tests.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import msgspec

from bench.faults.crash_points import crash_everywhere
from bench.faults.kills import kill_repeatedly
from bench.faults.run import run_once
from bench.faults.stage import Options
from svodka.domain.codec import decode, encode_text
from tests.e2e.product import ROOT

WORDS = {
    "faults": lambda words: run_once(Options(**words)),
    "crash": lambda words: crash_everywhere(**words),
    "kill": lambda words: kill_repeatedly(**words),
}


def run_faults(word: str, limit_s: float, **words: Any) -> dict[str, Any]:
    """Return the report of a run as JSON tells it; fails with what the run printed when it gives none."""
    command = [sys.executable, "-m", "tests.e2e.fault_run", word, encode_text(words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=limit_s, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return dict(decode(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    report = msgspec.to_builtins(WORDS[sys.argv[1]](decode(sys.argv[2])), str_keys=True)
    print(encode_text(report))  # noqa: T201 - for run_faults
