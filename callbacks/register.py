"""Callbacks of the page «Регистрация»."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import dash
from dash import ALL, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from callbacks.operating import Desk
from layouts import desk as frame
from layouts.pages import register as page
from layouts.pages.register import Fact, Row, render_list, render_preview
from svodka.domain.codec import encode_text
from svodka.domain.errors import RecordUnreadableError, StorageUnavailableError
from svodka.domain.local_time import read_local_time
from svodka.domain.masking import mask
from svodka.domain.reasons import DueBasis, RejectReason, TopicReason
from svodka.domain.records import AppealRecord
from svodka.domain.registration import Entry
from svodka.ingest.registration import AlreadyRegisteredError, Recent, Registration
from svodka.security.authorise import Action
from svodka.storage.registered import Kind, Registered

SHIFT = timedelta(hours=12)
_SHOWN_CHARS = 160
_DOUBLE_CLICK = timedelta(seconds=3)
_NUMBER_CHARS = 10
_FIELDS = (
    page.KIND,
    page.TEXT,
    page.ADDRESS,
    page.AREA,
    page.TOPIC,
    page.INCIDENT_KIND,
    page.LEVEL,
    page.AFFECTED,
    page.AT,
)
_CLEARED = ("", "", None, None, None, None, "", "")  # all but the first: whoever registers incidents goes on with them


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page; without a form there is nothing to wire."""
    if desk.registration is not None:
        FormPage(desk, desk.registration).wire(app)


class FormPage:
    """The callbacks of the page.

    Args:
        desk: Who asks, and words.
        registration: The forms.
    """

    def __init__(self, desk: Desk, registration: Registration) -> None:
        self._desk = desk
        self._registration = registration
        profile = desk.profile
        self._areas = {area.id: area for area in profile.areas}
        self._topics = {topic.id: topic.name for topic in profile.topics}
        self._kinds = {kind.id: kind.name for kind in profile.incident_kinds}
        self._levels = {level.id: level.name for level in profile.levels}
        self._norms = {norm.id: norm.name for norm in profile.norms}

    def wire(self, app: dash.Dash) -> None:
        """Register the callbacks."""
        app.callback(
            Output(page.PREVIEW, "children"),
            Output(page.OF_APPEAL, "hidden"),
            Output(page.OF_INCIDENT, "hidden"),
            *(Input(name, "value") for name in _FIELDS),
        )(self.preview)
        app.callback(
            Output(page.FORM_ID, "data"),
            Input(frame.BEAT, "n_intervals"),
            State(page.FORM_ID, "data"),
        )(self.name_form)  # as the page opens: a double click on a form without a name would be two records
        app.callback(
            Output(page.RESULT, "children"),
            Output(page.CHANGED, "data"),
            Output(page.FORM_ID, "data", allow_duplicate=True),
            *(Output(name, "value", allow_duplicate=True) for name in _FIELDS[1:]),
            Input(page.SAVE, "n_clicks"),
            State(page.FORM_ID, "data"),
            State(page.CHANGED, "data"),
            *(State(name, "value") for name in _FIELDS),
            prevent_initial_call=True,  # and not disabled while it runs: Dash would leave it so when the server is away
        )(self.save)
        app.callback(
            Output(page.RESULT, "children", allow_duplicate=True),
            Output(page.CHANGED, "data", allow_duplicate=True),
            Input({"type": page.SET, "kind": ALL, "number": ALL, "to": ALL, "at": ALL}, "n_clicks"),
            prevent_initial_call=True,
        )(self.set_status)
        app.callback(
            Output(page.LIST, "children"),
            Output(page.SHOWN, "data"),
            Input(frame.BEAT, "n_intervals"),
            Input(page.CHANGED, "data"),
            State(page.SHOWN, "data"),
        )(self.show)

    def name_form(self, _beats_n: object, form_id: object) -> object:
        """Name a form that has no name yet: what is sent twice under one name is one record."""
        return no_update if form_id else uuid4().hex

    def preview(self, *fields: object) -> tuple[list[Component], bool, bool]:
        """Show what would be stored, and why."""
        kind = self._kind_of(fields)
        is_appeal = kind == "appeals"
        try:
            facts = self._facts(kind, fields)
        except RecordUnreadableError as error:
            if error.reason is RejectReason.MISSING_WORDS:
                return [], not is_appeal, is_appeal
            facts = [Fact(name=self._word(f"register.{error.detail}"), value=self._say_error(kind, error), is_bad=True)]
        return render_preview(facts), not is_appeal, is_appeal

    def save(self, _clicks_n: object, form_id: object, changed: object, *fields: object) -> tuple[object, ...]:
        """Store the form; what was typed stays where anything fails."""
        kind = self._kind_of(fields)
        source = self._registration.forms[kind].source
        kept = (no_update,) * len(_CLEARED)
        unsaved = (no_update, no_update, *kept)
        try:
            name = str(form_id or uuid4().hex)
            entry = self._entry(kind, fields, name)
            if kind == "incidents" and entry.text and not (entry.kind and entry.level):
                return (self._say_bad("register.not_stored", why=self._word("register.wrong.unchosen")), *unsaved)
            signed = self._desk.sign(Action.REGISTER, source.id)
            stored = self._registration.register(kind, entry, signed)
        except RecordUnreadableError as error:
            if error.reason is RejectReason.MISSING_WORDS and self._is_recent(changed):
                return (no_update,) * (3 + len(kept))  # the second half of a double click, on the form that is next
            wrong = self._say_bad("register.not_stored", why=self._say_wrong(kind, error))
            return (wrong, *unsaved)
        except StorageUnavailableError:
            return (self._say_bad("register.unconfirmed"), no_update, name, *kept)  # sent again under the same name
        except AlreadyRegisteredError as error:
            what = self._say_number(error.known)
            return (self._say_bad("register.already", what=what), self._now(), uuid4().hex, *kept)
        dash.set_props(frame.FAULT, {"children": ""})
        return (self._say_stored(stored), self._now(), uuid4().hex, *_CLEARED)

    def set_status(self, _clicks: Sequence[object]) -> tuple[object, object]:
        """Set a stage, or withdraw."""
        asked = ctx.triggered_id
        if not isinstance(asked, dict) or not ctx.triggered[0]["value"]:  # buttons that came with the list
            return no_update, no_update
        kind: Kind = "incidents" if asked["kind"] == "incidents" else "appeals"
        if kind not in self._registration.forms or asked["to"] not in {"", *page.STAGES[kind]}:
            return no_update, no_update
        signed = self._desk.sign(Action.REGISTER, self._registration.forms[kind].source.id)
        found = self._registration.set_status(kind, int(asked["number"]), asked["to"], signed)
        if found is None:
            return no_update, no_update
        dash.set_props(frame.FAULT, {"children": ""})
        key = "register.withdrawn" if not asked["to"] else "register.set"
        said = self._word(key).format(what=self._say_number(found), status=self._say_stage(found))
        return html.P(f"{self._desk.time_text()} {said}"), self._now()

    def show(self, _beats_n: object, _changed: object, shown: object) -> tuple[object, object]:
        """Show what was registered; a list that is still the same is left alone, with the focus in it."""
        rows = [self._row(recent) for recent in self._registration.load_recent(self._desk.clock.now() - SHIFT)]
        now_shown = encode_text(rows)
        return (no_update, no_update) if now_shown == shown else (render_list(self._desk.words, rows), now_shown)

    def _now(self) -> str:
        return self._desk.clock.now().isoformat()

    def _is_recent(self, changed: object) -> bool:
        """Whether something was stored so lately that a click on an empty form belongs to it."""
        return isinstance(changed, str) and self._desk.clock.now() - datetime.fromisoformat(changed) < _DOUBLE_CLICK

    def _facts(self, kind: Kind, fields: Sequence[object]) -> list[Fact]:
        entry = self._entry(kind, fields, "preview")
        terms: Any = self._registration.preview(kind, entry)
        facts = []
        if kind == "appeals":
            by_hand = bool(entry.topic) and terms.topic_reason is TopicReason.SOURCE_MAP
            reason = self._word("register.by_hand" if by_hand else f"reason.topic.{terms.topic_reason.value}")
            facts.append(Fact(name=self._word("register.topic"), value=self._topics[terms.topic], reason=reason))
        else:
            value = f"{self._kinds[terms.kind]}, {self._levels[terms.level]}"
            facts.append(Fact(name=self._word("register.incident_kind"), value=value))
        reason = self._word("register.by_hand" if entry.area else f"reason.area.{terms.area_reason.value}")
        area = self._areas[terms.area].name if terms.area else self._word("register.no_area")
        facts.append(Fact(name=self._word("register.area"), value=area, reason="" if not terms.area else reason))
        at = entry.at or self._desk.clock.now()
        now = "" if entry.at else self._word("register.now")
        facts.append(Fact(name=self._word(f"register.at_of.{kind}"), value=self._say_at(at), reason=now))
        if kind == "appeals":
            facts.append(self._due(terms.due_at, terms.due_basis, terms.due_norm))
        return facts

    def _due(self, due_at: datetime | None, basis: DueBasis, norm: str | None) -> Fact:
        name = self._word("register.due")
        if due_at is None:
            return Fact(name=name, value=self._word(f"reason.due.{basis.value}"))
        return Fact(name=name, value=self._say_at(due_at), reason=self._norms.get(norm or "", ""))

    def _entry(self, kind: Kind, fields: Sequence[object], form_id: str) -> Entry:
        """Return the form as it is filled in.

        Raises:
            RecordUnreadableError: The time or the number touched is none.
        """
        given = dict(zip(_FIELDS, (str(field or "").strip() for field in fields), strict=True))
        is_appeal = kind == "appeals"
        return Entry(
            id=form_id[:64],
            text=given[page.TEXT],
            at=self._at(given[page.AT]),
            address=given[page.ADDRESS],
            area=self._areas[given[page.AREA]].name if given[page.AREA] in self._areas else "",
            topic=given[page.TOPIC] if is_appeal else "",
            kind="" if is_appeal else given[page.INCIDENT_KIND],
            level="" if is_appeal else given[page.LEVEL],
            affected_n=None if is_appeal else _number(given[page.AFFECTED]),
        )

    def _at(self, text: str) -> datetime | None:
        if not text:
            return None
        at = read_local_time(text, self._desk.profile.zone, self._desk.clock.now())
        if at is None:
            raise RecordUnreadableError(RejectReason.TIME_UNREADABLE, "at")
        return at

    def _kind_of(self, fields: Sequence[object]) -> Kind:
        kinds = self._registration.forms
        return next((kind for kind in kinds if kind == fields[0]), next(iter(kinds)))

    def _say_wrong(self, kind: Kind, error: RecordUnreadableError) -> str:
        """Return what is wrong, with its field where the sentence does not name it."""
        said = self._say_error(kind, error)
        return f"{self._word('register.affected')}: {said}" if error.detail == "affected" else said

    def _say_error(self, kind: Kind, error: RecordUnreadableError) -> str:
        if error.reason is RejectReason.MISSING_WORDS:
            return self._word(f"register.wrong.text.{kind}")
        field = error.detail if error.detail in {"at", "affected", "address", "text"} else "text"
        return self._word(f"register.wrong.{field}.{error.reason.value}")

    def _say_bad(self, key: str, **values: str) -> Component:
        said = f"{self._desk.time_text()} {self._word(key).format(**values)}"
        return html.P(said, className="desk-bad", role="alert")

    def _say_stored(self, stored: Registered) -> list[Component]:
        key = "register.stored" if stored.due_at is None else "register.stored_due"
        due = "" if stored.due_at is None else self._say_at(stored.due_at)
        line = self._word(key).format(what=self._say_number(stored), due=due)
        known: list[Component] = []
        if stored.problem is not None:
            why = self._word(f"reason.join.{stored.problem.reason}")
            said = self._word("register.known").format(
                number=stored.problem.number, n=stored.problem.appeals_n, why=why
            )
            known.append(html.P(said, className="register-known"))
        undo = html.Button(
            self._word("register.undo"),
            id=page.set_id(stored.kind, stored.number, "", page.RESULT),
            className="desk-button",
            type="button",
        )
        return [html.P(f"{self._desk.time_text()} {line}", className="register-stored"), *known, undo]

    def _say_number(self, found: Registered) -> str:
        return f"{self._word(f'register.one.{found.kind}')} № {found.number}"

    def _row(self, recent: Recent) -> Row:
        found, record = recent.registered, recent.registered.record
        is_appeal = isinstance(record, AppealRecord)
        text = mask(record.text if isinstance(record, AppealRecord) else record.title)
        stage = record.status.value
        return Row(
            kind=found.kind,
            number=found.number,
            at=self._say_at(recent.at),
            text=text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…",
            about=self._topics.get(found.topic, "") if is_appeal else self._kinds.get(found.topic, ""),
            place=self._areas[found.area].short_name if found.area in self._areas else self._word("register.no_area"),
            address=mask(record.address or ""),
            due=self._say_due(found),
            status=self._word("register.is_withdrawn") if recent.is_withdrawn else self._say_stage(found),
            stage="withdrawn" if recent.is_withdrawn else stage,
            who=recent.who,
            is_withdrawn=recent.is_withdrawn,
        )

    def _say_stage(self, found: Registered) -> str:
        name = "problems.status" if found.kind == "appeals" else "status"
        return self._word(f"{name}.{found.record.status.value}")

    def _say_due(self, found: Registered) -> str:
        if found.due_at is not None:
            return self._say_at(found.due_at)
        return self._word("register.no_due") if found.kind == "appeals" else ""

    def _say_at(self, at: datetime) -> str:
        return f"{at.astimezone(self._desk.profile.zone):%d.%m.%Y %H:%M}"

    def _word(self, key: str) -> str:
        return self._desk.words.word(key)


def _number(text: str) -> int | None:
    """Return a count as typed.

    Raises:
        RecordUnreadableError: It is none.
    """
    digits = text.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not digits:
        return None
    if not digits.isdecimal() or len(digits) > _NUMBER_CHARS:
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, "affected")
    return int(digits)
