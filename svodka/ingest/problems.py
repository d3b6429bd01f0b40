"""New appeals that tell of a problem which is known: put together while their page is stored, and never taken apart.

Nothing of an appeal changes by it, and no number is counted from it. What people say about problems
(`svodka.storage.decisions`) stands: only an appeal that was never in the database is looked at.

An appeal joins an earlier one that it shares a clue with (`svodka.ingest.clues`), the strongest first, unless

- one of them names another house, or a point more than a kilometre away: the same words about another place;
- the texts are from two areas; words of no area are of the first area that joins them;
- the earlier one was received more than the profile's window before or after, and nothing of its problem was open any
  more when the later one was received.

The first problem that is found is kept; two problems are never made one. Who cannot join an earlier one is found in
its place from then on. See docs/adr/0163.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from svodka.domain.reasons import JoinReason
from svodka.geography.houses import read_house
from svodka.geography.names import fold
from svodka.geography.scale import distance_km
from svodka.ingest.clues import NEAR_KM, Clue, Clues, clue_of_id, compute_clues
from svodka.profiles.model import Profile
from svodka.storage.counters import take_numbers
from svodka.storage.database import Connection
from svodka.storage.facts import StoredAppeal
from svodka.storage.problems import (
    Membership,
    Teller,
    load_named_tellers,
    load_open_problems,
    load_tellers,
    save_clues,
    save_memberships,
)

FAR_KM = 1.0
_OF_AREA = frozenset({JoinReason.SAME_TEXT, JoinReason.SAME_HOUSE})


class NewAppeal(msgspec.Struct, frozen=True):
    """An appeal that was just stored for the first time, with its address in words."""

    facts: StoredAppeal
    address: str | None


def group_appeals(connection: Connection, profile: Profile, new: Sequence[NewAppeal], now: datetime) -> int:
    """Put new appeals to the problems that they tell of, in their order.

    Args:
        connection: A writing transaction in which these appeals are stored, and which took their ids or holds
            `lock_problems`.
        profile: The region.
        new: The appeals.
        now: When this is decided.

    Returns:
        How many of them joined an earlier one.
    """
    if not new:
        return 0
    grouping = _Grouping(connection, profile, new, now)
    for appeal in new:
        grouping.place(appeal)
    return grouping.save(connection)


class _Grouping:
    """The grouping of one page: what is known by the page's clues, and what becomes of it."""

    def __init__(self, connection: Connection, profile: Profile, new: Sequence[NewAppeal], now: datetime) -> None:
        self._now = now
        self._window = timedelta(days=profile.problem_window_days)
        self._clues = _compute_all(profile, new)
        self._tellers: dict[int, dict[str, Teller]] = defaultdict(dict)
        repeated = {(one.facts.source_id, one.facts.repeat_of) for one in new if one.facts.repeat_of}
        numbers = {clue.number for one in self._clues.values() for clue in one.clues}
        numbers.update(clue_of_id(*name) for name in repeated)
        for teller in load_tellers(connection, numbers):
            self._tellers[teller.clue][teller.area] = teller
        self._named = load_named_tellers(connection, repeated)
        known = [*self._named.values(), *(one for areas in self._tellers.values() for one in areas.values())]
        # What this page puts together gets numbers below 0 until it is known how many are needed.
        self._problem_of = {one.appeal_id: one.problem_id for one in known if one.problem_id is not None}
        self._open = load_open_problems(connection, set(self._problem_of.values()))
        self._made_n = 0
        self._members: dict[int, Membership] = {}
        self._stored: dict[tuple[int, str], tuple[int, int | None]] = {}
        self._present: Teller | None = None  # the appeal that is looked at, as those behind it will find it

    def place(self, appeal: NewAppeal) -> None:
        """Find the problem of an appeal, and keep what later ones find it by."""
        facts, mine = appeal.facts, self._clues[appeal.facts.id]
        like, reason = self._find_named(facts), JoinReason.REPEAT
        for clue in mine.clues:
            tellers = self._tellers.get(clue.number, {})
            teller = self._pick(tellers, clue, facts) if tellers else None
            if teller is not None and teller.appeal_id != facts.id and self._is_same(clue, facts, mine, teller):
                if like is None:
                    like, reason = teller, clue.reason
                if clue.reason is JoinReason.SAME_TEXT and facts.area is not None and facts.area not in tellers:
                    self._tell(clue, facts, mine)  # from here on these words are known to be of this area
            elif clue.is_told:
                self._tell(clue, facts, mine)
        if like is not None:
            self._join(facts, like, reason)

    def save(self, connection: Connection) -> int:
        """Write what was found; return how many appeals joined an earlier one."""
        first = take_numbers(connection, "problem_id", self._made_n) - self._made_n if self._made_n else 0
        members = [
            msgspec.structs.replace(one, problem_id=first - one.problem_id)
            if one.problem_id is not None and one.problem_id < 0
            else one
            for one in self._members.values()
        ]
        save_memberships(connection, members)
        save_clues(connection, self._stored)
        return sum(one.reason != JoinReason.FIRST for one in members)

    def _find_named(self, facts: StoredAppeal) -> Teller | None:
        """Return the appeal that this one repeats, or another that repeats it; where there is none, leave word."""
        if not facts.repeat_of or facts.repeat_of == facts.foreign_id:
            return None
        number = clue_of_id(facts.source_id, facts.repeat_of)
        found = self._named.get((facts.source_id, facts.repeat_of)) or self._tellers.get(number, {}).get("")
        if found is None:
            self._tell(Clue(JoinReason.REPEAT, number, is_told=True), facts, self._clues[facts.id])
        return found

    def _tell(self, clue: Clue, facts: StoredAppeal, mine: Clues) -> None:
        area = (facts.area or "") if clue.reason in _OF_AREA else ""
        self._stored[clue.number, area] = (facts.id, mine.house)
        if self._present is None or self._present.appeal_id != facts.id:
            self._present = Teller(
                clue=0,
                area=area,
                house=mine.house,
                appeal_id=facts.id,
                received_at=facts.received_at,
                is_open=facts.is_open,
                lat=facts.lat,
                lon=facts.lon,
                problem_id=None,
            )
        self._tellers[clue.number][area] = self._present

    def _join(self, facts: StoredAppeal, like: Teller, reason: JoinReason) -> None:
        problem_id = self._problem_of.get(like.appeal_id)
        if problem_id is None:
            self._made_n += 1
            problem_id = -self._made_n
            self._add(like.appeal_id, problem_id, JoinReason.FIRST, None)
        self._add(facts.id, problem_id, reason, like.appeal_id)
        if facts.is_open or like.is_open:
            self._open.add(problem_id)

    def _add(self, appeal_id: int, problem_id: int, reason: JoinReason, like_id: int | None) -> None:
        self._problem_of[appeal_id] = problem_id
        self._members[appeal_id] = Membership(
            appeal_id=appeal_id, problem_id=problem_id, reason=reason.value, like_id=like_id, joined_at=self._now
        )

    def _is_same(self, clue: Clue, facts: StoredAppeal, mine: Clues, teller: Teller) -> bool:
        if clue.reason is JoinReason.REPEAT:
            return True
        if not self._is_in_time(facts, teller):
            return False
        if mine.house is not None and teller.house is not None:
            return mine.house == teller.house
        if facts.lat is None or facts.lon is None or teller.lat is None or teller.lon is None:
            return True
        apart_km = distance_km(facts.lat, facts.lon, teller.lat, teller.lon)
        return apart_km <= (NEAR_KM if clue.reason is JoinReason.SAME_SPOT else FAR_KM)

    def _pick(self, tellers: dict[str, Teller], clue: Clue, facts: StoredAppeal) -> Teller | None:
        """Return who is found by a clue: for texts from the same area, or where one of the two areas is not known."""
        if clue.reason is not JoinReason.SAME_TEXT:
            return next(iter(tellers.values()))
        if facts.area is None:
            return min(tellers.values(), key=lambda teller: teller.appeal_id)
        own, of_none = tellers.get(facts.area), tellers.get("")
        if own is not None or of_none is None:
            return own
        # Who named no area is of another one once somebody from there has joined: not of two at once.
        problem_id = self._problem_of.get(of_none.appeal_id)
        others = (self._problem_of.get(one.appeal_id) for area, one in tellers.items() if area)
        return None if problem_id is not None and problem_id in others else of_none

    def _is_in_time(self, facts: StoredAppeal, teller: Teller) -> bool:
        if abs(facts.received_at - teller.received_at) <= self._window:
            return True
        is_open = teller.is_open or self._problem_of.get(teller.appeal_id) in self._open
        return is_open and facts.received_at > teller.received_at


def _compute_all(profile: Profile, new: Sequence[NewAppeal]) -> dict[int, Clues]:
    other = profile.other_topic.id
    areas = {appeal.facts.area for appeal in new if appeal.address}
    own_names = {
        area.id: frozenset(fold(name) for name in (area.name, area.centre, *area.aliases))
        for area in profile.areas
        if area.id in areas
    }
    clues = {}
    for appeal in new:
        facts = appeal.facts
        house = read_house(appeal.address, own_names.get(facts.area or "", ())) if appeal.address else None
        clues[facts.id] = compute_clues(facts, house, is_other=facts.topic == other)
    return clues
