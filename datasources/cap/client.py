"""Reads one address that gives CAP alerts, and the documents that its entries link to.

A poll reads the whole feed. Linked documents are read once, some at a poll; what they told is remembered in the
cursor. Links lead to the source's own host, or to those that the operator named, and there without its secret.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, tostring

import msgspec

from datasources._toolkit.cursors import read_cursor
from datasources._toolkit.documents import MAX_RAW_CHARS, parse_xml
from datasources._toolkit.http import HttpClient
from datasources._toolkit.limits import HttpLimits
from datasources._toolkit.params import check_brings, check_kinds_and_levels, read_params, read_zone
from datasources.cap.cursor import Chain, Cursor, digest, group, messages_of
from datasources.cap.feeds import Item, items_of
from datasources.cap.messages import Message, is_alert, read_key, read_message
from datasources.cap.normalise import Normaliser, Skip, record_at, skip_reason
from datasources.cap.params import Params
from svodka.domain import codec
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import (
    RecordUnreadableError,
    SourceContractBrokenError,
    SourceUnavailableError,
)
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Completeness, IncidentRecord, PollResult, Rejected
from svodka.profiles.model import Profile, SourceConfig

_LINKS_FOR_S = 60.0
_CHAINS_PER_ENTRY = 2
# A document may come to its place a little later than the entry that links to it.
_ATTEMPTS = 5


def connect(source: SourceConfig, clock: Clock) -> CapConnector:
    """Build the connector of one source.

    Args:
        source: The source, its url complete.
        clock: The product's clock.

    Returns:
        The connector; it has asked nothing yet.

    Raises:
        ProfileError: The params are unusable, or the source is not one of incidents.
    """
    check_brings(source, "incidents")
    return CapConnector(source, read_params(source, Params), clock)


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that the maps lead to kinds and levels of the region.

    Raises:
        ProfileError: One leads to nothing.
    """
    params = read_params(source, Params)
    levels = (rule.level for rule in params.levels)
    check_kinds_and_levels(source, profile, kinds=params.kinds.values(), levels=levels)


def anew_from(cursor: str) -> str:
    """Return a position in which no linked document has been read.

    Incidents stay: one that the feed no longer names is ended by its time, and by nothing else.

    Raises:
        SourceContractBrokenError: It is no position of this connector.
    """
    return codec.encode_text(msgspec.structs.replace(read_cursor(cursor, Cursor), links={}, failed={}))


class _Page:
    """What one poll has gathered."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.rejected: list[Rejected] = []
        self.skipped: Counter[Skip] = Counter()
        self.links: dict[str, tuple[str, ...]] = {}
        self.failed: dict[str, int] = {}
        self.answered: set[str] = set()
        self.keys_of_link: dict[str, tuple[str, ...]] = {}
        self.waits = False
        self.read_n = 0

    @property
    def has_gaps(self) -> bool:
        """Whether something is named here that could not be read: then absence says nothing."""
        unread = any(each.reason is RejectReason.LINK_UNREAD for each in self.rejected)
        return unread or self.skipped[Skip.LINK_UNAVAILABLE] > 0


class CapConnector:
    """One source of alerts."""

    def __init__(self, source: SourceConfig, params: Params, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._clock = clock
        self._zone = read_zone(source)
        self._normaliser = Normaliser(params)
        self._http = HttpClient(params.http, clock, home=source.url)
        limits = params.http
        # No secret, no client certificate; and `allow_private` is said of the source's own host, not of others.
        bare = HttpLimits(
            connect_s=limits.connect_s,
            read_s=limits.read_s,
            total_s=limits.total_s,
            max_bytes=limits.max_bytes,
            ca_file=limits.ca_file,
            allowed_hosts=limits.allowed_hosts,
        )
        self._elsewhere = HttpClient(bare, clock)

    def poll(self, cursor: str | None) -> PollResult:
        """Read the whole feed and some of its links (see `svodka.domain.records.Connector`)."""
        now = self._clock.now()
        answer = self._http.fetch(self._source.url, self._params.query)
        before = read_cursor(cursor, Cursor) if cursor else Cursor(read_at=answer.source_time_at or now)
        items = items_of(parse_xml(answer), max_entries=self._params.max_entries)
        page = _Page()
        waiting: list[tuple[str, str, Item]] = []
        for item in items:
            if item.alerts:
                self._read_alerts(item.alerts, page, open_ended=item.open_ended)
            else:
                self._note_link(item, page, before, waiting)
        self._follow(sorted(waiting, key=lambda each: before.failed.get(each[0], 0)), page, before)
        records, chains = self._stand(page, before, now)
        position = Cursor(
            read_at=max(before.read_at, answer.source_time_at or now),
            chains=chains,
            links=page.links,
            failed=page.failed,
        )
        return PollResult(
            records=tuple(records),
            rejected=tuple(page.rejected),
            cursor=codec.encode_text(position),
            source_time_at=answer.source_time_at,
            completeness=Completeness.PARTIAL if page.waits else Completeness.COMPLETE,
            lists_all_open=self._params.lists_all_open and not page.has_gaps,
            read_n=page.read_n,
            skipped={reason.value: n for reason, n in page.skipped.items()},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
        self._elsewhere.close()

    def _read_alerts(self, alerts: tuple[Element, ...], page: _Page, *, open_ended: bool) -> tuple[str, ...]:
        """Read the messages of one entry or document; return the keys of those that tell of incidents."""
        keys: list[str] = []
        for alert in alerts:
            page.read_n += 1
            try:
                message = read_message(alert, self._zone, self._params.time_formats, open_ended=open_ended)
                skip = skip_reason(message)
            except RecordUnreadableError as error:
                page.rejected.append(_rejected(alert, error, _key_or_none(alert)))
                continue
            if skip is not None:
                page.skipped[skip] += 1
                continue
            page.messages.append(message)
            keys.append(message.key)
        return tuple(keys)

    def _note_link(self, item: Item, page: _Page, before: Cursor, waiting: list[tuple[str, str, Item]]) -> None:
        """Note a linked document as known, as waiting, or as one that may not be read."""
        if not item.link:
            page.read_n += 1
            error = RecordUnreadableError(RejectReason.NOT_AN_OBJECT, "the entry has neither an alert nor a link")
            page.rejected.append(_rejected(item.element, error, None))
            return
        key = digest(f"{item.link}\n{item.changed}")
        if key in before.links:
            page.links[key] = before.links[key]
            page.read_n += len(before.links[key])
            return
        url, refusal = self._resolve(item.link)
        if refusal:
            page.read_n += 1
            error = RecordUnreadableError(RejectReason.LINK_UNREAD, refusal)
            page.rejected.append(_rejected(item.element, error, None))
            return
        waiting.append((key, url, item))

    def _resolve(self, link: str) -> tuple[str, str]:
        """Return a link's whole address, or why it is not followed."""
        if not self._params.follow_links:
            return "", "links are not followed (follow_links)"
        try:
            url = urljoin(self._source.url, link)
            other = urlsplit(url)
            same = self._is_own(url)
            named = {other.hostname or "", f"{other.hostname}:{other.port}"} & set(self._params.link_hosts)
        except ValueError:
            return "", "the link is no address"
        if other.scheme not in {"http", "https"} or "@" in other.netloc:
            return "", "the link is no plain http or https address"
        if not same and not named:
            return "", f"the link leads to {other.netloc[:100]}, which link_hosts does not name"
        return url, ""

    def _is_own(self, url: str) -> bool:
        """Return whether an address is of the source itself; http in place of https is not, and gets no secret."""
        own, other = urlsplit(self._source.url), urlsplit(url)
        return (own.scheme, own.hostname, own.port) == (other.scheme, other.hostname, other.port)

    def _follow(self, waiting: list[tuple[str, str, Item]], page: _Page, before: Cursor) -> None:
        """Read linked documents, those first that have not failed before; an outage ends it until the next poll."""
        began_s = monotonic_s()
        for at, (key, url, item) in enumerate(waiting):
            if at >= self._params.max_links or (at and monotonic_s() - began_s > _LINKS_FOR_S):
                page.skipped[Skip.LINK_WAITS] += len(waiting) - at
                page.waits = True
                page.failed |= {each: before.failed[each] for each, _, _ in waiting[at:] if each in before.failed}
                return
            try:
                self._read_document(key, url, page)
            except SourceUnavailableError:
                page.failed[key] = before.failed.get(key, 0) + 1
                page.failed |= {each: before.failed[each] for each, _, _ in waiting[at + 1 :] if each in before.failed}
                page.skipped[Skip.LINK_UNAVAILABLE] += 1
                page.skipped[Skip.LINK_WAITS] += len(waiting) - at - 1
                return
            except SourceContractBrokenError as error:
                page.read_n += 1
                refusal = RecordUnreadableError(RejectReason.LINK_UNREAD, str(error))
                page.rejected.append(_rejected(item.element, refusal, None))
                page.failed[key] = before.failed.get(key, 0) + 1
                # A certificate or an address that is refused says nothing of the document: somebody will mend it.
                was_answered = key in page.answered or error.status is not None
                if was_answered and page.failed[key] >= _ATTEMPTS:
                    del page.failed[key]
                    page.links[key] = ()

    def _read_document(self, key: str, url: str, page: _Page) -> None:
        answer = (self._http if self._is_own(url) else self._elsewhere).fetch(url)
        page.answered.add(key)
        root = parse_xml(answer)
        alerts = tuple(element for element in root.iter() if is_alert(element))
        if not 0 < len(alerts) <= self._params.max_entries:
            message = f"the linked document holds {len(alerts)} alerts"
            raise SourceContractBrokenError(message)
        page.keys_of_link[key] = self._read_alerts(alerts, page, open_ended=False)

    def _stand(self, page: _Page, before: Cursor, now: datetime) -> tuple[list[IncidentRecord], dict[str, Chain]]:
        """Return the incidents to tell of, and what to remember."""
        chains: dict[str, Chain] = {}
        roots: dict[str, str] = {}
        for root, messages in group(page.messages, before.chains).items():
            known = before.chains.get(root)
            roots |= {message.key: root for message in messages}
            page.skipped[Skip.SUPERSEDED] += len(messages) - 1
            *earlier, newest = messages
            if known is not None and known.standing.sent_at > newest.sent_at:
                page.skipped[Skip.SUPERSEDED] += 1
                chains[root] = known
                continue
            standing = self._normaliser.stand(newest, earlier, known.standing if known else None, root)
            if standing is None:
                page.skipped[Skip.CANCEL_OF_UNKNOWN] += 1
                continue
            chains[root] = Chain(standing=standing, messages=messages_of(messages, known))
        for key, keys in page.keys_of_link.items():
            page.links[key] = tuple(dict.fromkeys(roots[each] for each in keys))
        for root in (root for told in page.links.values() for root in told):
            if root in before.chains:
                chains.setdefault(root, before.chains[root])
        order = dict.fromkeys([roots[message.key] for message in page.messages])
        told = [root for root in [*order, *chains] if root in chains]
        records = [record_at(chains[root].standing, now) for root in dict.fromkeys(told)]
        for root, chain in before.chains.items():
            over_at = chain.standing.over_at
            if root in chains or over_at is None:
                continue
            if over_at > now:
                chains[root] = chain
            else:
                records.append(record_at(chain.standing, now))
        page.skipped = +page.skipped
        return records, self._bounded(chains)

    def _bounded(self, chains: dict[str, Chain]) -> dict[str, Chain]:
        """Return the newest chains: a feed of ever new alerts does not make the cursor grow without end."""
        most = self._params.max_entries * _CHAINS_PER_ENTRY
        if len(chains) <= most:
            return chains
        newest = sorted(chains, key=lambda root: chains[root].standing.sent_at)[-most:]
        return {root: chains[root] for root in newest}


def _rejected(element: Element, error: RecordUnreadableError, foreign_id: str | None) -> Rejected:
    try:
        raw = tostring(element, encoding="unicode")[:MAX_RAW_CHARS]
    except RecursionError:
        raw = ""
    return Rejected(reason=error.reason, foreign_id=foreign_id, detail=error.detail[:256], raw=raw, word=error.word)


def _key_or_none(alert: Element) -> str | None:
    try:
        return read_key(alert)
    except RecordUnreadableError:
        return None
