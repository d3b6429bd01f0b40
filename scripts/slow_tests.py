"""The integration and browser tests, beside one another: both wait more than they work.

    python -m scripts.slow_tests

What the integration tests print is shown as it comes, what the browser tests print when they have ended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest")
TWO_SIDES = ("-n", "2", "--dist", "loadfile")  # the tests of a file stay together, for what they share


def main() -> int:
    """Run both and return 0 when both pass."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        browsers = subprocess.Popen([*PYTEST, *TWO_SIDES, "tests/e2e"], stdout=kept, stderr=subprocess.STDOUT)
        try:
            integration_code = subprocess.call([*PYTEST, "tests/integration"])
            browsers_code = browsers.wait()
        finally:
            browsers.terminate()  # after Ctrl-C; one that has ended does not mind
            browsers.wait()
        kept.seek(0)
        print(kept.read(), flush=True)
    return integration_code or browsers_code


if __name__ == "__main__":
    sys.exit(main())
