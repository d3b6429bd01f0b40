"""The machine of one wall: how its state goes on with time and with what happens. Pure.

It never stops: a playlist of which nothing can be shown shows the wall's home, every layer has an end, and what lies
under it comes back with the time it had left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from svodka.director.facts import Facts, OpenIncident, holds
from svodka.director.layers import drop_ended, elapse, left_of_top, put, settle, timers, with_top_left
from svodka.director.plan import Plan, Step, Wall
from svodka.director.state import Screens, State, Takeover

LONGEST_GAP = timedelta(hours=24)
_MS = timedelta(milliseconds=1)
_WORST = "worst-"
NOTHING_FITS = -1


class Machine:
    """The machine of a wall.

    Args:
        plan: All walls.
        wall: The one.
    """

    def __init__(self, plan: Plan, wall: Wall) -> None:
        self.plan, self.wall = plan, wall

    def begin(self, now: datetime, facts: Facts) -> State:
        """Return the state of a wall that has never been: incidents that are open already take nothing over."""
        state = State(
            at=now,
            rev=1,
            commanded_rev=0,
            playlist=self.plan.playlist_at(self.wall, now),
            item=NOTHING_FITS,
            sub=0,
            steps=((self.wall.home,) * self.wall.screens_n,),
            left_ms=0,
            shown_ms=0,
            since=now,
            announced={str(incident.id): incident.rank for incident in facts.incidents},
        )
        return self.go(state, facts, state.playlist, NOTHING_FITS)

    def advance(self, state: State, now: datetime, facts: Facts) -> State:
        """Return the state at `now`: all that was due since, at the instants at which it was due.

        Args:
            state: As it was last worked out. A clock that was set back since changes nothing else.
            now: The product's clock, aware.
            facts: The world now; conditions that were judged meanwhile are judged by it too.
        """
        if now - state.at > LONGEST_GAP:
            fresh = self.begin(now, facts)
            state = put(fresh, rev=state.rev + 1, commanded_rev=state.commanded_rev, announced=state.announced)
        state = self._end_all_due(put(self._fit(state, facts), at=min(state.at, now)), facts)
        while (ms := min(self.next_ms(state), (now - state.at) // _MS)) > 0:
            state = self._end_all_due(elapse(state, ms), facts)
        return self._hear(state, facts)

    def next_due(self, state: State) -> datetime:
        """Return when something will be due; the pixel shift is not counted."""
        return state.at + self.next_ms(state) * _MS

    def next_ms(self, state: State) -> int:
        """Return in how many milliseconds something will be due."""
        boundary_ms = -((state.at - self.plan.next_boundary(self.wall, state.at)) // _MS)
        lefts = [left_of_top(state), boundary_ms, *timers(state)]
        if self._is_out_of_schedule(state):
            lefts.append(max(0, self.wall.dwell_ms - state.shown_ms))
        return max(0, min(lefts))

    def end_top(self, state: State, facts: Facts) -> State:
        """Return the state after what is seen has ended: by its time, or because nobody wants it any longer."""
        top = state.top
        if top is None:
            return settle(state, self.on(state, facts), self.wall)
        if top is state.takeover:
            return settle(state, put(state, takeover=None), self.wall)
        return settle(state, put(state, hold=None) if top is state.hold else put(state, chosen=None), self.wall)

    def go(self, state: State, facts: Facts, playlist: str, after: int, direction: int = 1) -> State:
        """Return the state with the playlist at the next step that can be shown.

        Args:
            state: What lies over the playlist stays.
            facts: Decide conditions and the worst areas and sectors.
            playlist: Id of the playlist.
            after: The step that it comes after, or before.
            direction: 1 or -1.
        """
        steps = self.plan.playlists[playlist].steps
        begin = after if direction > 0 or after >= 0 else 0
        for offset in range(1, len(steps) + 1):
            item = (begin + direction * offset) % len(steps)
            scenes = self._expand(steps[item], facts)
            if scenes:
                sub = 0 if direction > 0 else len(scenes) - 1
                left_ms = steps[item].length_ms
                return put(state, playlist=playlist, item=item, sub=sub, steps=scenes, left_ms=left_ms)
        home = ((self.wall.home,) * self.wall.screens_n,)
        return put(
            state, playlist=playlist, item=NOTHING_FITS, sub=0, steps=home, left_ms=max(self.wall.dwell_ms, 1000)
        )

    def back(self, state: State, facts: Facts) -> State:
        """Return the state with the playlist at the scene before."""
        if state.sub > 0:
            return put(state, sub=state.sub - 1, left_ms=self._length_ms(state))
        return self.go(state, facts, state.playlist, state.item, -1)

    def on(self, state: State, facts: Facts) -> State:
        """Return the state with the playlist at the scene after."""
        if state.sub + 1 < len(state.steps):
            return put(state, sub=state.sub + 1, left_ms=self._length_ms(state))
        return self.go(state, facts, state.playlist, state.item)

    def _length_ms(self, state: State) -> int:
        return self.plan.playlists[state.playlist].steps[state.item].length_ms

    def _fit(self, state: State, facts: Facts) -> State:
        """Return a state that fits the plan: the file may be another than when it was stored."""
        playlist = self.plan.playlists.get(state.playlist)
        layers = (state.chosen, state.hold, state.takeover)
        screens = [*state.steps, *(layer.screens for layer in layers if layer is not None)]
        fits = playlist is not None and state.item < len(playlist.steps) and state.sub < len(state.steps)
        if fits and all(len(each) == self.wall.screens_n for each in screens):
            return state
        bare = put(state, chosen=None, hold=None, takeover=None, before=None)
        begun = self.go(bare, facts, self.plan.playlist_at(self.wall, state.at), NOTHING_FITS)
        return put(begun, rev=state.rev + 1, since=state.at, shown_ms=0)

    def _is_out_of_schedule(self, state: State) -> bool:
        return state.top is None and state.playlist != self.plan.playlist_at(self.wall, state.at)

    def _end_all_due(self, state: State, facts: Facts) -> State:
        while (ended := self._end_what_is_due(state, facts)) is not state:
            state = ended
        return state

    def _end_what_is_due(self, state: State, facts: Facts) -> State:
        state = drop_ended(state)
        if state.hold is not None and state.hold.left_ms <= 0:  # also under a takeover
            return settle(state, put(state, hold=None), self.wall)
        if left_of_top(state) <= 0:
            return self.end_top(state, facts)
        if self._is_out_of_schedule(state) and state.shown_ms >= self.wall.dwell_ms:
            wanted = self.plan.playlist_at(self.wall, state.at)
            return settle(state, self.go(state, facts, wanted, NOTHING_FITS), self.wall)
        return state

    def _hear(self, state: State, facts: Facts) -> State:
        """Take notice of incidents: new and graver ones take over, those that ended give way."""
        state = self._announce(state, {incident.id: incident for incident in facts.incidents})
        takeover = state.takeover
        if takeover is not None and all(incident.id != takeover.incident.id for incident in facts.incidents):
            seen_ms = state.shown_ms if state.top is takeover else self.wall.dwell_ms
            missing_ms = max(0, self.wall.dwell_ms - seen_ms)
            if missing_ms == 0:
                state = settle(state, put(state, takeover=None), self.wall)
            elif takeover.left_ms > missing_ms:
                state = with_top_left(state, missing_ms)
        return self._take_over(state, facts)

    def _announce(self, state: State, standing: dict[int, OpenIncident]) -> State:
        known = {number: rank for number, rank in state.announced.items() if int(number) in standing}
        new = []
        for incident in standing.values():
            rank = known.get(str(incident.id))
            takeover = self.wall.takeover_of(incident.rank)
            if takeover is not None and (
                incident.rank < rank if rank is not None else state.at - incident.started_at <= takeover.begun_within
            ):
                new.append(incident)
            known[str(incident.id)] = incident.rank if rank is None else min(rank, incident.rank)
        again = {incident.id for incident in new}
        kept = (standing[each.id] for each in state.waiting if each.id in standing and each.id not in again)
        waiting = tuple(sorted((*kept, *new), key=lambda incident: (incident.rank, incident.id)))
        if waiting == state.waiting and known == state.announced:
            return state
        return put(state, waiting=waiting, announced=known)

    def _take_over(self, state: State, facts: Facts) -> State:
        for incident in state.waiting:
            rule = self.wall.takeover_of(incident.rank)
            if rule is None or (state.hold is not None and not rule.breaks_hold):
                continue
            running = state.takeover
            if running is not None and running.incident.rank <= incident.rank:
                return state
            rest = tuple(each for each in state.waiting if each.id != incident.id)
            if running is not None and running.incident.id != incident.id:
                rest = tuple(sorted((*rest, running.incident), key=lambda each: (each.rank, each.id)))
            under = put(state, takeover=None)
            scene = self._scene_of(rule.scene, incident, facts)
            screens = tuple(
                scene if not rule.screens or number in rule.screens else shown
                for number, shown in enumerate(under.shown[0], start=1)
            )
            takeover = Takeover(
                screens=screens, left_ms=rule.length_ms, incident=incident, breaks_hold=rule.breaks_hold
            )
            return settle(state, put(state, takeover=takeover, waiting=rest), self.wall)
        return state

    def _scene_of(self, pattern: str, incident: OpenIncident, facts: Facts) -> str:
        scene, _, argument = pattern.partition(":")
        if argument == "*":
            pattern = f"{scene}:{incident.area}" if incident.area else self.wall.home
        return pattern if facts.knows(pattern) else self.wall.home

    def _expand(self, step: Step, facts: Facts) -> tuple[Screens, ...]:
        """Return what a step becomes: nothing where its condition does not hold or a pattern finds nothing."""
        if not holds(step.when, facts):
            return ()
        columns = [self._each(scene, facts) for scene in step.scenes]
        if not all(columns):
            return ()
        columns += [columns[-1]] * (self.wall.screens_n - len(columns))
        n = max(len(column) for column in columns[: self.wall.screens_n])
        return tuple(
            tuple(column[number % len(column)] for column in columns[: self.wall.screens_n]) for number in range(n)
        )

    def _each(self, pattern: str, facts: Facts) -> Sequence[str]:
        scene, _, argument = pattern.partition(":")
        takes = facts.takes(scene)
        found: Sequence[str] = (pattern,)
        if argument == "*":
            found = [f"{scene}:{slug}" for slug in self.plan.arguments.get(takes, ())]
        elif argument.startswith(_WORST):
            n = int(argument.removeprefix(_WORST))
            found = [f"{scene}:{slug}" for slug in facts.worst(takes)[:n]]
        return [each for each in found if facts.knows(each)]
