"""What operators registered by hand, as it stands now: facts together with the record they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from svodka.domain import codec
from svodka.domain.records import AppealRecord, IncidentRecord
from svodka.storage.database import Connection
from svodka.storage.tables import appeal_versions, appeals, incident_versions, incidents, problem_appeals

Kind = Literal["appeals", "incidents"]
_TOGETHER = 2


class _AppealVersion(msgspec.Struct, frozen=True):
    record: AppealRecord


class _IncidentVersion(msgspec.Struct, frozen=True):
    record: IncidentRecord


class KnownProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem that a registered appeal was put to: its number, how many appeals tell of it, and why this one does."""

    number: int
    appeals_n: int
    reason: str


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a form.

    Attributes:
        kind: Which it is.
        number: Our id: what the operator tells the citizen.
        record: The record that the present facts rest on.
        topic: Slug of its topic, or of the kind of the incident.
        area: Slug, None where it is not known.
        due_at: Its term, None where there is none.
        problem: What else tells of the same problem, None where nothing does; always of an incident.
    """

    kind: Kind
    number: int
    record: AppealRecord | IncidentRecord
    topic: str
    area: str | None
    due_at: datetime | None
    problem: KnownProblem | None = None


def load_registered(
    connection: Connection, kind: Kind, source_id: str, *, numbers: Sequence[int] = (), foreign_ids: Sequence[str] = ()
) -> list[Registered]:
    """Return records of a form by our numbers or by the ids of their forms, in the order of the numbers.

    Args:
        connection: Any transaction.
        kind: Of which kind they are.
        source_id: The form's source; what other sources told is not found.
        numbers: Ours.
        foreign_ids: Of the forms.
    """
    is_appeal = kind == "appeals"
    facts, versions = (appeals, appeal_versions) if is_appeal else (incidents, incident_versions)
    row_id = versions.c.appeal_id if is_appeal else versions.c.incident_id
    topic = facts.c.topic if is_appeal else facts.c.kind
    due_at = facts.c.due_at if is_appeal else sa.null()
    query = (
        sa.select(facts.c.id, topic, facts.c.area, due_at, versions.c.facts)
        .join(versions, sa.and_(row_id == facts.c.id, versions.c.version == facts.c.version))
        .where(
            facts.c.source_id == source_id,
            sa.or_(facts.c.id.in_(list(numbers)), facts.c.foreign_id.in_(list(foreign_ids))),
        )
        .order_by(facts.c.id)
    )
    found = []
    for number, topic_id, area, due, text in connection.execute(query):
        version: _AppealVersion | _IncidentVersion
        version = codec.decode_as(text, _AppealVersion) if is_appeal else codec.decode_as(text, _IncidentVersion)
        found.append(Registered(kind=kind, number=number, record=version.record, topic=topic_id, area=area, due_at=due))
    return found


def load_known_problem(connection: Connection, appeal_number: int) -> KnownProblem | None:
    """Return the problem that an appeal was put to with others, None where it stands alone."""
    mine = problem_appeals.alias("mine")
    query = (
        sa.select(problem_appeals.c.problem_id, sa.func.count(), sa.func.max(mine.c.reason))
        .join(mine, mine.c.problem_id == problem_appeals.c.problem_id)
        .where(mine.c.appeal_id == appeal_number)
        .group_by(problem_appeals.c.problem_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row[1] < _TOGETHER:
        return None
    return KnownProblem(number=row[0], appeals_n=row[1], reason=row[2])
