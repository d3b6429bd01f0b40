"""Problems and their appeals, as an operator looks at them.

What citizens wrote is in it; `svodka.readmodels.problems` masks it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from svodka.domain.problems import FoundAppeal, FoundDecision, FoundProblem, ProblemFilter, Step
from svodka.storage.problems import read_address
from svodka.storage.tables import (
    access_links,
    appeal_versions,
    appeals,
    problem_appeals,
    problem_decisions,
)

_IS_OPEN = appeals.c.is_open == sa.true()


def count_problems(connection: sa.Connection, asked: ProblemFilter) -> int:
    """Return how many problems of two appeals or more have an open one there."""
    grouped = _grouped(asked).subquery()
    return int(connection.scalar(sa.select(sa.func.count()).select_from(grouped)) or 0)


def load_problems(connection: sa.Connection, asked: ProblemFilter, limit: int, offset: int) -> list[FoundProblem]:
    """Return problems with an open appeal, those with the most appeals first."""
    query = _grouped(asked).order_by(sa.desc("appeals_n"), sa.desc("last_at"), "id").limit(limit).offset(offset)
    return _complete(connection, connection.execute(query).mappings().all())


def load_problem(connection: sa.Connection, problem_id: int) -> FoundProblem | None:
    """Return a problem, None where no appeal tells of it (any more)."""
    query = _totals().where(problem_appeals.c.problem_id == problem_id)
    found = _complete(connection, connection.execute(query).mappings().all())
    return found[0] if found else None


def load_members(connection: sa.Connection, problem_id: int, limit: int) -> list[FoundAppeal]:
    """Return the appeals of a problem, open ones first, then the newest first; at most so many."""
    query = _appeals().where(problem_appeals.c.problem_id == problem_id)
    query = query.order_by(appeals.c.is_open.desc(), appeals.c.received_at.desc(), appeals.c.id.desc()).limit(limit)
    return [_appeal(row) for row in connection.execute(query).mappings()]


def load_singles(connection: sa.Connection, problem: FoundProblem, limit: int) -> list[FoundAppeal]:
    """Return open appeals in no problem, of the same topic and area as this one, the newest first."""
    query = _appeals().where(
        _IS_OPEN,
        appeals.c.topic == problem.topic,
        appeals.c.area.is_not_distinct_from(problem.area),
        problem_appeals.c.problem_id.is_(None),
    )
    query = query.order_by(appeals.c.received_at.desc(), appeals.c.id.desc()).limit(limit)
    return [_appeal(row) for row in connection.execute(query).mappings()]


def count_singles(connection: sa.Connection, asked: ProblemFilter) -> int:
    """Return how many open appeals nothing was joined with."""
    query = (
        sa.select(sa.func.count())
        .select_from(appeals.outerjoin(problem_appeals, problem_appeals.c.appeal_id == appeals.c.id))
        .where(_IS_OPEN, problem_appeals.c.problem_id.is_(None), *_there(asked))
    )
    return int(connection.scalar(query) or 0)


def load_histories(connection: sa.Connection, appeal_ids: Sequence[int]) -> dict[int, tuple[Step, ...]]:
    """Return what was told of some appeals, in the order of learning."""
    told = appeal_versions.c
    query = (
        sa.select(told.appeal_id, *(told[name] for name in Step.__struct_fields__))
        .where(told.appeal_id.in_(appeal_ids))
        .order_by(told.appeal_id, told.version)
    )
    found: dict[int, list[Step]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        values = dict(row)
        found[values.pop("appeal_id")].append(Step(**values))
    return {appeal_id: tuple(steps) for appeal_id, steps in found.items()}


def load_decisions(connection: sa.Connection, problem_id: int, limit: int) -> list[FoundDecision]:
    """Return what people decided about a problem, the newest first."""
    who, undoer = access_links.alias(), access_links.alias()
    columns = problem_decisions.c
    query = (
        sa.select(
            *(columns[name] for name in ("id", "at", "kind", "problem_id", "other_id", "undone_at")),
            sa.func.coalesce(who.c.label, "").label("who"),
            sa.func.coalesce(undoer.c.label, "").label("undone_by"),
        )
        .outerjoin(who, who.c.id == columns.link_id)
        .outerjoin(undoer, undoer.c.id == columns.undone_link_id)
        .where(
            (columns.problem_id == problem_id) | ((columns.other_id == problem_id) & (columns.kind == "join_problem"))
        )
        .order_by(columns.id.desc())
        .limit(limit)
    )
    return [FoundDecision(**row) for row in connection.execute(query).mappings()]


def _there(asked: ProblemFilter) -> list[sa.ColumnElement[bool]]:
    wanted = ((appeals.c.area, asked.area), (appeals.c.sector, asked.sector))
    return [column == value for column, value in wanted if value is not None]


def _totals() -> sa.Select[Any]:
    def count_of(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    return (
        sa.select(
            problem_appeals.c.problem_id.label("id"),
            sa.func.count().label("appeals_n"),
            count_of(_IS_OPEN).label("open_n"),
            count_of(appeals.c.status == "rejected").label("rejected_n"),
            count_of(appeals.c.status == "withdrawn").label("withdrawn_n"),
            sa.func.min(appeals.c.received_at).label("first_at"),
            sa.func.max(appeals.c.received_at).label("last_at"),
            sa.func.min(sa.case((_IS_OPEN, appeals.c.due_at))).label("oldest_due_at"),
            sa.func.min(appeals.c.id).label("first_id"),
        )
        .join_from(problem_appeals, appeals, appeals.c.id == problem_appeals.c.appeal_id)
        .group_by(problem_appeals.c.problem_id)
    )


def _grouped(asked: ProblemFilter) -> sa.Select[Any]:
    there = (
        sa.select(problem_appeals.c.problem_id)
        .join_from(problem_appeals, appeals, appeals.c.id == problem_appeals.c.appeal_id)
        .where(_IS_OPEN, *_there(asked))
    )
    return _totals().where(problem_appeals.c.problem_id.in_(there)).having(sa.func.count() > 1)


def _complete(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[FoundProblem]:
    """Add to totals what is not a total: where the appeals came from, and what the first of them says."""
    ids, firsts = [row["id"] for row in rows], [row["first_id"] for row in rows]
    ways: dict[int, tuple[set[str], set[str]]] = {problem_id: (set(), set()) for problem_id in ids}
    query = (
        sa.select(problem_appeals.c.problem_id, appeals.c.channel, appeals.c.source_id)
        .join_from(problem_appeals, appeals, appeals.c.id == problem_appeals.c.appeal_id)
        .where(problem_appeals.c.problem_id.in_(ids))
        .distinct()
    )
    for problem_id, channel, source_id in connection.execute(query):
        ways[problem_id][0].add(channel)
        ways[problem_id][1].add(source_id)
    first_rows = connection.execute(
        _with_facts(
            sa.select(appeals.c.id, appeals.c.topic, appeals.c.sector, appeals.c.area, appeal_versions.c.facts)
        ).where(appeals.c.id.in_(firsts))
    ).mappings()
    first_of = {row["id"]: row for row in first_rows}
    found = []
    for row in rows:
        values = dict(row)
        first = first_of[values.pop("first_id")]
        channels, sources = ways[row["id"]]
        found.append(
            FoundProblem(
                **values,
                channels=tuple(sorted(channels)),
                sources=tuple(sorted(sources)),
                topic=first["topic"],
                sector=first["sector"],
                area=first["area"],
                address=read_address(first["facts"]),
            )
        )
    return found


def _appeals() -> sa.Select[Any]:
    names = (
        "id", "source_id", "channel", "topic", "status", "is_open", "received_at", "answered_at", "due_at", "text",
    )  # fmt: skip
    return _with_facts(
        sa.select(
            *(appeals.c[name] for name in names),
            problem_appeals.c.reason,
            problem_appeals.c.like_id,
            problem_appeals.c.joined_at,
            appeal_versions.c.facts,
        ).outerjoin(problem_appeals, problem_appeals.c.appeal_id == appeals.c.id)
    )


def _with_facts(query: sa.Select[Any]) -> sa.Select[Any]:
    told = appeal_versions.c
    return query.outerjoin(appeal_versions, (told.appeal_id == appeals.c.id) & (told.version == appeals.c.version))


def _appeal(row: sa.RowMapping) -> FoundAppeal:
    values = dict(row)
    return FoundAppeal(address=read_address(values.pop("facts")), **{**values, "reason": values["reason"] or ""})
