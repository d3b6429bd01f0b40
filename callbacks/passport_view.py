"""The list of sources and a source's passport as components; all words from the catalogue, all figures given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from layouts.pages.sources import NOTICE
from svodka.domain.reasons import NoticeKind
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile
from svodka.readmodels.passports import Passport, ShownNotice, SourceLine, Standing, next_poll_at
from svodka.storage.wishes import Wish, WishKind

Content = Component | str
CELL, ROW = "source", "row"
CELLS = ("standing", "data_at", "stored", "quarantined", "notices")
_HEADS = (
    "passport.col.name",
    "passport.col.standing",
    "passport.col.data_at",
    "passport.col.stored",
    "passport.col.quarantined",
    "passport.col.notices",
)
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_CLOCK_TOLD_S = 30
_MISSED_S = 60  # an answer may take as long
_FOLDER = "file://"
_SIGNS = {
    Standing.NEVER: "dead",
    Standing.DEAD: "dead",
    Standing.STALE: "stale",
    Standing.FAILING: "failing",
    Standing.AGEING: "ageing",
    Standing.FIRST: "ageing",
    Standing.PAUSED: "paused",
    Standing.READING: "fresh",
    Standing.FRESH: "fresh",
}
_STANDING_WORDS = {
    Standing.NEVER: "passport.standing.never",
    Standing.DEAD: "passport.standing.dead",
    Standing.STALE: "passport.standing.stale",
    Standing.FAILING: "passport.standing.failing",
    Standing.AGEING: "passport.standing.ageing",
    Standing.FIRST: "passport.standing.first",
    Standing.PAUSED: "passport.standing.paused",
    Standing.READING: "passport.standing.reading",
    Standing.FRESH: "passport.standing.fresh",
}
_TO_DO = {
    "SourceUnavailableError": "passport.todo.unavailable",
    "SourceContractBrokenError": "passport.todo.broken",
}
_TO_DO_PUSHED = "passport.todo.pushed"
_WISHES = {
    WishKind.POLL: "passport.wish.poll",
    WishKind.REFETCH: "passport.wish.refetch",
    WishKind.REPROCESS: "passport.wish.reprocess",
}


class Sayer:
    """Says instants, spans and counts in a language and a zone."""

    def __init__(self, words: Catalogue, zone: ZoneInfo) -> None:
        self.word = words.word
        self._zone = zone

    def at(self, instant: datetime | None, missing: str = "passport.none") -> str:
        """Return an instant in the region's zone, to the second."""
        return self.word(missing) if instant is None else f"{instant.astimezone(self._zone):%d.%m.%Y %H:%M:%S}"

    def minute(self, instant: datetime) -> str:
        """Return an instant to the minute, without its year."""
        return f"{instant.astimezone(self._zone):%d.%m %H:%M}"

    def span(self, seconds: float) -> str:
        """Return a span as two units at most: 12 с, 5 мин, 3 ч 20 мин, 2 сут 4 ч."""
        s = round(abs(seconds))
        unit = {name: self.word(f"unit.{name}") for name in ("second", "minute", "hour", "day")}
        if s < _MINUTE_S:
            return f"{s} {unit['second']}"
        if s < _HOUR_S:
            return f"{s // _MINUTE_S} {unit['minute']}"
        if s < _DAY_S:
            return f"{s // _HOUR_S} {unit['hour']} {s % _HOUR_S // _MINUTE_S} {unit['minute']}"
        return f"{s // _DAY_S} {unit['day']} {s % _DAY_S // _HOUR_S} {unit['hour']}"

    def ago(self, instant: datetime | None, now: datetime, missing: str = "passport.never") -> str:
        """Return an instant and how long ago it was."""
        if instant is None:
            return self.word(missing)
        return self.word("passport.ago").format(at=self.at(instant), span=self.span((now - instant).total_seconds()))

    @staticmethod
    def count(n: int) -> str:
        """Return a count with thin spaces between thousands."""
        return f"{n:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def render_list(lines: Sequence[SourceLine], chosen: str, say: Sayer) -> Component:
    """Return the table of all sources, in the given order; its cells are filled again by `fill_cell`."""
    if not lines:
        return html.P(say.word("passport.no_sources"), className="desk-quiet")
    head = html.Tr(
        [
            html.Th(say.word(key), scope="col", className="is-number" if place > 1 else "")
            for place, key in enumerate(_HEADS)
        ]
    )
    rows = [_row(line, chosen, say) for line in lines]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="desk-table")


def _row(line: SourceLine, chosen: str, say: Sayer) -> Component:
    source = line.source
    name = dcc.Link(source.name, href=f"?source={source.id}", refresh=False, className="source-name")
    cells = [
        html.Td(fill_cell(cell, line, say), id=cell_id(cell, source.id), className="" if place == 0 else "is-number")
        for place, cell in enumerate(CELLS)
    ]
    return html.Tr(
        [html.Td(name), *cells], id=cell_id(ROW, source.id), className=row_class(is_chosen=source.id == chosen)
    )


def cell_id(name: str, source_id: str) -> dict[str, str]:
    """Return the id of a cell of the list."""
    return {"type": f"{CELL}-{name}", "source": source_id}


def row_class(*, is_chosen: bool) -> str:
    """Return the class of a row of the list."""
    return "is-chosen" if is_chosen else ""


def fill_cell(name: str, line: SourceLine, say: Sayer) -> Content:
    """Return what stands in a cell of the list."""
    if name == "standing":
        return _standing(line, say)
    if name == "data_at":
        return say.at(line.health.last_complete_at, "passport.never")
    if name == "stored":
        return say.count(line.health.records_total)
    n = line.quarantined_n if name == "quarantined" else line.notices_n
    return html.Span(say.count(n), className="desk-bad" if n else "desk-quiet")


def _standing(line: SourceLine, say: Sayer) -> Component:
    age = "" if line.age_s is None else say.span(line.age_s)
    never_read = line.standing is Standing.PAUSED and not age
    key = "passport.standing.paused_empty" if never_read else _STANDING_WORDS[line.standing]
    text = say.word(key).format(age=age)
    sign = _SIGNS[line.standing]
    return html.Span([html.Span(className=f"stand stand--{sign}"), text], className=f"standing standing--{sign}")


def render_head(passport: Passport, say: Sayer, *, is_pushed: bool) -> list[Component]:
    """Return name, standing and, where something is wrong, what to do."""
    line, health = passport.line, passport.line.health
    parts: list[Component] = [html.Div([html.H2(line.source.name), _standing(line, say)], className="passport-head")]
    if health.paused_at is not None:
        text = say.word("passport.paused_since").format(at=say.at(health.paused_at), who=health.paused_by)
        parts.append(html.P(text, className="passport-note"))
    if health.error_kind:
        todo = say.word(_TO_DO_PUSHED if is_pushed else _TO_DO.get(health.error_kind, "passport.todo.fault"))
        count = say.word("passport.refused" if is_pushed else "passport.failures").format(
            n=health.failures_n, at=say.at(health.last_attempt_at)
        )
        error = say.word("passport.error").format(text=passport.error_text)
        parts.append(
            html.Div(
                [html.P([html.B(count), " ", todo]), html.P(error, className="passport-error")],
                className="passport-note passport-note--bad",
            )
        )
    if health.begin_at is not None:
        parts.append(
            html.P(say.word("passport.reading_from").format(at=say.at(health.begin_at)), className="passport-note")
        )
    return parts


def render_figures(
    passport: Passport, profile: Profile, now: datetime, say: Sayer, *, is_pushed: bool
) -> list[Component]:
    """Return what cannot be pressed: quarantine, figures, what is known of the source, what was done."""
    return [
        *_quarantine(passport, say),
        html.H3(say.word("passport.title.figures")),
        _pairs(_figures(passport, now, say, is_pushed=is_pushed)),
        html.H3(say.word("passport.title.about")),
        _pairs(_about(passport, profile, say, is_pushed=is_pushed)),
        *_history(passport, say),
    ]


def _pairs(pairs: Sequence[tuple[str, Content]]) -> Component:
    cells: list[Component] = []
    for term, said in pairs:
        cells += [html.Dt(term), html.Dd(said)]
    return html.Dl(cells, className="passport-pairs")


def _about(passport: Passport, profile: Profile, say: Sayer, *, is_pushed: bool) -> list[tuple[str, Content]]:
    source = passport.line.source
    channels = {channel.id: channel.name for channel in profile.channels}
    brings = say.word("passport.brings.appeals" if source.records == "appeals" else "passport.brings.incidents")
    cadence = "passport.pushed" if is_pushed else "passport.every"
    note: list[tuple[str, Content]] = [(say.word("passport.note"), source.note)] if source.note else []
    return [
        (say.word("passport.owner"), _given(source.owner, say)),
        (say.word("passport.legal_basis"), _given(source.legal_basis, say)),
        (say.word("passport.contact"), _given(source.contact, say)),
        *note,
        (say.word("passport.brings"), brings),
        (say.word("passport.channel"), channels.get(source.channel or "", say.word("passport.none"))),
        (say.word("passport.connector"), source.connector),
        (say.word("passport.cadence"), say.word(cadence).format(span=say.span(source.interval_s))),
    ]


def _given(text: str, say: Sayer) -> Content:
    return text or html.Span(say.word("passport.not_given"), className="desk-bad")


def _figures(passport: Passport, now: datetime, say: Sayer, *, is_pushed: bool) -> list[tuple[str, Content]]:
    line, health = passport.line, passport.line.health
    due_at = None if is_pushed else next_poll_at(line)
    pairs: list[tuple[str, Content]] = [
        (say.word("passport.last_success"), say.ago(health.last_success_at, now)),
        (say.word("passport.last_complete"), say.ago(health.last_complete_at, now)),
        (say.word("passport.completeness"), _completeness(line, say)),
        (say.word("passport.covered"), say.at(health.covered_from_at)),
        _source_time(line, now, say),
        (say.word("passport.read"), say.count(health.read_total)),
        (say.word("passport.stored"), say.count(health.records_total)),
        (
            say.word("passport.rejected"),
            say.word("passport.rejected_n").format(
                now=say.count(line.quarantined_n), total=say.count(health.quarantined_total)
            ),
        ),
        (say.word("passport.reversals"), say.count(passport.reversals_n)),
    ]
    if not is_pushed:
        pairs.append((say.word("passport.next"), _next(due_at, now, line, say)))
    return pairs


def _next(due_at: datetime | None, now: datetime, line: SourceLine, say: Sayer) -> Content:
    """Return when the source is asked next; a time that is long over was missed, because nobody polls."""
    late_s = 0.0 if due_at is None else (now - due_at).total_seconds()
    if late_s <= max(_MISSED_S, line.source.interval_s):
        return say.at(due_at, "passport.no_next")
    return html.Span(say.word("passport.missed").format(at=say.at(due_at)), className="desk-bad")


def _completeness(line: SourceLine, say: Sayer) -> Content:
    health = line.health
    if health.last_complete_at is None or health.begin_at is not None:
        return html.Span(say.word("passport.partial"), className="desk-bad")
    return say.word("passport.complete")


def _source_time(line: SourceLine, now: datetime, say: Sayer) -> tuple[str, Content]:
    """Return what is known of the source's own time: its clock, or of a folder, which has none, its newest file."""
    if line.source.url.startswith(_FOLDER):
        return say.word("passport.newest_file"), say.ago(line.health.source_time_at, now)
    return say.word("passport.clock"), _clock(line, say)


def _clock(line: SourceLine, say: Sayer) -> Content:
    if line.clock_ahead_s is None:
        return say.word("passport.clock_untold")
    if abs(line.clock_ahead_s) < _CLOCK_TOLD_S:
        return say.word("passport.clock_right")
    key = "passport.clock_ahead" if line.clock_ahead_s > 0 else "passport.clock_behind"
    return html.Span(say.word(key).format(span=say.span(line.clock_ahead_s)), className="desk-bad")


def render_notices(passport: Passport, say: Sayer, *, is_pushed: bool) -> list[Component]:
    """Return unusual things with their buttons."""
    if not passport.notices:
        return []
    rows = [_notice(notice, say, is_pushed=is_pushed) for notice in passport.notices]
    more = [html.P(say.word("passport.more").format(n=passport.more_notices_n))] if passport.more_notices_n else []
    return [html.H3(say.word("passport.title.notices")), html.Table(html.Tbody(rows), className="desk-table"), *more]


def _notice(notice: ShownNotice, say: Sayer, *, is_pushed: bool) -> Component:
    what: list[Content] = [html.B(say.word(f"reason.notice.{notice.kind.value}"))]
    if subject := _subject(notice, say):
        what += [": ", html.Span(subject, className="foreign-word")]
    if notice.acknowledged_at is None:
        label: dict[str, Any] = {"aria-label": f"{say.word('passport.seen')}: {subject}"}
        answer: Component = html.Button(
            say.word("passport.seen"),
            id={"type": NOTICE, "key": notice.key},
            className="desk-button",
            type="button",
            **label,
        )
    else:
        who = say.word("passport.seen_by").format(at=say.at(notice.acknowledged_at), who=notice.acknowledged_by)
        answer = html.Span(who, className="desk-quiet")
    times = say.word("passport.times").format(
        n=say.count(notice.n), first=say.minute(notice.first_seen_at), last=say.minute(notice.last_seen_at)
    )
    return html.Tr(
        [
            html.Td([html.Div(what), html.Div(_hint(notice.kind, say, is_pushed=is_pushed), className="desk-quiet")]),
            html.Td(times, className="desk-quiet"),
            html.Td(answer, className="is-number"),
        ]
    )


def _subject(notice: ShownNotice, say: Sayer) -> str:
    if notice.kind is NoticeKind.CLOCK_AHEAD:
        return say.span(float(notice.detail or 0))
    if notice.kind is NoticeKind.LOSS:
        from_at, _, to_at = notice.subject.partition("/")
        span = f"{_local(from_at, say)} – {_local(to_at, say)}"
        return f"{span}, {say.word(f'reason.loss.{notice.detail}')}"
    if notice.kind in {NoticeKind.COUNT_NONE, NoticeKind.COUNT_LOW, NoticeKind.COUNT_HIGH}:
        hour, _, counts = notice.detail.partition(" ")
        n, _, usual = counts.partition("/")
        return say.word("passport.count").format(day=notice.subject, hour=hour, n=n, usual=usual)
    return f"«{notice.subject}»"


def _local(text: str, say: Sayer) -> str:
    return say.at(datetime.fromisoformat(text)) if text else "?"


def _hint(kind: NoticeKind, say: Sayer, *, is_pushed: bool) -> str:
    if is_pushed and kind is NoticeKind.STATUS_UNKNOWN:
        return say.word("passport.hint.status_pushed")
    keys = {
        NoticeKind.STATUS_UNKNOWN: "passport.hint.status",
        NoticeKind.FIELD_NEW: "passport.hint.field_new",
        NoticeKind.FIELD_LOST: "passport.hint.field_lost",
        NoticeKind.COUNT_NONE: "passport.hint.count",
        NoticeKind.COUNT_LOW: "passport.hint.count",
        NoticeKind.COUNT_HIGH: "passport.hint.count",
        NoticeKind.LOSS: "passport.hint.loss",
        NoticeKind.CLOCK_AHEAD: "passport.hint.clock",
    }
    return say.word(keys[kind])


def _quarantine(passport: Passport, say: Sayer) -> list[Component]:
    counts = passport.line.quarantined
    if not counts:
        return []
    items = []
    for reason, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        shown = [html.Li(text, className="foreign-word") for text in passport.examples.get(reason, ())]
        title = html.P([say.word(f"reason.reject.{reason.value}"), ": ", html.B(say.count(n))])
        items.append(html.Div([title, html.Ul(shown)], className="rejected"))
    return [html.H3(say.word("passport.title.quarantine")), *items]


def _history(passport: Passport, say: Sayer) -> list[Component]:
    rows = [
        html.Li([html.B(say.word(_WISHES[wish.kind])), " ", *_wish(wish, say)], className="wish")
        for wish in passport.wishes
    ]
    done = [
        html.Li(f"{say.at(entry.at)} {entry.who}: {entry.detail}", className="desk-quiet") for entry in passport.entries
    ]
    parts: list[Component] = []
    if rows:
        parts += [html.H3(say.word("passport.title.wishes")), html.Ul(rows, className="passport-rows")]
    if done:
        parts += [html.H3(say.word("passport.title.journal")), html.Ul(done, className="passport-rows")]
    return parts


def _wish(wish: Wish, say: Sayer) -> list[Content]:
    said: list[Content] = [say.word("passport.wished").format(at=say.at(wish.wished_at), who=wish.wished_by), " "]
    if wish.from_at is not None:
        said += [say.word("passport.wish.from").format(at=say.at(wish.from_at)), " "]
    if wish.is_whole:
        said += [say.word("passport.wish.whole"), " "]
    if wish.taken_at is None:
        return [*said, html.Span(say.word("passport.wish.waits"), className="desk-bad")]
    if wish.kind is WishKind.POLL:
        return [*said, say.word("passport.wish.polled")]
    counts = say.word("passport.wish.read").format(read=say.count(wish.read_n), stored=say.count(wish.stored_n))
    if wish.done_at is None:
        return [*said, say.word("passport.wish.under_way"), " ", counts]
    said += [say.word("passport.wish.done").format(at=say.at(wish.done_at)), " ", counts]
    if wish.waiting_n:
        said.append(
            " "
            + say.word("passport.wish.quarantine").format(
                waiting=say.count(wish.waiting_n),
                released=say.count(wish.released_n),
                again=say.count(wish.again_n),
                unseen=say.count(wish.unseen_n),
            )
        )
    return said
