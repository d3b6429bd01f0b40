"""Why a decision was taken: stored with the record and shown to people.

Every enumeration here is a closed list; a value is stored as text and has a word in `locales/` under
`reason.<enumeration>.<value>`.
"""

from __future__ import annotations

from enum import StrEnum


class RejectReason(StrEnum):
    """Why a record went to quarantine."""

    NOT_AN_OBJECT = "not_an_object"
    MISSING_ID = "missing_id"
    MISSING_TIME = "missing_time"
    TIME_UNREADABLE = "time_unreadable"
    TIME_IN_FUTURE = "time_in_future"
    WRONG_TYPE = "wrong_type"
    STATUS_UNKNOWN = "status_unknown"
    TOO_LARGE = "too_large"
    LINK_UNREAD = "link_unread"
    MISSING_WORDS = "missing_words"


class LossReason(StrEnum):
    """Why a span of a source is lost."""

    NOT_KEPT = "not_kept"  # the source keeps what was not fetched for a while only, and that is over
    TAKEN_ELSEWHERE = "taken_elsewhere"  # somebody else has fetched what the source hands out once


class NoticeKind(StrEnum):
    """What is unusual about a source."""

    STATUS_UNKNOWN = "status_unknown"
    FIELD_NEW = "field_new"
    FIELD_LOST = "field_lost"
    COUNT_NONE = "count_none"
    COUNT_LOW = "count_low"
    COUNT_HIGH = "count_high"
    LOSS = "loss"
    CLOCK_AHEAD = "clock_ahead"


class TopicReason(StrEnum):
    """How the topic of an appeal was found."""

    SOURCE_MAP = "source_map"
    KEYWORD = "keyword"
    OTHER = "other"


class AreaReason(StrEnum):
    """How the area (муниципальное образование) of a record was found."""

    SOURCE_NAME = "source_name"
    ADDRESS = "address"
    POINT_IN_BORDER = "point_in_border"
    NEAREST_CENTRE = "nearest_centre"
    UNKNOWN = "unknown"


class PointState(StrEnum):
    """What became of the coordinates that a source gave."""

    AS_GIVEN = "as_given"
    SWAPPED = "swapped"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    OUTSIDE_REGION = "outside_region"


class DueBasis(StrEnum):
    """Where the term (срок) of an appeal comes from."""

    RECORD = "record"
    NORM = "norm"
    NONE = "none"


class Outcome(StrEnum):
    """What ingest did with one record."""

    STORED = "stored"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    OUTDATED = "outdated"
    QUARANTINED = "quarantined"


class CloseReason(StrEnum):
    """Why an incident is closed."""

    SOURCE = "source"
    VANISHED = "vanished"


class JoinReason(StrEnum):
    """Why an appeal belongs to a problem."""

    FIRST = "first"
    REPEAT = "repeat"
    SAME_TEXT = "same_text"
    SAME_HOUSE = "same_house"
    SAME_SPOT = "same_spot"
    PERSON = "person"
