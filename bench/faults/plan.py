"""Which fault comes when, for how long and to whom: decided by the seed before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec

from bench.faults.world import SOURCES

SPLIT, PAIR, SUPERVISED = "1x1", "2x2", "supervised"
_SEPARATE = (SPLIT, PAIR)
_ALL = (SPLIT, PAIR, SUPERVISED)
_GAP_S = 0.6
_LOG_KEPT_S = 6.0


class Kind(msgspec.Struct, frozen=True):
    """A kind of fault.

    Attributes:
        name: Of the kind.
        resource: What it disturbs; two faults never disturb one resource at once.
        lasts_s: Shortest and longest duration, both 0 for a blow.
        weight: How often it comes, relative to the others.
        databases, topologies: Where it is possible.
        targets: How many there are to choose from, by the resource's name.
    """

    name: str
    resource: str
    lasts_s: tuple[float, float] = (0.0, 0.0)
    weight: int = 1
    databases: tuple[str, ...] = ("sqlite", "postgres")
    topologies: tuple[str, ...] = _ALL


class Fault(msgspec.Struct, frozen=True):
    """One fault of a plan; `target` counts from 0 within its resource."""

    at_s: float
    kind: str
    lasts_s: float
    target: int


KINDS: tuple[Kind, ...] = (
    Kind("kill_poll", "poll", weight=4),
    Kind("kill_web", "web", weight=3),
    Kind("kill_supervisor", "supervisor", weight=2, topologies=(SUPERVISED,)),
    Kind("stop_poll", "poll", (1.0, 4.0)),
    Kind("stop_web", "web", (1.0, 4.0)),
    Kind("kill_redis", "redis", weight=2),
    Kind("redis_restart", "redis", topologies=_SEPARATE),
    Kind("redis_restart_empty", "redis", topologies=_SEPARATE),
    Kind("redis_flush", "redis", topologies=_SEPARATE),
    Kind("redis_refuses_writes", "redis", (2.0, 4.0), topologies=_SEPARATE),
    Kind("redis_stopped", "redis", (2.0, 5.0)),
    Kind("pubsub_drop", "pubsub", (3.0, 6.0), topologies=_SEPARATE),
    Kind("pubsub_double", "pubsub", (3.0, 6.0), topologies=_SEPARATE),
    Kind("pubsub_reorder", "pubsub", (3.0, 6.0), topologies=_SEPARATE),
    Kind("kill_postgres", "database", weight=2, databases=("postgres",)),
    Kind("database_unreachable", "database", (1.0, 5.0), weight=2, databases=("postgres",)),
    Kind("database_stalled", "database", (1.0, 4.0), databases=("postgres",)),
    Kind("database_locked", "database", (1.0, 7.0), weight=2, databases=("sqlite",)),
    Kind("database_read_only", "database", (1.5, 4.0)),
    Kind("database_full", "database", (1.5, 4.0)),
    Kind("source_hang", "source", (1.0, 3.0)),
    Kind("source_slow", "source", (1.0, 3.0)),
    Kind("source_half", "source", (1.0, 3.0)),
    Kind("source_500", "source", (1.0, 3.0)),
    Kind("source_429", "source", (1.0, 3.0)),
    Kind("source_empty", "source", (1.0, 3.0)),
    Kind("source_older", "source", (2.0, 5.0)),
    Kind("source_twice", "source", (2.0, 5.0)),
    Kind("net_cut", "net", weight=3),
    Kind("net_refused", "net", (1.0, 5.0), weight=2),
    Kind("net_stalled", "net", (1.0, 5.0)),
    Kind("net_delayed", "net", (2.0, 5.0)),
    Kind("net_throttled", "net", (2.0, 5.0)),
    Kind("net_sliced", "net", (2.0, 5.0)),
    Kind("clock_forward", "clock", (1.0, 3.0)),
    Kind("clock_back", "clock", (1.0, 3.0)),
)


def has_clock_jumps(seed: int) -> bool:
    """Whether the clock jumps in the run of a seed: in one of two, of every topology of `mixed`."""
    return (seed + seed // 4) % 2 == 0


def find_log_kept_s(seed: int) -> float:
    """Return for how many real seconds the change log is kept in the run of a seed: in one of three it is pruned."""
    return _LOG_KEPT_S if seed % 3 == 1 else 0.0


def make_plan(
    seed: int,
    *,
    faults_n: int,
    span_s: float,
    database: str,
    topology: str,
    targets: dict[str, int],
    long_stop: bool = False,
    clock_jumps: bool = True,
    kinds: Sequence[Kind] = KINDS,
) -> list[Fault]:
    """Return the faults of a run in the order of their beginning.

    Args:
        seed: Decides everything.
        faults_n: How many.
        span_s: Within which time they begin; all end before it is over.
        database: `sqlite` or `postgres`.
        topology: One of the three.
        targets: How many of a resource there are, where that is more than one.
        long_stop: One of them stops Redis for 30 s.
        clock_jumps: Whether the clock may jump; where it does not, everything is judged strictly.
        kinds: What to choose from.
    """
    draw = Random(f"plan {seed} {database} {topology}")  # noqa: S311 - a repeatable plan
    possible = [
        kind
        for kind in kinds
        if database in kind.databases and topology in kind.topologies and (clock_jumps or kind.resource != "clock")
    ]
    bag: list[Kind] = []
    busy_until: dict[tuple[str, int], float] = {}
    plan: list[Fault] = []
    if long_stop and span_s > 45:
        at_s = draw.uniform(2, span_s - 35)
        plan.append(Fault(at_s, "redis_stopped", 30.0, 0))
    long_one = [(fault.at_s, fault.at_s + fault.lasts_s + _GAP_S) for fault in plan]
    for number in range(faults_n - len(plan)):
        at_s = (number + draw.random()) * (span_s - 6) / faults_n
        if not bag:
            bag = [kind for kind in possible for _ in range(kind.weight)]
            draw.shuffle(bag)
            bag.sort(key=lambda kind: any(fault.kind == kind.name for fault in plan), reverse=True)  # new ones first
        for place in range(len(bag) - 1, -1, -1):
            kind = bag[place]
            target = draw.randrange(targets.get(kind.resource, 1))
            lasts_s = draw.uniform(*kind.lasts_s)
            collides = kind.resource == "redis" and any(a <= at_s + lasts_s and at_s <= b for a, b in long_one)
            if busy_until.get((kind.resource, target), 0.0) <= at_s and not collides:
                break
        else:
            kind, target, lasts_s = next(k for k in possible if k.name == "net_cut"), 0, 0.0
            place = -1
        if place >= 0:
            bag.pop(place)
        busy_until[kind.resource, target] = at_s + lasts_s + _GAP_S
        plan.append(Fault(at_s, kind.name, lasts_s, target))
    return sorted(plan, key=lambda fault: fault.at_s)


def source_of(target: int) -> str:
    """Return the source that a target of the resource `source` is."""
    return SOURCES[target]
