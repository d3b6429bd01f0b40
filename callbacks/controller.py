"""Callbacks of the page «Пульт». It never paints what it did: it shows what the walls were told, once a second."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, no_update

from callbacks.controller_words import LOOK_AHEAD, WallWords
from callbacks.operating import Desk
from layouts import desk as frame
from layouts.controller import ids
from layouts.controller.parts import button_class, render_ahead, render_choices, render_notes, render_now
from svodka.briefings.keeping import keep_moment
from svodka.briefings.model import make_id
from svodka.director.commands import (
    Answer,
    Choose,
    Colour,
    Command,
    Dim,
    Keep,
    Next,
    Point,
    Previous,
    Release,
    Resume,
    Say,
    See,
    Show,
    Undo,
    Zoom,
)
from svodka.director.stage import Stage
from svodka.director.state import Origin
from svodka.domain.codec import encode_text
from svodka.reports.capture import capture
from svodka.security.authorise import Action

_HOLD_S, _HOLD_LONG_S, _FREEZE_S = 1800, 7200, 1800
_FIXED: dict[str, Command] = {
    ids.PREVIOUS: Previous(),
    ids.NEXT: Next(),
    ids.HOLD: Keep(for_s=_HOLD_S),
    ids.HOLD_LONG: Keep(for_s=_HOLD_LONG_S),
    ids.RELEASE: Release(),
    ids.RESUME: Resume(),
    ids.UNDO: Undo(),
    ids.WHOLE: Zoom(area=None),
    ids.HUSH: Say(text=""),
}
_SAID_S = 12.0  # it lies over the page
_OTHER = (ids.FREEZE, ids.ZOOM, ids.SAY)


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page."""
    Controller(desk).wire(app)


class Controller:
    """The callbacks of the page.

    Args:
        desk: Who asks, and the walls.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def wire(self, app: dash.Dash) -> None:
        """Register the callbacks."""
        app.callback(
            Output(ids.WALL, "options"),
            Output(ids.WALL, "value"),
            Output(ids.WALLS, "hidden"),
            Output(ids.SCREEN, "options"),
            Output(ids.SCREENS, "hidden"),
            Input(ids.BEAT, "n_intervals"),
            State(ids.WALL, "value"),
            State(ids.SCREEN, "options"),
        )(self.find_walls)
        app.callback(
            Output(ids.NOW, "children"),
            Output(ids.NOTES, "children"),
            Output(ids.HEARD, "children"),
            Output(ids.ALERT, "children"),
            Output(ids.REV, "data"),
            Output(ids.RELEASE, "disabled"),
            Output(ids.RELEASE, "children"),
            Output(ids.UNDO, "disabled"),
            Output(ids.HOLD, "className"),
            Output({"type": ids.LOOK, "set": ALL}, "className"),
            Input(ids.BEAT, "n_intervals"),
            Input(ids.ACTED, "data"),
            Input(ids.WALL, "value"),
            prevent_initial_call=True,
        )(self.show)
        app.callback(
            Output(ids.PLAIN, "children"),
            Output(ids.OF_SECTOR, "children"),
            Output(ids.OF_AREA, "children"),
            Output(ids.PANELS, "children"),
            Output(ids.DRAWN, "data"),
            Input(ids.BEAT, "n_intervals"),
            Input(ids.ACTED, "data"),
            Input(ids.WALL, "value"),
            State(ids.DRAWN, "data"),
            prevent_initial_call=True,
        )(self.show_choices)
        app.callback(
            Output(ids.AHEAD, "children"),
            Input(ids.AHEAD_BEAT, "n_intervals"),
            Input(ids.ACTED, "data"),
            Input(ids.WALL, "value"),
        )(self.look_ahead)
        app.callback(
            Output(frame.SAID, "children"),
            Output(frame.SAID_UNTIL, "data"),
            Output(ids.ACTED, "data"),
            Output(ids.TEXT, "value"),
            *(Input(name, "n_clicks") for name in (*_FIXED, *_OTHER)),
            Input({"type": ids.SCENE, "ref": ALL}, "n_clicks"),
            Input({"type": ids.POINT, "kind": ALL}, "n_clicks"),
            Input({"type": ids.LOOK, "set": ALL}, "n_clicks"),
            Input(ids.TEXT, "n_submit"),
            State(ids.WALL, "value"),
            State(ids.REV, "data"),
            State(ids.SCREEN, "value"),
            State(ids.SECTOR, "value"),
            State(ids.AREA, "value"),
            State(ids.TEXT, "value"),
            State(ids.ACTED, "data"),
            prevent_initial_call=True,
        )(self.act)

    def find_walls(self, _beat: object, wall: object, screens: object) -> tuple[Any, ...]:
        """Offer the walls and screens that there are; what was chosen stays."""
        walls = self._desk.director.plan.walls
        chosen = wall if isinstance(wall, str) and wall in walls else next(iter(walls))
        offered = WallWords(self._desk).screens(walls[chosen].screens_n)
        if chosen == wall and offered == screens:
            return (no_update,) * 5
        names = [{"label": WallWords(self._desk).wall(each), "value": each.id} for each in walls.values()]
        return names, chosen, len(walls) == 1, offered, walls[chosen].screens_n == 1

    def show(self, _beat: object, _acted: object, wall: object) -> tuple[Any, ...]:
        """Show what the wall was last told."""
        words, stage = WallWords(self._desk), self._stage(wall)
        wishes = [output["id"]["set"] for output in ctx.outputs_list[-1]]
        if stage is None:
            nothing = self._desk.words.word("controller.nothing")
            return (
                nothing,
                [],
                "",
                "",
                None,
                True,
                no_update,
                True,
                no_update,
                [button_class(is_on=False) for _ in wishes],
            )
        is_live = stage.origin.kind == "live"
        in_force = {f"theme={stage.theme}", f"dim={stage.dim}", f"vision={stage.vision}"}
        return (
            render_now(now := words.now(stage, self._desk.ask(self._desk.director.load_taker, stage))),
            render_notes(now),
            ", ".join(f"{screen.number} {screen.title}".strip() for screen in now.screens),
            words.alert(stage),
            stage.rev,
            not stage.held,
            self._desk.words.word("controller.do.release" if is_live else "controller.do.live"),
            not stage.can_undo,
            button_class(is_on=stage.held),
            [button_class(is_on=wish in in_force) for wish in wishes],
        )

    def show_choices(self, _beat: object, _acted: object, wall: object, drawn: object) -> tuple[Any, ...]:
        """Offer scenes and panels; buttons that are still the same are left alone, with the focus on them."""
        words, stage = WallWords(self._desk), self._stage(wall)
        scenes = words.scenes(stage)
        panels = words.panels(stage)
        sign = encode_text([*scenes.values(), panels])
        if sign == drawn:
            return (no_update,) * 5
        columns = [render_choices(ids.SCENE, scenes[takes]) for takes in ("", "sector", "area")]
        return *columns, render_choices(ids.POINT, panels), sign

    def look_ahead(self, _beat: object, _acted: object, wall: object) -> Any:  # noqa: ANN401 - Dash's
        """Show the next hours."""
        if not isinstance(wall, str) or wall not in self._desk.director.plan.walls:
            return no_update
        shown = self._desk.ask(self._desk.director.look_ahead, wall, LOOK_AHEAD)
        return render_ahead(WallWords(self._desk).ahead(wall, shown))

    def act(self, *given: object) -> tuple[Any, ...]:
        """Have the wall do what a button says, and say why where it does not."""
        wall, rev, screen, sector, area, text, acted = given[-7:]
        # Buttons that came with a list come as clicks of nothing; two that were pressed at once come together.
        pressed = [ctx.triggered_prop_ids[one["prop_id"]] for one in ctx.triggered if one["value"]]
        chosen = {"sector": sector, "area": area}
        found = [
            self._freeze(wall) if each == ids.FREEZE else self._order(each, screen, chosen, text) for each in pressed
        ]
        orders = [order for order in found if order is not None]
        if not orders or not isinstance(wall, str):
            return (no_update,) * 4
        said: tuple[Any, Any] = ("", None)
        kept: Any = no_update
        for order in orders:
            answer = self._desk.direct(wall, order, rev if isinstance(rev, int) else None)
            if answer not in {Answer.DONE, Answer.NOTHING}:
                said = self._desk.say(f"controller.said.{answer.value}", _SAID_S)
            elif isinstance(order, Say):
                kept = ""
        return *said, (acted if isinstance(acted, int) else 0) + 1, kept

    def _freeze(self, wall: object) -> Command | None:
        """Return what shows the present moment of a wall for a while, once it is stored; what is no present is held."""
        stage, desk = self._stage(wall), self._desk
        if stage is None or not isinstance(wall, str) or not desk.may(Action.ACT_ON_WALL, wall):
            return None
        if stage.origin.kind != "live":
            return Keep(for_s=_FREEZE_S)
        letters = secrets.token_hex(2)
        moment, scenes = capture(
            lambda references: desk.wait(desk.reader.read_moment, references),
            desk.scenes,
            list(stage.screens.values()),
            make_id=lambda first: make_id(first.at, desk.profile.zone, letters),
            kind="still",
            title="",
            by=desk.operator().label,
            language=desk.words.language,
        )
        desk.ask(keep_moment, None, moment, scenes)
        return Show(origin=Origin(kind="still", id=moment.id, at=moment.at), for_s=_FREEZE_S)

    def _stage(self, wall: object) -> Stage | None:
        stages = self._desk.ask(self._desk.director.load_stages)
        return stages.get(wall) if isinstance(wall, str) else None

    def _order(self, pressed: object, screen: object, arguments: dict[str, object], text: object) -> Command | None:
        """Return the command of a button, None where it lacks something."""
        if isinstance(pressed, dict):
            return self._order_of_many(pressed, screen, arguments)
        if pressed == ids.ZOOM:
            area = arguments["area"]
            return Zoom(area=area) if isinstance(area, str) else None
        if pressed in {ids.SAY, ids.TEXT}:
            return Say(text=text) if isinstance(text, str) and text.strip() else None
        return _FIXED.get(pressed) if isinstance(pressed, str) else None

    def _order_of_many(self, pressed: dict[str, Any], screen: object, arguments: dict[str, object]) -> Command | None:
        if pressed["type"] == ids.POINT:
            return Point(panel=pressed["kind"] or None)
        if pressed["type"] == ids.LOOK:
            name, _, wish = str(pressed["set"]).partition("=")
            return _LOOKS[name](wish) if name in _LOOKS else None
        scene, _, argument = str(pressed["ref"]).partition(":")
        if argument:
            found = self._desk.scenes.scenes.get(scene)
            chosen = arguments.get(found.takes or "") if found is not None else None
            if not isinstance(chosen, str):
                return None
            scene = f"{scene}:{chosen}"
        number = int(screen) if isinstance(screen, str) and screen.isascii() and screen.isdigit() else 0
        if number:
            return Choose(scenes=("",) * (min(number, 16) - 1) + (scene,))
        return Choose(scenes=(scene,) * 16)


_LOOKS: dict[str, Callable[[str], Command]] = {
    "theme": lambda wish: Colour(theme=wish or None),  # type: ignore[arg-type] # one of the page's own buttons
    "dim": lambda wish: Dim(percent=int(wish) if wish.isdigit() else None),
    "vision": lambda wish: See(vision="low" if wish == "low" else "normal"),
}
