"""Callbacks of the page «Доклады»: nothing is painted by the callback that did it; lists are read anew."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, html, no_update

from callbacks import briefing_view as view
from callbacks.operating import Desk
from layouts import desk as frame
from layouts.pages import briefing as page
from svodka.briefings import keeping
from svodka.briefings.keeping import Briefing
from svodka.briefings.model import (
    Annotation,
    Story,
    Wrong,
    WrongChangeError,
    add_page,
    annotate,
    begin_story,
    give_order,
    make_id,
    move_page,
    remove_annotation,
    remove_page,
    set_notes,
    set_protocol,
    withdraw_order,
    written,
)
from svodka.briefings.schedule import find_next
from svodka.director.commands import Answer, Resume, Show
from svodka.director.state import Origin
from svodka.reports.build import FORMATS
from svodka.reports.capture import capture, list_scenes
from svodka.security.authorise import Action
from svodka.security.principals import Role
from svodka.storage.database import Database
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.packs import StoredPack, ask_pack, cancel_pack, load_packs, load_scheduled

_SEARCH = re.compile(r"[?&]briefing=([0-9a-f-]{4,32})(?:&|$)")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_PACKS_N, _SCHEDULED_N = 12, 1
_SHOWN_S = 4 * 3600
_LABEL_CHARS = 100
_NO_WALL = "-"


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page."""
    BriefingPage(desk).wire(app)


class BriefingPage:
    """The callbacks of the page.

    Args:
        desk: Who asks, words, and what the web process works with.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._say = view.Words(desk.words, desk.profile.zone)

    def wire(self, app: dash.Dash) -> None:
        """Register the callbacks."""
        beat, changed, search = (
            Input(frame.BEAT, "n_intervals"),
            Input(page.CHANGED, "data"),
            Input(page.ADDRESS, "search"),
        )
        app.callback(Output(page.LIST, "children"), Output(page.EXPORTS, "children"), beat, changed, search)(
            self.fill_side
        )
        app.callback(Output(page.SCENES, "options"), Output(page.WALL, "options"), Output(page.WALL, "value"), search)(
            self.offer
        )
        app.callback(
            Output(page.OPENED, "hidden"),
            Output(page.NONE, "hidden"),
            *(
                Output(name, "children")
                for name in (page.HEAD, page.PAGES, page.BOXES, page.ORDERS, page.PACKS, page.LINKS, page.SHOWINGS)
            ),
            beat,
            changed,
            search,
            Input(page.CHOSEN, "data"),
        )(self.fill)
        app.callback(
            Output(page.NOTES, "value"),
            Output(page.PROTOCOL, "value"),
            Output(page.PAGE_NAME, "children"),
            Output(page.SEEN, "data"),
            search,
            Input(page.CHOSEN, "data"),
        )(self.load_words)
        said = (Output(frame.SAID, "children"), Output(frame.SAID_UNTIL, "data"), Output(page.CHANGED, "data"))
        again = tuple(Output(o.component_id, o.component_property, allow_duplicate=True) for o in said)
        self._wire_acts(app, said, again)

    def _wire_acts(self, app: dash.Dash, said: Sequence[Output], again: Sequence[Output]) -> None:
        changed, search, chosen = State(page.CHANGED, "data"), State(page.ADDRESS, "search"), State(page.CHOSEN, "data")

        def click(name: str) -> Input:
            return Input(name, "n_clicks")

        def value(name: str) -> State:
            return State(name, "value")

        app.callback(
            *said,
            Output(page.ADDRESS, "search"),
            click(page.CREATE),
            value(page.TITLE),
            value(page.SCENES),
            changed,
            prevent_initial_call=True,
        )(self.create)
        app.callback(
            *again,
            Output(page.CHOSEN, "data"),
            Input({"type": page.ACT, "do": ALL, "n": ALL}, "n_clicks"),
            chosen,
            value(page.WALL),
            search,
            changed,
            prevent_initial_call=True,
        )(self.press)
        app.callback(
            *again,
            *(click(name) for name in (page.SHOW, page.BACK, page.ON, page.STOP)),
            value(page.WALL),
            search,
            changed,
            prevent_initial_call=True,
        )(self.present)
        app.callback(
            *again,
            Output(page.SEEN, "data", allow_duplicate=True),
            click(page.NOTES_SAVE),
            click(page.PROTOCOL_SAVE),
            value(page.NOTES),
            value(page.PROTOCOL),
            State(page.SEEN, "data"),
            chosen,
            search,
            changed,
            prevent_initial_call=True,
        )(self.save_words)
        app.callback(
            *again,
            Output(page.BOX_TEXT, "value"),
            click(page.BOX_ADD),
            *(value(name) for name in (page.BOX_TEXT, page.BOX_COLUMN, page.BOX_ROW, page.BOX_SPAN)),
            chosen,
            search,
            changed,
            prevent_initial_call=True,
        )(self.add_box)
        app.callback(
            *again,
            *(Output(name, "value") for name in (page.ORDER_TEXT, page.ORDER_BODY, page.ORDER_DUE)),
            click(page.ORDER_ADD),
            *(value(name) for name in (page.ORDER_TEXT, page.ORDER_BODY, page.ORDER_DUE)),
            search,
            changed,
            prevent_initial_call=True,
        )(self.give)
        app.callback(*again, click(page.PACK), value(page.FORMATS), search, changed, prevent_initial_call=True)(
            self.ask_pack
        )
        app.callback(
            *again,
            Output(page.LINK_MADE, "children"),
            click(page.LINK_ADD),
            value(page.LINK_LABEL),
            value(page.LINK_HOURS),
            search,
            changed,
            prevent_initial_call=True,
        )(self.make_link)

    # what is shown

    def fill_side(self, _beat: object, _changed: object, search: object) -> tuple[Any, Any]:
        """Return the list of briefings and the scheduled exports."""
        desk = self._desk
        moments = desk.ask(keeping.list_newest)
        now = desk.clock.now()
        rows = [
            view.ExportRow(
                title=export.title,
                next_at=find_next(export, now, desk.profile.zone),
                last=next(iter(desk.ask(_load_scheduled, export.id)), None),
            )
            for export in desk.exports
        ]
        return view.render_list(moments, read_search(search), self._say), view.render_exports(rows, self._say)

    def offer(self, _search: object) -> tuple[Any, Any, str]:
        """Offer the scenes and walls that there are."""
        desk = self._desk
        scenes = [
            {"label": title, "value": ref} for ref, title in list_scenes(desk.scenes, desk.words.language).items()
        ]
        walls = [{"label": name, "value": wall} for wall, name in self._walls().items()]
        walls.append({"label": desk.words.word("briefing.by_link_only"), "value": _NO_WALL})
        return scenes, walls, walls[0]["value"]

    def fill(self, _beat: object, _changed: object, search: object, chosen: object) -> tuple[Any, ...]:
        """Return everything of the opened briefing but what a person types."""
        found = self._find(search)
        if found is None:
            return True, False, *[None] * 7
        desk, say = self._desk, self._say
        links = [link for link in desk.links.all() if link.briefing_id == found.moment.id]
        n = _number_of(chosen, len(found.story.pages))
        showings = desk.ask(keeping.list_showings, found.moment.id)
        names = self._walls() | {link.id: link.label for link in links}
        is_broken = self._is_broken(found)
        return (
            False,
            True,
            view.render_head(found, self._walls(), say, is_broken=is_broken),
            view.render_pages(found, n, say, is_broken=is_broken),
            view.render_boxes(found.story.pages[n - 1].annotations, say),
            view.render_orders(found.story.orders, say),
            view.render_packs(desk.ask(_load_packs, found.moment.id), say),
            view.render_links(links, desk.real_clock.now(), say),
            view.render_showings(showings, found, names, say, is_broken=is_broken),
        )

    def load_words(self, search: object, chosen: object) -> tuple[Any, ...]:
        """Fill what a person types with what is stored, when he opens a briefing or a page; never in between."""
        found = self._find(search)
        if found is None:
            return "", "", "", None
        n = _number_of(chosen, len(found.story.pages))
        told = found.story.pages[n - 1]
        name = self._say("briefing.page_name", n=n, title=found.scenes.get(told.scene, told.scene))
        return told.notes, found.story.protocol, name, {"notes": told.notes, "protocol": found.story.protocol}

    # what is done

    def create(self, _clicks: object, title: object, scenes: object, changed: object) -> tuple[Any, ...]:
        """Freeze the present moment of the chosen scenes and open a briefing over it."""
        desk = self._desk
        try:
            story = begin_story(_text(title), [ref for ref in scenes or [] if isinstance(ref, str)])  # type: ignore[attr-defined] # a list of Dash's
        except WrongChangeError as error:
            return *desk.say(f"briefing.wrong.{error.wrong}"), no_update, no_update
        letters = secrets.token_hex(2)
        moment, stored = capture(
            lambda refs: desk.wait(desk.reader.read_moment, refs),
            desk.scenes,
            [told.scene for told in story.pages],
            make_id=lambda first: make_id(first.at, desk.profile.zone, letters),
            kind="briefing",
            title=story.title,
            by=desk.operator().label,
            language=desk.words.language,
        )
        story = begin_story(story.title, [scene.scene for scene in stored])
        entry = desk.sign(Action.ACT_ON_BRIEFING, moment.id, "create")
        desk.ask(keeping.create, entry, moment, stored, story)
        return *desk.say("briefing.said.created"), _next(changed), f"?briefing={moment.id}"

    def press(self, _clicks: object, chosen: object, wall: object, search: object, changed: object) -> tuple[Any, ...]:
        """Do what a button of a list says."""
        found, pressed = self._find(search), ctx.triggered_id
        if found is None or not isinstance(pressed, dict) or not any(one["value"] for one in ctx.triggered):
            return no_update, no_update, no_update, no_update
        do, n = str(pressed.get("do")), str(pressed.get("n"))
        if do == "edit":
            return no_update, no_update, _next(changed), _number_of(int(n), len(found.story.pages))
        if do == "go":
            return *self._show(found, int(n), wall, changed), no_update
        if do in {"cancel", "revoke"}:
            done = self._cancel(int(n)) if do == "cancel" else self._revoke(found, n)
            return *self._desk.say(done), _next(changed), no_update
        page_n = _number_of(chosen, len(found.story.pages))
        make = _CHANGES[do](n, page_n)
        return *self._change(found, do, make, changed, rev=found.row.rev), no_update

    def present(
        self, _s: object, _b: object, _o: object, _e: object, wall: object, search: object, changed: object
    ) -> tuple[Any, ...]:
        """Show the briefing, go on, go back, or end the presentation."""
        found = self._find(search)
        if found is None:
            return no_update, no_update, no_update
        if ctx.triggered_id == page.STOP:
            return self._stop(found, changed)
        step = {page.BACK: -1, page.ON: 1}.get(str(ctx.triggered_id), 0)
        return self._show(found, found.page_n + step, found.row.wall or wall, changed)

    def save_words(  # noqa: PLR0917 - Dash hands over what it has
        self,
        _notes: object,
        _protocol: object,
        notes: object,
        protocol: object,
        seen: object,
        chosen: object,
        search: object,
        changed: object,
    ) -> tuple[Any, ...]:
        """Store notes or decisions, unless somebody else has changed them since they were loaded here."""
        found = self._find(search)
        if found is None or not isinstance(seen, dict):
            return no_update, no_update, no_update, no_update
        n = _number_of(chosen, len(found.story.pages))
        if ctx.triggered_id == page.NOTES_SAVE:
            text, make = _text(notes), _keep_notes(n, _text(notes), _text(seen.get("notes")))
            seen = seen | {"notes": text}
        else:
            text, make = _text(protocol), _keep_protocol(_text(protocol), _text(seen.get("protocol")))
            seen = seen | {"protocol": text}
        done = self._change(found, "words", make, changed)
        return *done, seen if done[2] is not no_update else no_update

    def add_box(  # noqa: PLR0917 - Dash hands over what it has
        self,
        _clicks: object,
        text: object,
        column: object,
        row: object,
        span: object,
        chosen: object,
        search: object,
        changed: object,
    ) -> tuple[Any, ...]:
        """Lay a text box over the scene of the page that is being edited."""
        found = self._find(search)
        if found is None:
            return no_update, no_update, no_update, no_update
        places = [one if isinstance(one, int) else 0 for one in (column, row, span)]
        box = Annotation(text=_text(text), column=places[0], row=places[1], span=places[2])
        n = _number_of(chosen, len(found.story.pages))
        done = self._change(found, "box", lambda story: annotate(story, n, box), changed)
        return *done, "" if done[2] is not no_update else no_update

    def give(
        self, _clicks: object, text: object, body: object, due: object, search: object, changed: object
    ) -> tuple[Any, ...]:
        """Write down an order."""
        found, kept = self._find(search), (no_update, no_update, no_update)
        if found is None:
            return no_update, no_update, no_update, *kept
        typed = _text(due).strip()
        due_on = _read_day(typed)
        if typed and due_on is None:
            return *self._desk.say("briefing.wrong.no_day"), no_update, *kept
        done = self._change(found, "order", lambda story: give_order(story, _text(text), _text(body), due_on), changed)
        return *done, *(("", "", "") if done[2] is not no_update else kept)

    def ask_pack(self, _clicks: object, formats: object, search: object, changed: object) -> tuple[Any, ...]:
        """Put a pack into the queue."""
        found = self._find(search)
        wanted = [name for name in FORMATS if isinstance(formats, list) and name in formats]
        if found is None or not wanted:
            return *self._desk.say("briefing.wrong.no_format"), no_update
        entry = self._desk.sign(Action.ACT_ON_BRIEFING, found.moment.id, f"pack {','.join(wanted)}")
        self._desk.ask(_ask_pack, entry, found.moment.id, ",".join(wanted))
        return *self._desk.say("briefing.said.pack"), _next(changed)

    def make_link(
        self, _clicks: object, label: object, hours: object, search: object, changed: object
    ) -> tuple[Any, ...]:
        """Make a link that shows this briefing and nothing else, and show it this once."""
        found, name = self._find(search), " ".join(_text(label).split())[:_LABEL_CHARS]
        if found is None or not name:
            return *self._desk.say("briefing.wrong.no_label"), no_update, no_update
        desk = self._desk
        entry = desk.sign(Action.ACT_ON_BRIEFING, found.moment.id, f"link {name}")
        desk.ask(_journal, entry)
        valid_h = float(hours) if isinstance(hours, int | float) and hours in page.LINK_VALID_H else 24.0
        _, token = desk.wait(lambda: desk.links.create(Role.GUEST, name, valid_h=valid_h, briefing_id=found.moment.id))
        desk.wait(desk.links.refresh)
        address = f"{desk.public_url}/link/{token}"
        shown = [html.P(desk.words.word("briefing.link_once")), html.Code(address, className="briefing-address")]
        return *desk.say("briefing.said.link"), _next(changed), shown

    # helpers of the above

    def _walls(self) -> dict[str, str]:
        """Return the names of the walls by id."""
        is_english = self._desk.words.language == "en"
        walls = self._desk.director.plan.walls.values()
        return {wall.id: wall.name_en if is_english else wall.name for wall in walls}

    def _is_broken(self, found: Briefing) -> bool:
        """Return whether the wall that was told to show this briefing shows something else: somebody commanded it."""
        if not (found.row.is_shown and found.row.wall):
            return False
        stage = self._desk.ask(self._desk.director.load_stages).get(found.row.wall)
        return stage is None or (stage.origin.kind, stage.origin.id) != ("briefing", found.moment.id)

    def _find(self, search: object) -> Briefing | None:
        briefing_id = read_search(search)
        found: Briefing | None = self._desk.ask(keeping.find, briefing_id) if briefing_id else None
        return found

    def _change(
        self, found: Briefing, do: str, make: Callable[[Story], Story], changed: object, *, rev: int | None = None
    ) -> tuple[Any, Any, Any]:
        entry = self._desk.sign(Action.ACT_ON_BRIEFING, found.moment.id, do)
        try:
            self._desk.ask(keeping.change, entry, found.moment.id, rev, make)
        except WrongChangeError as error:
            return *self._desk.say(f"briefing.wrong.{error.wrong}"), no_update
        return *self._desk.say("briefing.said.saved"), _next(changed)

    def _show(self, found: Briefing, n: int, wall: object, changed: object) -> tuple[Any, Any, Any]:
        """Show a page on a wall and to those who follow; the wall is asked first, for it may refuse."""
        desk, name = self._desk, "" if wall in {None, "", _NO_WALL} else str(wall)
        n = max(1, min(n, len(found.story.pages)))
        if name:
            order = Show(
                origin=Origin(kind="briefing", id=found.moment.id, page=n),
                for_s=_SHOWN_S,
                scenes=(found.story.pages[n - 1].scene,),
            )
            answer = desk.direct(name, order, None)
            if answer not in {Answer.DONE, Answer.NOTHING}:
                return *desk.say(f"briefing.refused.{answer.value}"), no_update
        entry = desk.sign(Action.ACT_ON_BRIEFING, found.moment.id, "show")
        desk.ask(keeping.show, entry, found.moment.id, n, name)
        return *desk.say("briefing.said.shown"), _next(changed)

    def _stop(self, found: Briefing, changed: object) -> tuple[Any, Any, Any]:
        desk, wall = self._desk, found.row.wall
        if wall:
            desk.direct(wall, Resume(), None)
        entry = desk.sign(Action.ACT_ON_BRIEFING, found.moment.id, "stop")
        desk.ask(keeping.stop, entry, found.moment.id)
        return *desk.say("briefing.said.stopped"), _next(changed)

    def _cancel(self, pack_id: int) -> str:
        entry = self._desk.sign(Action.ACT_ON_BRIEFING, str(pack_id), "cancel")
        return "briefing.said.cancelled" if self._desk.ask(_cancel_pack, entry, pack_id) else "briefing.said.too_late"

    def _revoke(self, found: Briefing, link_id: str) -> str:
        desk = self._desk
        entry = desk.sign(Action.ACT_ON_BRIEFING, found.moment.id, f"revoke {link_id}")
        if not any(link.id == link_id and link.briefing_id == found.moment.id for link in desk.links.all()):
            return "briefing.said.too_late"
        desk.ask(_journal, entry)
        desk.wait(desk.links.revoke, link_id)
        desk.wait(desk.links.refresh)
        return "briefing.said.revoked"


Change = Callable[[Story], Story]
_CHANGES: dict[str, Callable[[str, int], Change]] = {
    "up": lambda n, _page: lambda story: move_page(story, int(n), -1),
    "down": lambda n, _page: lambda story: move_page(story, int(n), 1),
    "drop": lambda n, _page: lambda story: remove_page(story, int(n)),
    "add": lambda n, _page: lambda story: add_page(story, n),
    "unbox": lambda n, page_n: lambda story: remove_annotation(story, page_n, int(n)),
    "unorder": lambda n, _page: lambda story: withdraw_order(story, int(n)),
}


def read_search(search: object) -> str:
    """Return the id of the opened briefing from the address, "" where it names none."""
    found = _SEARCH.search(search) if isinstance(search, str) else None
    return found[1] if found else ""


def _keep_notes(n: int, notes: str, seen: str) -> Change:
    def make(story: Story) -> Story:
        if n <= len(story.pages) and story.pages[n - 1].notes != written(seen):
            raise WrongChangeError(Wrong.CHANGED_SINCE)
        return set_notes(story, n, notes)

    return make


def _keep_protocol(protocol: str, seen: str) -> Change:
    def make(story: Story) -> Story:
        if story.protocol != written(seen):
            raise WrongChangeError(Wrong.CHANGED_SINCE)
        return set_protocol(story, protocol)

    return make


def _read_day(text: str) -> Any:  # noqa: ANN401 - a date or None
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]}.{found[2]}.{found[3]}", "%d.%m.%Y").date()  # noqa: DTZ007 - a day alone
    except ValueError:
        return None


def _number_of(value: object, most: int) -> int:
    return max(1, min(value if isinstance(value, int) else 1, most))


def _next(changed: object) -> int:
    return (changed if isinstance(changed, int) else 0) + 1


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _ask_pack(database: Database, entry: JournalEntry, moment_id: str, formats: str) -> None:
    with database.write() as connection:
        ask_pack(connection, moment_id, formats, at=entry.at, by=entry.who)
        save_entry(connection, entry)


def _cancel_pack(database: Database, entry: JournalEntry, pack_id: int) -> bool:
    with database.write() as connection:
        done = cancel_pack(connection, pack_id, entry.at)
        if done:
            save_entry(connection, entry)
        return done


def _journal(database: Database, entry: JournalEntry) -> None:
    with database.write() as connection:
        save_entry(connection, entry)


def _load_packs(database: Database, moment_id: str) -> list[StoredPack]:
    with database.read() as connection:
        return load_packs(connection, moment_id, _PACKS_N)


def _load_scheduled(database: Database, schedule: str) -> list[StoredPack]:
    with database.read() as connection:
        return load_scheduled(connection, schedule, _SCHEDULED_N)
