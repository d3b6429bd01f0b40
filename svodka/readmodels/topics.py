"""What people write about: appeals by topic beside the same hours a week ago (темы). Source: docs/kpi.md, `topic_…`."""

from __future__ import annotations

import math
from typing import Literal

from svodka.domain.hours import hour_start
from svodka.profiles.model import Topic
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import TopicCount, TopicsValue
from svodka.readmodels.windows import Span
from svodka.storage.queries import by_topic

NEW_N = 5  # fewer than so many of a topic that had none are no news
CLEAR = 2.5  # in standard deviations of the difference of two counts: chance does that once in 160 times

Trend = Literal["new", "rising", "falling", "steady"]


def compute_topics(moment: Moment, scope: Scope) -> TopicsValue:
    """Return every topic of the scope, most received first; the topic «прочие» comes last whatever its number."""
    windows = moment.windows
    span = windows.last_168_hours if scope.period == "week" else windows.last_24_hours
    # Compared are whole hours alone: the present one has not come as far as the same hour a week ago went.
    full = Span(span.from_at, hour_start(moment.now, moment.profile.zone))
    before = full.week_earlier()
    counts, counts_full, counts_before = by_topic.count_by_topic(
        moment.connection,
        tuple((one.from_at, one.to_at) for one in (span, full, before)),
        area=scope.area,
        sector=scope.sector,
    )
    is_known = moment.is_covered(before)

    def count(topic: Topic) -> TopicCount:
        n, n_full, n_before = (found.get(topic.id, 0) for found in (counts, counts_full, counts_before))
        return TopicCount(
            topic=topic.id,
            received=n,
            change=n_full - n_before if is_known else None,
            trend=decide_trend(n_full, n_before) if is_known else None,
        )

    topics = [topic for topic in moment.profile.topics if scope.sector in {None, topic.sector}]
    rows = sorted(((topic.other, count(topic)) for topic in topics), key=lambda pair: (pair[0], -pair[1].received))
    return TopicsValue(
        topics=tuple(row for _, row in rows),
        has_other=any(topic.other for topic in topics),
        received=sum(counts.values()),
        change=sum(counts_full.values()) - sum(counts_before.values()) if is_known else None,
    )


def decide_trend(now_n: int, then_n: int) -> Trend:
    """Return how a count compares with the one of a span as long, a week earlier.

    Source: two counts that chance alone makes differ have a difference of variance `now_n + then_n` (Poisson).
    """
    if then_n == 0:
        return "new" if now_n >= NEW_N else "steady"
    if abs(now_n - then_n) < CLEAR * math.sqrt(now_n + then_n):
        return "steady"
    return "rising" if now_n > then_n else "falling"
