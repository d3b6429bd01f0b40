"""Random facts at moments that are hard: appeals and incidents whose instants lie on borders of definitions."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests import facts_factory as facts

ZONES = ["Asia/Novokuznetsk", "Asia/Kolkata", "Europe/Berlin", "America/Havana", "UTC"]
# Middle of histories: an ordinary day, and both changes of clocks in zones that have them.
MIDDLES = [
    datetime(2026, 3, 5, 7, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 2, 10, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 10, tzinfo=UTC),
    datetime(2026, 3, 8, 12, 0, tzinfo=UTC),
]


def borders(now, zone):
    """Return the instants at which definitions begin, end or look: where an off-by-one would show."""
    local = now.astimezone(ZoneInfo(zone))
    hour = now - timedelta(minutes=local.minute, seconds=local.second)
    midnights = [datetime.combine(local.date() - timedelta(days=days), time(), ZoneInfo(zone)) for days in (0, 7)]
    ends = [hour + timedelta(hours=1), hour - timedelta(hours=23), hour - timedelta(hours=167)]
    week_earlier = [at - timedelta(hours=168) for at in [now, hour, *ends]]
    return [now, now - timedelta(hours=1), hour, *ends, *week_earlier, *(at.astimezone(UTC) for at in midnights)]


@st.composite
def histories(draw):
    """Draw a zone, a moment, and appeals whose instants lie on borders of that moment or anywhere near."""
    zone = draw(st.sampled_from(ZONES))
    now = draw(st.sampled_from(MIDDLES)) + timedelta(minutes=draw(st.integers(-1500, 1500)))
    seconds = st.sampled_from([0, 0, 0, -1, 1]).map(lambda s: timedelta(seconds=s))
    on_border = st.builds(lambda at, off: at + off, st.sampled_from(borders(now, zone)), seconds)
    anywhere = st.integers(-17 * 24 * 60, 120).map(lambda minutes: now + timedelta(minutes=minutes))
    instants = on_border | anywhere

    def draw_appeal():
        received_at = draw(instants)
        status = draw(st.sampled_from(["new", "in_work", "answered", "answered", "rejected"]))
        is_done = status in {"answered", "rejected"}
        answered_at = draw(instants) if is_done else None
        due_at = draw(st.none() | instants | st.just(answered_at or received_at))
        return {
            "channel": draw(st.sampled_from(facts.CHANNELS)),
            "sector": draw(st.sampled_from(facts.SECTORS)),
            "area": draw(st.sampled_from([*facts.AREAS, None])),
            "status": status,
            "received_at": received_at,
            "feed_at": draw(st.just(received_at) | instants),
            "answered_at": answered_at,
            "due_at": due_at,
            "rating": draw(st.none() | st.integers(1, 5)) if is_done else None,
        }

    incident = st.fixed_dictionaries(
        {
            "area": st.sampled_from([*facts.AREAS, None]),
            "kind": st.sampled_from(["any", "heat"]),
            "level": st.sampled_from(facts.LEVELS),
            "is_open": st.booleans(),
            "started_at": anywhere,
        }
    )
    told = [draw_appeal() for _ in range(draw(st.integers(0, 14)))]
    history_from = draw(st.none() | instants)
    return (
        {"appeals": told, "incidents": draw(st.lists(incident, max_size=5)), "history_from": history_from},
        zone,
        now,
    )


NOTHING = {"appeals": [], "incidents": []}
