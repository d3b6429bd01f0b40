"""The archivist: a process of its own that builds and keeps archives for one web process (docs/adr/0241).

`python -m svodka.past.archivist` reads questions from its input, one line of JSON each, and answers on its output
(`svodka.past.asking`). It ends when its input does. It only ever reads the product's database.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

import structlog

from svodka.domain.clock import SystemClock, clock_from_spec
from svodka.domain.codec import encode
from svodka.domain.errors import StorageUnavailableError
from svodka.domain.masking import mask
from svodka.observability.logs import configure_logs
from svodka.past.asking import Refusal, Told, read_question
from svodka.past.shelf import NoSuchMomentError, Shelf
from svodka.profiles.reader import load_profile
from svodka.settings import read_settings
from svodka.storage.database import open_database

_NICENESS = 5  # who pushes to the walls comes first
_NEWS = 0.02


def serve(shelf: Shelf, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions in their order until there are no more."""
    for line in questions:
        told_share = 0.0

        def note(share: float) -> None:
            nonlocal told_share
            if share - told_share >= _NEWS:
                told_share = share
                _write(answers, Told(progress=share))

        try:
            snapshot = shelf.show(read_question(line), note)
        except NoSuchMomentError as error:
            _write(answers, Told(refusal=error.refusal, first_at=error.first_at))
        except StorageUnavailableError:
            _write(answers, Told(refusal=Refusal.FAILED))  # told once by the database
        except Exception:  # noqa: BLE001 - one moment that cannot be built must not take the others with it
            structlog.get_logger(part="archivist").exception("moment_failed")
            _write(answers, Told(refusal=Refusal.FAILED))
        else:
            _write(answers, Told(size=len(snapshot)), snapshot)


def _write(answers: BinaryIO, told: Told, body: bytes = b"") -> None:
    answers.write(encode(told) + b"\n" + body)
    answers.flush()


def main() -> int:
    """Serve the process that started this one; return 0."""
    os.nice(_NICENESS)
    os.umask(0o077)
    settings = read_settings()
    configure_logs(settings.log_level, "archivist", SystemClock().now, mask)
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # what anything prints is no answer
    database = open_database(settings.sqlalchemy_url)
    shelf = Shelf(database, load_profile(settings.profile, settings.sources), clock_from_spec(settings.clock))
    try:
        serve(shelf, sys.stdin.buffer, answers)
    except BrokenPipeError:
        return 0  # nobody waits any more
    finally:
        shelf.close()
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
