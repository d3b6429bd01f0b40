"""What a sources file may say about a source of alerts: `[source.params]`."""

from __future__ import annotations

import msgspec

from datasources._toolkit.limits import HttpLimits
from svodka.domain.records import IncidentStatus


class LevelRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level for alerts of certain words; an empty list fits every word.

    Attributes:
        level: Level of the profile.
        severity, urgency, certainty: CAP's own words, without regard to case.
    """

    level: str
    severity: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    certainty: tuple[str, ...] = ()


def _severities() -> tuple[LevelRule, ...]:
    """Return levels by CAP's severity; what is unlikely is never above the mildest."""
    return (
        LevelRule(level="low", certainty=("Unlikely",)),
        LevelRule(level="critical", severity=("Extreme",)),
        LevelRule(level="high", severity=("Severe",)),
        LevelRule(level="medium", severity=("Moderate",)),
        LevelRule(level="low", severity=("Minor",)),
    )


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one source of alerts.

    Attributes:
        languages: Which language of an alert in several is read: beginnings of language tags, the first that is there.
        levels: Rules from severity, urgency and certainty to levels of the profile; the first that fits decides. The
            default knows levels named critical, high, medium and low.
        kinds: Kinds of the profile by an event code (`name=value` or the value alone), an event or a category, asked
            in this order, without regard to case.
        areas: Municipalities, as the profile names them, by a geocode (`name=value` or the value alone) or by an
            area's description.
        status: Stage of an alert in force; CAP does not tell whether anybody is at work.
        default_expires_h: Hours after its sending at which an alert without `expires` is over.
        lists_all_open: The feed names every alert in force, so what is absent may have ended (together with the
            source's close_after_missing_polls).
        follow_links: Read entries that only link to their alert.
        link_hosts: Other hosts, `name` or `name:port`, that links may lead to; without it the source's own only.
        max_links: Linked documents read in one poll; the next one goes on.
        max_entries: Entries of a feed; one with more is refused.
        query: Constant parameters of the source's own address.
        time_formats: `strptime` forms of times that the toolkit does not know.
        http: Limits of one answer.
    """

    languages: tuple[str, ...] = ("ru", "en")
    levels: tuple[LevelRule, ...] = msgspec.field(default_factory=_severities)
    kinds: dict[str, str] = {}
    areas: dict[str, str] = {}
    status: IncidentStatus = IncidentStatus.IN_WORK
    default_expires_h: float = 24.0
    lists_all_open: bool = False
    follow_links: bool = True
    link_hosts: tuple[str, ...] = ()
    max_links: int = 20
    max_entries: int = 2000
    query: dict[str, str] = {}
    time_formats: tuple[str, ...] = ()
    http: HttpLimits = HttpLimits()

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing.

        Raises:
            ValueError: A number is out of its range, or `status` is that of an ended incident.
        """
        if min(self.default_expires_h, self.max_links, self.max_entries) <= 0:
            message = "default_expires_h, max_links and max_entries must be above 0"
            raise ValueError(message)
        if not self.status.is_open:
            message = "status is the stage of an alert in force and cannot be 'closed'"
            raise ValueError(message)
