"""The simulated incidents as a system of alerts tells them: CAP 1.2 in Atom, whole, linked or with bad manners. Pure.

Each event of an incident is a message, which names those before it; a closed incident is cancelled without a word of
content.

- `/alerts.atom`: the newest message of each incident, whole, and a drill.
- `/alerts-index.atom`: links to `/alerts/<message>.cap`.
- `/alerts-rough.atom`: the whole chains, the newest message first, each naming only the one before it, each entry
  twice, among entries that cannot be read: without an id, with a time that is none, with a link to another host, empty.

Source: OASIS CAP 1.2; RFC 4287.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from xml.sax.saxutils import escape

from simulator.georeport import Response
from simulator.history import KnownIncident
from simulator.lives import IncidentEvent, SimIncident

ENDED_SHOWN = timedelta(hours=2)
SENDER = "alerts@simulator.invalid"
UNREADABLE_N = 4
_IN_FORCE_FOR = timedelta(days=4)  # longer than any simulated incident lasts
_HALF_SIDE_DEGREES = 0.01
_SEVERITIES = {1: "Extreme", 2: "Severe", 3: "Moderate"}
_ATOM = "application/atom+xml; charset=utf-8"
_CAP = "application/cap+xml; charset=utf-8"


class AlertsDesk:
    """Writes alerts of what is known.

    Args:
        ranks: Rank of each level, 1 the gravest.
        zone: Local time of the region, in which times are told.
    """

    def __init__(self, ranks: dict[str, int], zone: tzinfo) -> None:
        self._ranks = ranks
        self._zone = zone

    def answer(self, parts: Sequence[str], known: Sequence[KnownIncident], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address.

        Args:
            parts: The address.
            known: Incidents that are open or ended within `ENDED_SHOWN`.
            now: The server's clock.

        Returns:
            The answer.
        """
        newest = [(each.incident, each.incident.events.index(each.state)) for each in known]
        match parts:
            case ["alerts.atom"]:
                return self._feed([*(self._message(*each) for each in newest), self._drill(now)], now)
            case ["alerts-index.atom"]:
                return self._write_feed((self._linked(*each) for each in newest), now)
            case ["alerts-rough.atom"]:
                return self._rough(newest, now)
            case ["alerts", name] if name.endswith(".cap"):
                found = {f"{_name(*each)}.cap": each for each in newest}.get(name)
                return None if found is None else Response(200, _CAP, self._message(*found).encode())
            case _:
                return None

    def _rough(self, newest: Sequence[tuple[SimIncident, int]], now: datetime) -> Response:
        chains = [self._message(incident, at, named_n=1) for incident, last in newest for at in range(last, -1, -1)]
        bad = [
            self._drill(now).replace("<identifier>", "<!--").replace("</identifier>", "-->"),
            self._drill(now).replace("<sent>", "<sent>on "),
        ]
        entries = [_entry(at, message) for at, message in enumerate([*chains, *chains, *bad])]
        far = '<entry><id>far</id><link type="application/cap+xml" href="http://alerts.invalid/1.cap"/></entry>'
        return self._write_feed([*entries, far, "<entry><id>empty</id></entry>"], now)

    def _feed(self, messages: Iterable[str], now: datetime) -> Response:
        return self._write_feed((_entry(at, message) for at, message in enumerate(messages)), now)

    def _write_feed(self, entries: Iterable[str], now: datetime) -> Response:
        lines = [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:simulator:alerts</id><title>Alerts</title>',
            f"<updated>{self._local(now)}</updated>",
            *entries,
            "</feed>",
        ]
        return Response(200, _ATOM, "\n".join(lines).encode())

    def _linked(self, incident: SimIncident, at: int) -> str:
        name = _name(incident, at)
        return (
            f"<entry><id>{name}</id><updated>{self._local(incident.events[at].at)}</updated>"
            f'<link rel="alternate" type="application/cap+xml" href="alerts/{name}.cap"/></entry>'
        )

    def _message(self, incident: SimIncident, at: int, *, named_n: int | None = None) -> str:
        event = incident.events[at]
        is_over = not event.status.is_open
        first = 0 if named_n is None else max(at - named_n, 0)
        earlier = " ".join(
            f"{SENDER},{_name(incident, each)},{self._local(incident.events[each].at)}" for each in range(first, at)
        )
        return (
            '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
            f"<identifier>{_name(incident, at)}</identifier><sender>{SENDER}</sender>"
            f"<sent>{self._local(event.at)}</sent><status>Actual</status>"
            f"<msgType>{'Cancel' if is_over else 'Update' if at else 'Alert'}</msgType><scope>Public</scope>"
            + (f"<references>{earlier}</references>" if earlier else "")
            + ("" if is_over else self._info(incident, event))
            + "</alert>"
        )

    def _info(self, incident: SimIncident, event: IncidentEvent) -> str:
        expires_at = event.at + _IN_FORCE_FOR
        return (
            f"<info><category>Other</category><event>{escape(incident.title)}</event><urgency>Immediate</urgency>"
            f"<severity>{_SEVERITIES.get(self._ranks[event.level], 'Minor')}</severity><certainty>Observed</certainty>"
            f"<eventCode><valueName>kind</valueName><value>{incident.kind}</value></eventCode>"
            f"<onset>{self._local(incident.started_at)}</onset><expires>{self._local(expires_at)}</expires>"
            f"<headline>{escape(incident.title)}</headline>"
            f"<area><areaDesc>{escape(incident.area_name)}</areaDesc>{_shape(incident)}</area></info>"
        )

    def _drill(self, now: datetime) -> str:
        sent = self._local(now.replace(hour=0, minute=0, second=0, microsecond=0))
        return (
            '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
            f"<identifier>drill-{now:%y%m%d}</identifier><sender>{SENDER}</sender><sent>{sent}</sent>"
            "<status>Exercise</status><msgType>Alert</msgType><scope>Public</scope></alert>"
        )

    def _local(self, at: datetime) -> str:
        return at.astimezone(self._zone).isoformat()


def _name(incident: SimIncident, at: int) -> str:
    return f"{incident.id}.{at}"


def _entry(at: int, message: str) -> str:
    return f'<entry><id>urn:simulator:{at}</id><title>Alert</title><content type="text/xml">{message}</content></entry>'


def _shape(incident: SimIncident) -> str:
    """Return a circle, or for outages a square: both have the incident in their middle."""
    if incident.feed == "cards":
        return f"<circle>{incident.lat:.6f},{incident.lon:.6f} 0.5</circle>"
    south, north = incident.lat - _HALF_SIDE_DEGREES, incident.lat + _HALF_SIDE_DEGREES
    west, east = incident.lon - _HALF_SIDE_DEGREES, incident.lon + _HALF_SIDE_DEGREES
    corners = ((south, west), (south, east), (north, east), (north, west), (south, west))
    return f"<polygon>{' '.join(f'{lat:.6f},{lon:.6f}' for lat, lon in corners)}</polygon>"
