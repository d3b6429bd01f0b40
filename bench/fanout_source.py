"""The poller's part in bench.fanout: commits appeals in even steps and has the relay announce them.

    python -m bench.fanout_source --database URL --redis URL

For each line `SECONDS` on standard input: ten commits a second of ten appeals each, then one JSON line with when each
commit was done: [[number, monotonic seconds], …].
"""

from __future__ import annotations

import argparse
import sys
import time

from svodka.domain.changes import AppealRow, ChangeKind
from svodka.domain.clock import SystemClock
from svodka.domain.codec import encode_text
from svodka.realtime.relay import Relay
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import open_database

COMMITS_PER_S = 10
EVENTS_PER_COMMIT = 10


def main() -> None:
    """Commit on demand until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--redis", required=True)
    options = parser.parse_args()
    database, clock = open_database(options.database), SystemClock()
    relay = Relay(database, options.redis)
    relay.start()
    first = 0
    for line in sys.stdin:
        stamps = []
        began_s = time.monotonic()
        for n in range(int(float(line) * COMMITS_PER_S)):
            time.sleep(max(0.0, began_s + n / COMMITS_PER_S - time.monotonic()))
            now = clock.now()
            drafts = [_draft(first + k, now) for k in range(EVENTS_PER_COMMIT)]
            first += EVENTS_PER_COMMIT
            with database.write() as connection:
                head = append_changes(connection, drafts, now)
            stamps.append((head, time.monotonic()))
            relay.kick()
        print(encode_text(stamps), flush=True)
    relay.stop()
    database.close()


def _draft(key: int, now: object) -> Draft:
    row = AppealRow(
        id=key + 1,
        feed_at=now,
        known_at=now,
        topic="heating",
        sector="housing",
        area="north-town",
        channel="portal",
        source="portal-main",
        status="new",
        lat=53.757,
        lon=87.136,
        moved=False,
    )
    return Draft(kind=ChangeKind.APPEAL, key=str(row.id), op="put", appeal=row)


if __name__ == "__main__":
    main()
