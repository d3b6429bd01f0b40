"""The page «Проблемы»: problems with their appeals, every word of a citizen masked; and how fresh the picture is."""

from __future__ import annotations

from datetime import datetime

import msgspec

from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.domain.masking import mask
from svodka.domain.problems import (
    PAGE_N,
    AsOf,
    EmptyProblem,
    FoundAppeal,
    FoundProblem,
    OpenedProblem,
    ProblemFilter,
    ProblemList,
    ShownAppeal,
    SilentSource,
)
from svodka.profiles.model import Profile, SourceConfig
from svodka.storage.database import Connection, Database
from svodka.storage.queries.problems import (
    count_problems,
    count_singles,
    load_decisions,
    load_histories,
    load_members,
    load_problem,
    load_problems,
    load_singles,
)
from svodka.storage.sources import SourceHealth, load_sources

MEMBERS_N = 50
SINGLES_N = 10
DECISIONS_N = 20
_READ_CHARS = 20_000
_SHOWN_CHARS = 1_500


def read_problems(database: Database, profile: Profile, now: datetime, asked: ProblemFilter, page: int) -> ProblemList:
    """Return one page of the problems that have an open appeal.

    Raises:
        StorageUnavailableError: The database does not answer.
    """
    with database.read() as connection:
        total_n = count_problems(connection, asked)
        pages_n = max(1, -(-total_n // PAGE_N))
        page = min(max(page, 0), pages_n - 1)
        found = load_problems(connection, asked, PAGE_N, page * PAGE_N)
        return ProblemList(
            problems=tuple(_masked_problem(one) for one in found),
            total_n=total_n,
            page=page,
            pages_n=pages_n,
            singles_n=count_singles(connection, asked),
            as_of=_compute_as_of(connection, profile, now),
        )


def read_problem(database: Database, problem_id: int) -> OpenedProblem | EmptyProblem:
    """Return a problem with its appeals.

    Raises:
        StorageUnavailableError: The database does not answer.
    """
    with database.read() as connection:
        decisions = tuple(load_decisions(connection, problem_id, DECISIONS_N))
        problem = load_problem(connection, problem_id)
        if problem is None:
            return EmptyProblem(problem_id, decisions)
        members = load_members(connection, problem_id, MEMBERS_N)
        steps = load_histories(connection, [one.id for one in members])
        singles = load_singles(connection, problem, SINGLES_N)
    return OpenedProblem(
        problem=_masked_problem(problem),
        appeals=tuple(ShownAppeal(_masked_appeal(one), steps.get(one.id, ())) for one in members),
        singles=tuple(_masked_appeal(one) for one in singles),
        decisions=decisions,
    )


def _masked_problem(problem: FoundProblem) -> FoundProblem:
    return msgspec.structs.replace(problem, address=_masked(problem.address))


def _masked_appeal(appeal: FoundAppeal) -> FoundAppeal:
    text = _masked(appeal.text) or ""
    if len(text) > _SHOWN_CHARS:
        text = text[:_SHOWN_CHARS] + "…"
    return msgspec.structs.replace(appeal, text=text, address=_masked(appeal.address))


def _masked(text: str | None) -> str | None:
    # Masked before it is cut to what is shown: half a number would not be known for one.
    return None if text is None else mask(text[:_READ_CHARS])


def _compute_as_of(connection: Connection, profile: Profile, now: datetime) -> AsOf:
    health = load_sources(connection)
    told = [source for source in profile.sources if source.records == "appeals"]
    last = {source.id: health.get(source.id, SourceHealth(source_id=source.id)).last_complete_at for source in told}
    late = [source for source in told if _is_late(source, last[source.id], now)]
    in_time = [at for source in told if source not in late and (at := last[source.id]) is not None]
    return AsOf(
        at=min(in_time, default=None),
        silent=tuple(SilentSource(source.name, last[source.id]) for source in late),
        sources_n=len(told),
    )


def _is_late(source: SourceConfig, last_complete_at: datetime | None, now: datetime) -> bool:
    limits = Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
    # As on the wall: after a clock was set back, what lies ahead is not fresh.
    age_s = None if last_complete_at is None else abs((now - last_complete_at).total_seconds())
    return decide_source_state(age_s, limits) in {State.STALE, State.DEAD}
