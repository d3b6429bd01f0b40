"""What the page «Доклады» fills again and again: lists with buttons, states in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from dash import html
from dash.development.base_component import Component

from layouts.pages.briefing import act_id
from svodka.briefings.keeping import Briefing
from svodka.briefings.model import Annotation, GivenOrder
from svodka.i18n.catalogue import Catalogue
from svodka.storage.briefings import Showing
from svodka.storage.links import StoredLink
from svodka.storage.moments import StoredMoment
from svodka.storage.packs import PackState, StoredPack

_MEGABYTE = 1_000_000


class Words(msgspec.Struct, frozen=True):
    """The language and the zone of what is said."""

    words: Catalogue
    zone: ZoneInfo

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key with its places filled."""
        return self.words.word(key).format(**values)

    def at(self, moment: datetime) -> str:
        """Return a local date and time."""
        return f"{moment.astimezone(self.zone):%d.%m.%Y %H:%M}"

    def day(self, moment: datetime) -> str:
        """Return a local date."""
        return f"{moment.astimezone(self.zone):%d.%m.%Y}"

    def clock(self, moment: datetime) -> str:
        """Return a local time of day with its seconds."""
        return f"{moment.astimezone(self.zone):%H:%M:%S}"


def render_list(moments: Sequence[StoredMoment], opened: str, say: Words) -> Component:
    """Return the briefings, the newest first."""
    if not moments:
        return html.P(say("briefing.nothing"), className="desk-quiet")
    return html.Ul(
        [
            html.Li(
                [
                    html.A(moment.title, href=f"?briefing={moment.id}", **_current(moment.id == opened)),
                    html.Div(f"{say.at(moment.at)} · {moment.id} · {moment.saved_by}", className="desk-quiet"),
                ],
                className="is-chosen" if moment.id == opened else "",
            )
            for moment in moments
        ],
        className="briefing-list",
    )


def _current(is_current: bool) -> dict[str, Any]:
    return {"aria-current": "true"} if is_current else {}


def render_head(
    briefing: Briefing, walls: Mapping[str, str], say: Words, *, is_broken: bool = False
) -> list[Component]:
    """Return the name of the opened briefing, its moment and where it is shown; `is_broken`: the wall left it."""
    row, moment = briefing.row, briefing.moment
    state = say("briefing.state.rest")
    if row.is_shown:
        place = walls.get(row.wall, row.wall) or say("briefing.by_link_only")
        key = "briefing.state.broken" if is_broken else "briefing.state.shown"
        state = say(key, page=briefing.page_n, of=len(briefing.story.pages), where=place)
    return [
        html.H2(briefing.story.title),
        html.P(say("briefing.of_moment", at=say.at(moment.at), id=moment.id), className="desk-quiet"),
        html.P(state, className="briefing-state" + (" is-shown" if row.is_shown else "")),
    ]


def render_pages(briefing: Briefing, chosen: int, say: Words, *, is_broken: bool = False) -> Component:
    """Return the pages with their buttons; the one that is being edited is marked."""
    rows = []
    for n, page in enumerate(briefing.story.pages, start=1):
        title = briefing.scenes.get(page.scene, page.scene)
        shown = briefing.row.is_shown and n == briefing.page_n and not is_broken
        rows.append(
            html.Tr(
                [
                    html.Td(str(n), className="is-number"),
                    html.Th(
                        [
                            html.A(
                                title, href=f"/wall?briefing={briefing.moment.id}&scene={page.scene}", target="_blank"
                            ),
                            html.Div(say("briefing.is_shown") if shown else "", className="briefing-state is-shown"),
                        ],
                        scope="row",
                    ),
                    html.Td(page.notes, className="briefing-words"),
                    html.Td(str(len(page.annotations) or "")),
                    html.Td(
                        html.Div(_page_buttons(n, title, len(briefing.story.pages), say), className="desk-actions")
                    ),
                ],
                className="is-chosen" if n == chosen else "",
            )
        )
    left = [scene for scene in briefing.scenes if scene not in {page.scene for page in briefing.story.pages}]
    more = [_small("add", scene, say("briefing.add_page", title=briefing.scenes[scene])) for scene in left]
    heads = ("number", "scene", "notes", "boxes", "do")
    head = html.Thead(html.Tr([html.Th(say(f"briefing.head.{name}"), scope="col") for name in heads]))
    return html.Div([html.Table([head, html.Tbody(rows)], className="desk-table"), *more])


def _page_buttons(n: int, title: str, of: int, say: Words) -> list[Component]:
    return [
        _small("go", n, say("briefing.go"), about=title),
        _small("edit", n, say("briefing.edit"), about=title),
        _small("up", n, "↑", about=f"{say('briefing.up')}: {title}", disabled=n == 1),
        _small("down", n, "↓", about=f"{say('briefing.down')}: {title}", disabled=n == of),
        _small("drop", n, "✕", about=f"{say('briefing.drop')}: {title}", disabled=of == 1),
    ]


def _small(do: str, n: object, label: str, *, about: str = "", disabled: bool = False) -> Component:
    named: dict[str, Any] = {"aria-label": f"{label}: {about}" if label.isalpha() and about else about or label}
    return html.Button(
        label, id=act_id(do, n), className="desk-button briefing-small", type="button", disabled=disabled, **named
    )


def render_boxes(annotations: Sequence[Annotation], say: Words) -> Component:
    """Return the text boxes of the page that is being edited."""
    if not annotations:
        return html.P(say("briefing.no_boxes"), className="desk-quiet")
    return html.Ul(
        [
            html.Li(
                [
                    f"{box.text} ({say('briefing.box_place', column=box.column, row=box.row, span=box.span)}) ",
                    _small("unbox", n, "✕", about=f"{say('briefing.drop')}: {box.text}"),
                ]
            )
            for n, box in enumerate(annotations, start=1)
        ]
    )


def render_orders(orders: Sequence[GivenOrder], say: Words) -> Component:
    """Return the orders given."""
    if not orders:
        return html.P(say("briefing.no_orders"), className="desk-quiet")
    heads = [html.Th(say(f"report.order.{name}"), scope="col") for name in ("number", "text", "body", "due")]
    rows = [
        html.Tr(
            [
                html.Td(str(order.number), className="is-number"),
                html.Td(order.text, className="briefing-words"),
                html.Td(order.body),
                html.Td("" if order.due_on is None else f"{order.due_on:%d.%m.%Y}"),
                html.Td(_small("unorder", order.number, "✕", about=f"{say('briefing.drop')}: {order.text}")),
            ]
        )
        for order in orders
    ]
    return html.Table([html.Thead(html.Tr([*heads, html.Th("")])), html.Tbody(rows)], className="desk-table")


def render_packs(packs: Sequence[StoredPack], say: Words) -> Component:
    """Return the packs of a briefing with how far each is."""
    if not packs:
        return html.P(say("briefing.no_packs"), className="desk-quiet")
    return html.Ul([html.Li(_pack(pack, say)) for pack in packs], className="briefing-packs")


def _pack(pack: StoredPack, say: Words) -> list[Any]:
    said = say(f"briefing.pack.{pack.state}", at=say.clock(pack.ended_at or pack.asked_at))
    head = html.Span(f"{pack.formats.replace(',', ', ').upper()}: {said}")
    if pack.state == PackState.DONE:
        size = say("briefing.pack_size", n=f"{pack.bytes / _MEGABYTE:.1f}".replace(".", ","))
        link = html.A(say("briefing.download"), href=f"/pack/{pack.id}.zip", className="briefing-download")
        return [
            link,
            " ",
            head,
            html.Span(f" {size}", className="desk-quiet"),
            html.Div(f"SHA-256 {pack.sha256}", className="desk-quiet briefing-hash"),
            *_lacks(pack, say),
        ]
    if pack.state == PackState.FAILED:
        return [head, html.Div(say(f"briefing.pack.error.{pack.error}"), className="desk-bad")]
    if pack.state not in {PackState.WAITING, PackState.MAKING}:
        return [head]
    share = f"{100 * pack.done // max(1, pack.steps)}%"
    about: dict[str, Any] = {
        "aria-valuenow": str(pack.done),
        "aria-valuemin": "0",
        "aria-valuemax": str(pack.steps),
        "aria-label": said,
    }
    bar = html.Div(
        html.Div(className="briefing-bar", style={"width": share}),
        className="briefing-track",
        role="progressbar",
        **about,
    )
    what = say("briefing.pack_at", done=pack.done, of=pack.steps, what=pack.what) if pack.steps else ""
    return [head, bar, html.Span(what, className="desk-quiet"), " ", _small("cancel", pack.id, say("briefing.cancel"))]


def _lacks(pack: StoredPack, say: Words) -> list[Component]:
    """Say which formats a finished pack lacks, and what to do."""
    if not pack.what:
        return []
    formats = pack.what.replace(",", ", ").upper()
    why = say(f"briefing.pack.error.{pack.error}")
    return [html.Div(f"{say('briefing.pack.lacks', formats=formats)} {why}", className="desk-bad")]


def render_links(links: Sequence[StoredLink], now: datetime, say: Words) -> Component:
    """Return the links to a briefing, the newest first."""
    if not links:
        return html.P(say("briefing.no_links"), className="desk-quiet")
    return html.Ul([html.Li(_link(link, now, say)) for link in reversed(links)])


def _link(link: StoredLink, now: datetime, say: Words) -> list[Any]:
    used = say("briefing.link_used", at=say.at(link.used_at)) if link.used_at else say("briefing.link_unused")
    if link.revoked_at is not None:
        return [f"{link.label}: {say('briefing.link_revoked', at=say.at(link.revoked_at))}; {used}"]
    if link.expires_at is not None and link.expires_at <= now:
        return [f"{link.label}: {say('briefing.link_ended', at=say.at(link.expires_at))}; {used}"]
    until = say("briefing.link_until", at=say.at(link.expires_at)) if link.expires_at else ""
    return [f"{link.label}: {until}; {used} ", _small("revoke", link.id, say("briefing.revoke"), about=link.label)]


def render_showings(
    showings: Sequence[Showing],
    briefing: Briefing,
    names: Mapping[str, str],
    say: Words,
    *,
    is_broken: bool = False,
) -> Component:
    """Return who was shown what and when, the newest first; `names` are those of walls and links."""
    if not showings:
        return html.P(say("briefing.no_showings"), className="desk-quiet")
    titles = [briefing.scenes.get(page.scene, page.scene) for page in briefing.story.pages]
    rows = []
    for showing in showings:
        kind, _, name = showing.place.partition(":")
        place = say(f"briefing.place.{kind}", name=names.get(name, name))
        title = titles[showing.page - 1] if showing.page <= len(titles) else ""
        is_newest = showing is next(one for one in showings if one.place == showing.place)
        goes_on = is_newest and kind == "wall" and briefing.row.is_shown and name == briefing.row.wall
        goes_on = goes_on and not is_broken
        until = say("briefing.goes_on") if goes_on else f"– {say.clock(showing.until_at)}"
        span = f"{say.day(showing.from_at)} {say.clock(showing.from_at)} {until}"
        rows.append(html.Tr([html.Td(span), html.Td(place), html.Td(f"{showing.page}. {title}")]))
    heads = [html.Th(say(f"briefing.head.{name}"), scope="col") for name in ("when", "where", "page")]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="desk-table")


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled export: what it is, when it is due next, and how the last one went."""

    title: str
    next_at: datetime
    last: StoredPack | None


def render_exports(rows: Sequence[ExportRow], say: Words) -> Component:
    """Return the scheduled exports; where there are none, how to have some."""
    if not rows:
        return html.P(say("briefing.no_exports"), className="desk-quiet")
    items = []
    for row in rows:
        told: list[Any] = [
            html.Div(row.title),
            html.Div(say("briefing.next_at", at=say.at(row.next_at)), className="desk-quiet"),
        ]
        if row.last is not None:
            due = row.last.due_at or row.last.asked_at
            told += [html.Div([f"{say.at(due)} · ", *_pack(row.last, say)])]
        items.append(html.Li(told))
    return html.Ul(items, className="briefing-list")
