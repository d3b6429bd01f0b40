"""What people decide about problems: an appeal is about something else, two problems are one; and taking that back.

Each decision stands with who took it and when, in the transaction that does it, and with what has to be put back to
undo it. Storing new appeals never changes one (`svodka.ingest.problems`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from svodka.domain import codec
from svodka.domain.reasons import JoinReason
from svodka.storage.counters import take_numbers
from svodka.storage.database import Connection, Database
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.problems import Membership, lock_problems, save_memberships
from svodka.storage.tables import appeals, problem_appeals, problem_decisions
from svodka.storage.upsert import chunks


class DecisionKind(StrEnum):
    """What was decided."""

    TAKE_OUT = "take_out"
    JOIN_APPEAL = "join_appeal"
    JOIN_PROBLEM = "join_problem"


class Answer(StrEnum):
    """What came of a wish; each has a word for the operator."""

    DONE = "done"
    NOT_THERE = "not_there"
    SAME = "same"
    ELSEWHERE = "elsewhere"
    UNDONE = "undone"
    CHANGED_SINCE = "changed_since"


class _Moved(msgspec.Struct, frozen=True):
    """Where an appeal was before; `membership` is None where it was in no problem and nobody had decided anything."""

    appeal_id: int
    membership: Membership | None


class _Decision(msgspec.Struct, frozen=True):
    kind: DecisionKind
    problem_id: int
    other_id: int


def take_out(database: Database, entry: JournalEntry, problem_id: int, appeal_id: int) -> Answer:
    """Say that an appeal is about something else than the rest of its problem.

    Args:
        database: An open, migrated database.
        entry: Who decides, and when.
        problem_id: The problem that it is shown in.
        appeal_id: The appeal. It is in no problem then; later appeals that are like it join it.

    Returns:
        DONE, or NOT_THERE: it is no longer in that problem.

    Raises:
        StorageUnavailableError: Nothing was changed.
    """
    with database.write() as connection:
        lock_problems(connection)
        known = _load(connection, [appeal_id]).get(appeal_id)
        if known is None or known.problem_id != problem_id:
            return Answer.NOT_THERE
        out = msgspec.structs.replace(
            known, problem_id=None, reason=JoinReason.PERSON.value, like_id=None, joined_at=entry.at
        )
        save_memberships(connection, [out])
        _note(connection, entry, _Decision(DecisionKind.TAKE_OUT, problem_id, appeal_id), [_Moved(appeal_id, known)])
    return Answer.DONE


def join_appeal(database: Database, entry: JournalEntry, problem_id: int, appeal_id: int) -> Answer:
    """Say that an appeal which is in no problem tells of this one.

    Returns:
        DONE; NOT_THERE: there is no such problem or appeal; SAME: it is there already; ELSEWHERE: it is in another.

    Raises:
        StorageUnavailableError: Nothing was changed.
    """
    with database.write() as connection:
        lock_problems(connection)
        is_known = connection.scalar(sa.select(appeals.c.id).where(appeals.c.id == appeal_id)) is not None
        if not is_known or not _load_members(connection, problem_id):
            return Answer.NOT_THERE
        known = _load(connection, [appeal_id]).get(appeal_id)
        if known is not None and known.problem_id is not None:
            return Answer.SAME if known.problem_id == problem_id else Answer.ELSEWHERE
        save_memberships(connection, [_joined(appeal_id, problem_id, entry)])
        _note(connection, entry, _Decision(DecisionKind.JOIN_APPEAL, problem_id, appeal_id), [_Moved(appeal_id, known)])
    return Answer.DONE


def join_problem(database: Database, entry: JournalEntry, problem_id: int, other_id: int) -> Answer:
    """Say that another problem is this one: all its appeals move here, its number is empty from then on.

    Returns:
        DONE; SAME: it is this one; NOT_THERE: one of the two has no appeal.

    Raises:
        StorageUnavailableError: Nothing was changed.
    """
    if problem_id == other_id:
        return Answer.SAME
    with database.write() as connection:
        lock_problems(connection)
        others = _load_members(connection, other_id)
        if not others or not _load_members(connection, problem_id):
            return Answer.NOT_THERE
        save_memberships(connection, [_joined(one.appeal_id, problem_id, entry) for one in others])
        moved = [_Moved(one.appeal_id, one) for one in others]
        _note(connection, entry, _Decision(DecisionKind.JOIN_PROBLEM, problem_id, other_id), moved)
    return Answer.DONE


def undo(database: Database, entry: JournalEntry, decision_id: int) -> Answer:
    """Take a decision back: appeals that are where it put them return to where they were.

    Returns:
        DONE; NOT_THERE: no such decision; UNDONE: it was taken back before; CHANGED_SINCE: none of its appeals is where
        it put them, so nothing was changed.

    Raises:
        StorageUnavailableError: Nothing was changed.
    """
    with database.write() as connection:
        lock_problems(connection)
        query = sa.select(problem_decisions).where(problem_decisions.c.id == decision_id)
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return Answer.NOT_THERE
        if row["undone_at"] is not None:
            return Answer.UNDONE
        put = None if row["kind"] == DecisionKind.TAKE_OUT else row["problem_id"]
        moved = codec.decode_as(row["moved"], list[_Moved])
        present = _load(connection, [one.appeal_id for one in moved])
        back = [one for one in moved if one.appeal_id in present and present[one.appeal_id].problem_id == put]
        if not back:
            return Answer.CHANGED_SINCE
        save_memberships(connection, [one.membership for one in back if one.membership is not None])
        _forget(connection, [one.appeal_id for one in back if one.membership is None])
        done = {"undone_at": entry.at, "undone_link_id": entry.link_id}
        connection.execute(sa.update(problem_decisions).where(problem_decisions.c.id == decision_id).values(**done))
        save_entry(connection, msgspec.structs.replace(entry, detail=f"undo {decision_id}"))
    return Answer.DONE


def _joined(appeal_id: int, problem_id: int, entry: JournalEntry) -> Membership:
    return Membership(
        appeal_id=appeal_id,
        problem_id=problem_id,
        reason=JoinReason.PERSON.value,
        like_id=None,
        joined_at=entry.at,
    )


def _load(connection: Connection, appeal_ids: Sequence[int]) -> dict[int, Membership]:
    found = {}
    for some in chunks(appeal_ids):
        query = sa.select(problem_appeals).where(problem_appeals.c.appeal_id.in_(some))
        for row in connection.execute(query).mappings():
            found[row["appeal_id"]] = Membership(**row)
    return found


def _load_members(connection: Connection, problem_id: int) -> list[Membership]:
    query = sa.select(problem_appeals).where(problem_appeals.c.problem_id == problem_id)
    return [Membership(**row) for row in connection.execute(query.order_by(problem_appeals.c.appeal_id)).mappings()]


def _forget(connection: Connection, appeal_ids: Iterable[int]) -> None:
    for some in chunks(list(appeal_ids)):
        connection.execute(sa.delete(problem_appeals).where(problem_appeals.c.appeal_id.in_(some)))


def _note(connection: Connection, entry: JournalEntry, decision: _Decision, moved: Sequence[_Moved]) -> None:
    row = {
        **msgspec.structs.asdict(decision),
        "id": take_numbers(connection, "decision_id", 1),
        "at": entry.at,
        "link_id": entry.link_id,
        "moved": codec.encode_text(moved),
        "undone_at": None,
        "undone_link_id": None,
    }
    connection.execute(sa.insert(problem_decisions).values(**row))
    save_entry(connection, msgspec.structs.replace(entry, detail=f"{decision.kind.value} {decision.other_id}"))
