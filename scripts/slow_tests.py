"""The integration and browser tests, beside one another, in two processes each: they wait more than they work.

    python -m scripts.slow_tests

What the integration tests print is shown as it comes, what the browser tests print when they have ended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile")  # a file's tests share what they make


def main() -> int:
    """Run both and return 0 when both pass."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        browsers = subprocess.Popen([*PYTEST, "tests/e2e"], stdout=kept, stderr=subprocess.STDOUT)
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
