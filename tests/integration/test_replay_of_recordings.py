"""Real recorded feeds through the real connector, ingest and storage, against a count made straight from the file."""

from __future__ import annotations

import logging
import lzma
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import structlog

from commands.replay import replay
from simulator.replay import Recording
from svodka.domain.reasons import Outcome
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.profiles.reader import load_profile
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.rollups import compute_rollups, load_rollups
from tests.replay_count import count_recording
from tests.table_dump import assert_same_tables, dump_tables

ROOT = Path(__file__).resolve().parents[2]
FEEDS = ROOT.parent / "shared" / "data" / "feeds-replay"
POLLS_N = 250
EXAMPLES = ROOT / "datasources" / "http_json" / "examples"


@pytest.fixture
def _quiet() -> Iterator[None]:
    """Without a line per poll: it would be all that a failure shows."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


def cut(recording: Path, target: Path) -> Path:
    """Write the first polls of a recording to a file of its own, and return it."""
    with lzma.open(recording, "rt", encoding="utf-8") as lines, lzma.open(target, "wt", encoding="utf-8") as kept:
        kept.writelines(islice(lines, POLLS_N))
    return target


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("_quiet")
@pytest.mark.parametrize(
    "feed",
    [
        ("esa_act_2024-01-10_2024-01-24.jsonl.xz", "canberra-esa.toml", 997),
        ("pge_outages_2022-04-09_2022-04-14.jsonl.xz", "pge-outages.toml", 1188),
    ],
)
def test_a_recorded_feed_ends_as_the_file_itself_says(feed, tmp_path, sqlite_url, postgres_url):
    """Every poll, every outcome and what is open at the end; and SQLite and PostgreSQL hold the same rows."""
    recording, sources_file, records = feed
    if not (FEEDS / recording).exists():
        pytest.skip(f"{FEEDS / recording} is not there: recordings are no part of the repository")
    path = cut(FEEDS / recording, tmp_path / recording)
    profile = load_profile("kuzbass", str(EXAMPLES / sources_file))
    geometry = ensure_geometry(tmp_path, profile, ROOT / "assets" / "vendor")
    classifier = Classifier(profile, AreaFinder(profile, geometry))
    recorded = Recording([path])
    count = count_recording(path, EXAMPLES / sources_file)
    assert (count.polls, len(count.known)) == (POLLS_N, records)
    dumps = []
    for url in (sqlite_url, postgres_url):
        database = open_database(url)
        migrate(database)
        summary = replay(database, classifier, profile.sources[0], recorded)
        assert summary.failed == 0
        told = {
            "polls": summary.polls,
            Outcome.STORED: summary.stored,
            Outcome.UPDATED: summary.updated,
            Outcome.DUPLICATE: summary.duplicates,
            Outcome.OUTDATED: summary.outdated,
            Outcome.QUARANTINED: sum(summary.quarantined.values()),
            "vanished": summary.vanished,
            "open": summary.open,
        }
        assert told == {
            "polls": count.polls,
            **{outcome: count.outcomes[outcome.value] for outcome in Outcome},
            "vanished": count.vanished,
            "open": len(count.open_ids),
        }
        dump = dump_tables(database)
        assert {row[2] for row in dump["incidents"] if row[8]} == count.open_ids
        with database.read() as connection:
            assert load_rollups(connection) == compute_rollups(connection, profile.zone)
        dumps.append(dump)
        database.close()
    assert_same_tables(*dumps)
