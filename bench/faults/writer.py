"""A writer under load, to be killed: `python -m bench.faults.writer <database url> <home>`.

Every line on standard input begins a life: a child that stores page after page as the product does and tells the
number of the newest change after every commit. A life is told as `pid`, `ack`, … and, by its parent, `ended`.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from svodka.domain.errors import StorageUnavailableError
from svodka.domain.records import AppealRecord, AppealStatus, Completeness, PollResult
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.commit import commit_page
from svodka.profiles.model import SourceConfig
from svodka.profiles.reader import load_profile
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from tests.polled_region import VENDOR

SOURCE = "writer"
PAGE_RECORDS = 40
_BEGAN_AT = datetime(2026, 11, 18, 6, tzinfo=UTC)
_AREAS_N = 10


def main() -> int:
    """Live as often as asked."""
    url, home = sys.argv[1], Path(sys.argv[2])
    profile = load_profile("kuzbass")
    classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, VENDOR)))
    database = open_database(url)
    migrate(database)
    database.close()
    _tell("ready")
    for life, _line in enumerate(sys.stdin):
        pid = os.fork()
        if pid == 0:
            _live(url, classifier, life)
        os.waitpid(pid, 0)
        _tell("ended")
    return 0


def _live(url: str, classifier: Classifier, life: int) -> None:
    """Store pages until killed; never returns."""
    _tell(f"pid {os.getpid()}")
    source = SourceConfig(
        id=SOURCE, name=SOURCE, connector="open311", records="appeals", channel="pos", url="http://127.0.0.1:9",
        interval_s=1, ageing_s=60, stale_s=120, dead_s=240,
    )  # fmt: skip
    database = open_database(url)
    draw, number = Random(f"writer {life}"), 0  # noqa: S311 - invented facts
    areas = classifier.profile.areas[:_AREAS_N]
    while True:
        number += 1
        at = _BEGAN_AT + timedelta(minutes=life, milliseconds=number)
        records = tuple(
            AppealRecord(
                foreign_id=f"{draw.randrange(life + 1)}-{draw.randrange(2000)}", received_at=_BEGAN_AT, updated_at=at,
                status=draw.choice(list(AppealStatus)), text="Invented.", area_name=draw.choice(areas).name,
            )
            for _ in range(PAGE_RECORDS)
        )  # fmt: skip
        page = PollResult(
            records=records, rejected=(), cursor=f"{life}/{number}", source_time_at=at,
            completeness=Completeness.COMPLETE, read_n=len(records),
        )  # fmt: skip
        _store(database, classifier, source, page, at)


def _store(database: Database, classifier: Classifier, source: SourceConfig, page: PollResult, at: datetime) -> None:
    try:
        head = commit_page(database, classifier, source, page, at).head
    except StorageUnavailableError:  # the server was killed: this life ends soon
        return
    _tell(f"ack {head} {page.cursor}")


def _tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
