"""Tables of the database, the same on SQLite and PostgreSQL.

Facts (`appeals`, `incidents` and their versions) are never pruned; the change log is. Instants are aware
UTC in Python, `timestamptz` on PostgreSQL and microseconds since 1970 on SQLite, which has no such type.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant with microseconds."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use `timestamptz` where the database has it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - two native types
        """Refuse naive instants: they would be wrong by the region's offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"naive instant {value!r}"
            raise ValueError(message)
        if dialect.name == "postgresql":
            return value
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Return aware UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return EPOCH + timedelta(microseconds=value)


def microseconds(values: Sequence[datetime | None]) -> tuple[int | None, ...]:
    """Return instants as SQLite keeps them, a whole column at once.

    Raises:
        ValueError: One is naive: it would be wrong by the region's offset.
    """
    try:
        return tuple(None if value is None else (value - EPOCH) // _MICROSECOND for value in values)
    except TypeError as error:
        message = "a naive instant among those of a column"
        raise ValueError(message) from error


metadata = sa.MetaData(naming_convention=_NAMING)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# One row per counter; `seq` is taken inside the writing transaction, so its order is commit order.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

appeals = sa.Table(
    "appeals",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("source_id", sa.String(64), nullable=False),
    sa.Column("foreign_id", sa.String(256), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("sector", sa.String(64), nullable=False),
    sa.Column("topic", sa.String(64), nullable=False),
    sa.Column("topic_reason", sa.String(32), nullable=False),
    sa.Column("area", sa.String(64)),
    sa.Column("area_reason", sa.String(32), nullable=False),
    sa.Column("body", sa.String(64)),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("feed_at", Instant, nullable=False),
    sa.Column("updated_at", Instant),
    sa.Column("answered_at", Instant),
    sa.Column("due_at", Instant),
    sa.Column("due_basis", sa.String(16), nullable=False),
    sa.Column("due_norm", sa.String(64)),
    sa.Column("rating", sa.SmallInteger),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("point_state", sa.String(32), nullable=False),
    sa.Column("moved", sa.Boolean, nullable=False),
    sa.Column("repeat_of", sa.String(256)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("valid_at", Instant, nullable=False),
    sa.Column("known_at", Instant, nullable=False),
    sa.UniqueConstraint("source_id", "foreign_id"),
    sa.Index("ix_appeals_feed", "feed_at", "id"),
    # Rows and receipts of one area, one sector.
    sa.Index("ix_appeals_area_feed", "area", "feed_at", "id"),
    sa.Index("ix_appeals_sector_feed", "sector", "feed_at", "id"),
)
# The few whose receipt was corrected: all others are found by their place in the feed.
_is_corrected = appeals.c.received_at != appeals.c.feed_at
sa.Index(
    "ix_appeals_corrected_receipt",
    appeals.c.received_at,
    sqlite_where=_is_corrected,
    postgresql_where=_is_corrected,
)
# Terms, also those of one area or sector, are counted from the first two alone, without a look at the rows.
_is_open, _is_done = appeals.c.is_open == sa.true(), appeals.c.is_open == sa.false()
sa.Index(
    "ix_appeals_open_due",
    *(appeals.c.due_at, appeals.c.sector, appeals.c.due_basis, appeals.c.due_norm, appeals.c.area),
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
sa.Index(
    "ix_appeals_done_due",
    *(appeals.c.due_at, appeals.c.answered_at, appeals.c.area, appeals.c.sector),
    sqlite_where=_is_done,
    postgresql_where=_is_done,
)
sa.Index(
    "ix_appeals_answered",
    *(appeals.c.answered_at, appeals.c.area, appeals.c.sector, appeals.c.rating),
    sqlite_where=_is_done,
    postgresql_where=_is_done,
)

# What was known of an appeal and when: one row per version that a source told, also one older than the current.
appeal_versions = sa.Table(
    "appeal_versions",
    metadata,
    sa.Column("appeal_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("valid_at", Instant, nullable=False),
    sa.Column("known_at", Instant, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("applied", sa.Boolean, nullable=False),
    sa.Column("is_reversal", sa.Boolean, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Index("ix_appeal_versions_known_at", "known_at"),
)

# Which appeals tell of one problem; an appeal that nothing was joined with has no row. None: a person took it out.
problem_appeals = sa.Table(
    "problem_appeals",
    metadata,
    sa.Column("appeal_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("problem_id", sa.BigInteger),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("like_id", sa.BigInteger),
    sa.Column("joined_at", Instant, nullable=False),
    sa.Index("ix_problem_appeals_problem_id", "problem_id"),
)

# By what later appeals are recognised as the same (`svodka.ingest.clues`), and the appeal that told it.
problem_clues = sa.Table(
    "problem_clues",
    metadata,
    sa.Column("clue", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("area", sa.String(64), primary_key=True),
    sa.Column("appeal_id", sa.BigInteger, nullable=False),
    sa.Column("house", sa.BigInteger),
    sqlite_with_rowid=False,
)

# What people decided about problems: who, when, and what has to be put back to undo it.
problem_decisions = sa.Table(
    "problem_decisions",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("link_id", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("problem_id", sa.BigInteger, nullable=False),
    sa.Column("other_id", sa.BigInteger),
    sa.Column("moved", sa.Text, nullable=False),
    sa.Column("undone_at", Instant),
    sa.Column("undone_link_id", sa.String(32)),
    sa.Index("ix_problem_decisions_problem_id", "problem_id"),
)

# The few that went back, for a source's passport.
sa.Index(
    "ix_appeal_versions_reversal",
    appeal_versions.c.appeal_id,
    sqlite_where=appeal_versions.c.is_reversal == sa.true(),
    postgresql_where=appeal_versions.c.is_reversal == sa.true(),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("source_id", sa.String(64), nullable=False),
    sa.Column("foreign_id", sa.String(256), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("level", sa.String(64), nullable=False),
    sa.Column("area", sa.String(64)),
    sa.Column("area_reason", sa.String(32), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("close_reason", sa.String(16)),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("updated_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("affected_n", sa.Integer),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("point_state", sa.String(32), nullable=False),
    sa.Column("moved", sa.Boolean, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("missing_polls", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("valid_at", Instant, nullable=False),
    sa.Column("known_at", Instant, nullable=False),
    sa.UniqueConstraint("source_id", "foreign_id"),
    sa.Index("ix_incidents_open", "is_open", "source_id"),
)

incident_versions = sa.Table(
    "incident_versions",
    metadata,
    sa.Column("incident_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("valid_at", Instant, nullable=False),
    sa.Column("known_at", Instant, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("applied", sa.Boolean, nullable=False),
    sa.Column("is_reversal", sa.Boolean, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Index("ix_incident_versions_known_at", "known_at"),
)

sa.Index(
    "ix_incident_versions_reversal",
    incident_versions.c.incident_id,
    sqlite_where=incident_versions.c.is_reversal == sa.true(),
    postgresql_where=incident_versions.c.is_reversal == sa.true(),
)

# Counts that numbers are made of, one row for each series, instant and name (`svodka.analytics.rollups`).
# On SQLite rollups are stored in the order of their key, so that a span of hours is read in one piece (4 times faster).
rollup_counts = sa.Table(
    "rollup_counts",
    metadata,
    sa.Column("series", sa.String(32), primary_key=True),
    sa.Column("at", Instant, primary_key=True),
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Time to answer in whole minutes, by the local hour of the answer: the median is exact to the minute.
rollup_answer_minutes = sa.Table(
    "rollup_answer_minutes",
    metadata,
    sa.Column("hour_at", Instant, primary_key=True),
    sa.Column("minutes", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

change_log = sa.Table(
    "change_log",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Index("ix_change_log_at", "at"),
)

# Cursor and health of every source; the cursor moves only in the transaction that stores what it passed.
sources = sa.Table(
    "sources",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("cursor", sa.Text),
    sa.Column("last_attempt_at", Instant),
    sa.Column("last_success_at", Instant),
    sa.Column("last_complete_at", Instant),
    sa.Column("source_time_at", Instant),
    sa.Column("lag_s", sa.Double),
    sa.Column("failures_n", sa.Integer, nullable=False),
    sa.Column("error_kind", sa.String(64), nullable=False),
    sa.Column("error_text", sa.Text, nullable=False),
    sa.Column("next_poll_at", Instant),
    sa.Column("polls_total", sa.BigInteger, nullable=False),
    sa.Column("read_total", sa.BigInteger, nullable=False),
    sa.Column("records_total", sa.BigInteger, nullable=False),
    sa.Column("quarantined_total", sa.BigInteger, nullable=False),
    # The present run of complete answers without any record (docs/adr/0012): how many, since when.
    sa.Column("empty_polls_n", sa.Integer, nullable=False),
    sa.Column("empty_since_at", Instant),
    sa.Column("covered_from_at", Instant),
    # What operators asked for: left alone since when and by whom; read anew from when, until that is done.
    sa.Column("paused_at", Instant),
    sa.Column("paused_by", sa.String(128), nullable=False, server_default=""),
    sa.Column("begin_at", Instant),
    # How many of its records are in quarantine.
    sa.Column("quarantined_n", sa.Integer, nullable=False, server_default="0"),
)

# What the wall says of a source, as it was from an instant on (svodka.storage.source_states); later packed by hours.
source_states = sa.Table(
    "source_states",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("at", Instant, primary_key=True),
    sa.Column("last_attempt_at", Instant),
    sa.Column("last_complete_at", Instant),
    sa.Column("last_success_at", Instant),
    sa.Column("lag_s", sa.Double),
    sa.Column("failures_n", sa.Integer, nullable=False),
    sa.Column("error_kind", sa.String(64), nullable=False),
    sa.Column("next_poll_at", Instant),
    sa.Column("records_total", sa.BigInteger, nullable=False),
    sa.Column("quarantined_total", sa.BigInteger, nullable=False),
    sa.Column("quarantined_n", sa.Integer, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("covered_from_at", Instant),
    sqlite_with_rowid=False,
)
source_state_hours = sa.Table(
    "source_state_hours",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("hour_at", Instant, primary_key=True),
    sa.Column("packed", sa.LargeBinary, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("raw_hash", sa.String(32), primary_key=True),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("foreign_id", sa.String(256)),
    sa.Column("detail", sa.String(256), nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
    sa.Column("seen_n", sa.Integer, nullable=False),
    sa.Index("ix_quarantine_foreign_id", "source_id", "foreign_id"),
)

# What systems that push have delivered, for as long as a repetition must be known as one (docs/adr/0170).
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
    sa.Column("delivery_id", sa.String(128)),
    sa.Column("body_hash", sa.String(32), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.UniqueConstraint("source_id", "delivery_id"),
    sa.Index("ix_deliveries_at", "source_id", "at"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

access_links = sa.Table(
    "access_links",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("label", sa.String(128), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("one_time", sa.Boolean, nullable=False),
    sa.Column("briefing_id", sa.String(32)),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("used_at", Instant),
    sa.Column("revoked_at", Instant),
)

# Who changed what and when, by a page for operators.
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("link_id", sa.String(32), nullable=False),
    sa.Column("who", sa.String(128), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("detail", sa.String(500), nullable=False),
    sa.Index("ix_journal_subject", "subject"),
)

# What operators wish of a source; whoever holds its lease takes a wish and does it (docs/adr/0167).
wishes = sa.Table(
    "wishes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("from_at", Instant),
    sa.Column("wished_at", Instant, nullable=False),
    sa.Column("wished_by", sa.String(128), nullable=False),
    sa.Column("taken_at", Instant),
    sa.Column("done_at", Instant),
    sa.Column("is_whole", sa.Boolean, nullable=False),
    sa.Column("read_n", sa.Integer, nullable=False),
    sa.Column("stored_n", sa.Integer, nullable=False),
    sa.Column("waiting_n", sa.Integer, nullable=False),
    sa.Column("again_n", sa.Integer, nullable=False),
    sa.Column("unseen_n", sa.Integer, nullable=False),
    sa.Index("ix_wishes_source_id", "source_id", "id"),
    sa.Index("ix_wishes_taken_at", "taken_at"),
)

# What is unusual about a source, once for each subject. Subjects come from outside: cut, and bounded in number.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.String(80), primary_key=True),
    sa.Column("detail", sa.String(200), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
    sa.Column("acknowledged_at", Instant),
    sa.Column("acknowledged_by", sa.String(128), nullable=False),
)

# Which fields a source's answers had, for noticing new and vanished ones.
source_fields = sa.Table(
    "source_fields",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
)

# How many new records a source brought in each hour, for noticing unusual hours.
source_hours = sa.Table(
    "source_hours",
    metadata,
    sa.Column("source_id", sa.String(64), primary_key=True),
    sa.Column("hour_at", Instant, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

# Where every wall stands, and what it is told of itself: JSON of svodka.director.
walls = sa.Table(
    "walls",
    metadata,
    sa.Column("wall", sa.String(64), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
)

# Appeals in each cell of the map's grid, counted now and then (svodka.storage.cells). Row and column -1: no point.
map_cells = sa.Table(
    "map_cells",
    metadata,
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("lat_step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("lon_step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("area", sa.String(64), primary_key=True),
    sa.Column("sector", sa.String(64), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# When they were last counted.
map_counts = sa.Table(
    "map_counts",
    metadata,
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("counted_at", Instant, nullable=False),
)

# What all scenes showed at one instant, kept for good: what was shown to people must be there to be looked at again.
moments = sa.Table(
    "moments",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("epoch", sa.String(64), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("saved_by", sa.String(128), nullable=False),
)

moment_scenes = sa.Table(
    "moment_scenes",
    metadata,
    sa.Column("moment_id", sa.String(32), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("scene", sa.String(128), primary_key=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("panels", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

briefings = sa.Table(
    "briefings",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("wall", sa.String(64), nullable=False),
    sa.Column("is_shown", sa.Boolean, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("saved_by", sa.String(128), nullable=False),
)

briefing_showings = sa.Table(
    "briefing_showings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("briefing_id", sa.String(32), nullable=False),
    sa.Column("place", sa.String(160), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("from_at", Instant, nullable=False),
    sa.Column("until_at", Instant, nullable=False),
    sa.Index("ix_briefing_showings_briefing_id", "briefing_id", "id"),
)

packs = sa.Table(
    "packs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment_id", sa.String(32), nullable=False),
    sa.Column("formats", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("steps", sa.Integer, nullable=False),
    sa.Column("what", sa.String(128), nullable=False),
    sa.Column("error", sa.String(300), nullable=False),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("schedule", sa.String(64)),
    sa.Column("due_at", Instant),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("asked_by", sa.String(128), nullable=False),
    sa.Column("alive_at", Instant),
    sa.Column("ended_at", Instant),
    sa.UniqueConstraint("schedule", "due_at", name="uq_packs_schedule_due_at"),
    sa.Index("ix_packs_state", "state", "id"),
    sa.Index("ix_packs_moment_id", "moment_id", "id"),
)
