"""One run: start everything, follow the plan, let it come to rest, compare tables and browsers with the oracle."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import timedelta
from typing import Any, Protocol

import msgspec

from bench.faults import actions
from bench.faults.chromium import RealBrowser, maybe_browser
from bench.faults.clock import Jump
from bench.faults.model import wrong_history
from bench.faults.oracle import Tables, differences, expected_appeals, expected_incidents, load_tables, shortened
from bench.faults.plan import Fault, has_clock_jumps, make_plan
from bench.faults.stage import Options, Stage
from bench.faults.world import APPEAL_SOURCES, SOURCES
from svodka.domain.clock import monotonic_s
from svodka.readmodels import values
from tests import oracle
from tests.e2e.processes import wait_until
from tests.shown import differences as number_differences
from tests.shown import shown_numbers

START_LIMIT_S = 90.0
_QUIET_S = 2.0
_REACH_S = 30.0
VALUE_TYPES: dict[str, Any] = {
    "in_time": values.InTimeValue,
    "response": values.ResponseValue,
    "open": values.OpenValue,
    "satisfaction": values.SatisfactionValue,
    "flow": values.FlowValue,
    "map": values.MapValue,
    "sectors": values.SectorsValue,
    "incidents": values.IncidentsValue,
    "feed": values.FeedValue,
}


class Report(msgspec.Struct, kw_only=True):
    """What a run did and found.

    Attributes:
        faults: How many of each kind hit something.
        skipped: How many found nobody to hit (a process that was just being started again).
        events_n: Published versions.
        wrong: Everything that is not as it must be, in words; empty when all is well.
        browsers: What the browsers went through, added up.
        is_strict: No clock jumped, so that nothing was relaxed.
        pruned_n: Lines of the log that were removed during the run.
    """

    seed: int
    database: str
    topology: str
    faults: Counter[str] = msgspec.field(default_factory=Counter)
    skipped: Counter[str] = msgspec.field(default_factory=Counter)
    misbehaved: Counter[str] = msgspec.field(default_factory=Counter)
    events_n: int = 0
    log_lines: int = 0
    browsers: Counter[str] = msgspec.field(default_factory=Counter)
    exits: dict[str, dict[int, int]] = {}
    is_strict: bool = False
    pruned_n: int = 0
    settle_s: float = 0.0
    took_s: float = 0.0
    wrong: list[str] = []

    @property
    def faults_n(self) -> int:
        """How many faults hit something."""
        return self.faults.total()

    def line(self) -> str:
        """Return the run in one line."""
        verdict = "ok" if not self.wrong else f"WRONG: {shortened(self.wrong)}"
        return (
            f"seed {self.seed:>3} {self.database:8} {self.topology:10} {self.faults_n:>4} faults "
            f"({self.skipped.total()} hit nobody) {self.events_n:>6} events {self.log_lines:>6} lines "
            f"({self.pruned_n} pruned) {'strict' if self.is_strict else 'clock jumped'}, "
            f"{self.browsers['connections']:>4} connections, settled in {self.settle_s:5.1f} s, "
            f"took {self.took_s:5.0f} s: {verdict}"
        )


def run_once(options: Options) -> Report:
    """Make one run."""
    began_s = monotonic_s()
    report = Report(seed=options.seed, database=options.database, topology=options.topology)
    stage = Stage(options)
    try:
        with maybe_browser(enabled=options.chromium) as open_screen:
            stage.open_models()
            wait_begun(stage)
            screen = open_screen(stage)
            _follow_plan(stage, screen, report)
            settle_and_compare(stage, screen, report)
    except Exception as error:  # noqa: BLE001 - what cannot be compared is not right
        report.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        report.exits = {name: dict(one.exits) for name, one in stage.keeper.managed.items()}
        report.misbehaved = stage.systems.misbehaved
        if report.wrong and options.keep:
            print(f"kept: {stage.folder}", [text[:120] for text in report.wrong])
        stage.close()
    report.took_s = monotonic_s() - began_s
    return report


def wait_begun(stage: Stage) -> None:
    """Wait until every browser shows something: what it has never seen it cannot miss."""
    wait_until(lambda: all(model.seq >= 0 for model in stage.models), START_LIMIT_S, "every browser shows something")


def _follow_plan(stage: Stage, screen: RealBrowser, report: Report) -> None:
    options = stage.options
    stage.clock.go()
    plan = make_plan(
        options.seed,
        faults_n=options.faults_n,
        span_s=options.span_s,
        database=options.database,
        topology=options.topology,
        targets=targets_of(stage),
        long_stop=options.span_s > 100 and options.seed % 3 == 0,
        clock_jumps=has_clock_jumps(options.seed),
    )
    began_s = monotonic_s()
    running: list[tuple[float, Fault, actions.Undo]] = []

    def rest_until(at_s: float) -> None:
        while True:
            now_s = monotonic_s() - began_s
            for one in [one for one in running if one[0] <= now_s]:
                running.remove(one)
                one[2]()
            next_s = min([at_s, *(ends_s for ends_s, _, _ in running)])
            if now_s >= at_s:
                return
            screen.rest(min(max(next_s - now_s, 0.01), 0.25))

    for fault in plan:
        rest_until(fault.at_s)
        undo = actions.begin(stage, fault)
        if undo is None:
            report.skipped[fault.kind] += 1
            continue
        report.faults[fault.kind] += 1
        running.append((fault.at_s + fault.lasts_s, fault, undo))
    rest_until(max([options.span_s, *(ends_s for ends_s, _, _ in running)]))
    for _, _, undo in running:
        undo()


def targets_of(stage: Stage) -> dict[str, int]:
    """Return how many there are of everything that can be hit, by resource."""
    pairs = len(stage.web_ports)
    return {"poll": pairs, "web": pairs, "source": len(SOURCES), "net": len(stage.nets)}


def settle_and_compare(stage: Stage, screen: RealBrowser, report: Report) -> None:
    """Wait until the tables are as they must be, end the polling, and compare tables and browsers."""
    began_s = monotonic_s()
    world, now = stage.world, stage.clock.ends_at
    while stage.clock.true_now() < now:
        screen.rest(0.2)
    jumps = stage.clock.jumps
    report.is_strict = not jumps
    wrong = ["nothing was read"]
    tables: Tables | None = None
    while wrong and monotonic_s() - began_s < stage.options.settle_limit_s:
        screen.rest(1.0)
        tables = _load(stage)
        wrong = ["the database does not answer"] if tables is None else differences(tables, world, now, jumps=jumps)
    report.settle_s = monotonic_s() - began_s
    report.events_n = len(world.items)
    if tables is None or wrong:
        report.wrong = wrong
        return
    screen.rest(_QUIET_S)
    stage.end_polling()
    tables = load_tables_now(stage)
    report.log_lines, report.pruned_n = tables.head, tables.log_first - 1
    report.wrong = [
        *differences(tables, world, now, jumps=jumps),
        *_wrong_browsers(stage, screen, tables, report),
    ]
    if stage.options.log_kept_s and not report.pruned_n:
        report.wrong.append("the log was to be pruned and was not")


def load_tables_now(stage: Stage) -> Tables:
    """Return the tables of this moment."""
    database = stage.open_database()
    try:
        return load_tables(database, may_be_pruned=stage.options.log_kept_s > 0)
    finally:
        database.close()


def _load(stage: Stage) -> Tables | None:
    try:
        return load_tables_now(stage)
    except Exception:  # noqa: BLE001 - it is not there yet: asked again
        return None


def _wrong_browsers(stage: Stage, screen: RealBrowser, tables: Tables, report: Report) -> Iterator[str]:
    """Compare every browser with a snapshot that the server has just made."""
    judge = stage.new_judge()
    everybody = [judge, *stage.models]
    if not _waited(lambda: all(model.seq >= tables.head for model in everybody), screen, _REACH_S):
        yield f"browsers stand at { ({model.name: model.seq for model in everybody}) }, the log at {tables.head}"
        if judge.seq < 0:
            return  # it shows nothing yet, so there is nothing to compare with
    picture = judge.picture()
    yield from _wrong_numbers(stage, tables, picture)
    watchers: list[Watcher] = [*stage.models, *screen.watchers]
    ended = find_ended(tables) - find_undatable(tables, stage.clock.jumps)
    for model in stage.models:
        yield from _unlike(model.name, model.picture(), picture)
        yield from wrong_history(model, tables.log)
        report.browsers.update(model.counts)
    for watcher in watchers:
        for text in not_presented(watcher, ended):
            yield f"{text}; of the first: {_history(tables, watcher, min(ended - watcher.presented))}"
    yield from screen.wrong(stage, picture, shown_numbers(_typed(picture["values"])), tables.head)


def _waited(is_so: Callable[[], bool], screen: RealBrowser, limit_s: float) -> bool:
    until_s = monotonic_s() + limit_s
    while not is_so():
        if monotonic_s() > until_s:
            return False
        screen.rest(0.1)
    return True


def _unlike(name: str, shown: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    for part in ("epoch", "seq", "appeals", "incidents"):
        if shown[part] != expected[part]:
            yield f"{name} shows other {part} than the server"
    for stem, value in expected["values"].items():
        if shown["values"].get(stem) != value:
            yield f"{name} shows {stem} {_unlike_parts(shown['values'].get(stem), value)}"


def _unlike_parts(shown: Any, expected: Any) -> str:
    if not isinstance(shown, dict) or not isinstance(expected, dict):
        return f"{shown!r}"[:200]
    unlike = {key: (shown.get(key), value) for key, value in expected.items() if shown.get(key) != value}
    return f"(shown, expected): {unlike}"[:300]


def _typed(told: dict[str, Any]) -> dict[str, Any]:
    return {stem: msgspec.convert(told[stem], kind) for stem, kind in VALUE_TYPES.items()}


def _wrong_numbers(stage: Stage, tables: Tables, picture: dict[str, Any]) -> Iterator[str]:
    """Compare every number of the snapshot with one computed from the inputs."""
    world, now, profile = stage.world, stage.clock.ends_at, stage.profile
    sectors = {topic.id: topic.sector for topic in profile.topics}
    appeals = [
        {name: row[name] for name in ("channel", "area", "status", "received_at", "feed_at", "answered_at", "rating")}
        | {"sector": sectors[row["topic"]], "due_at": row["term"]}
        for row in expected_appeals(world, now).values()
    ]
    incidents = [
        {"area": row["area"], "level": row["level"], "is_open": row["status"] != "closed"}
        for row in expected_incidents(world, now).values()
    ]
    covered = [tables.sources[source]["covered_from_at"] for source in APPEAL_SOURCES]
    truth = {"appeals": appeals, "incidents": incidents, "history_from": max(covered)}
    wrong = number_differences(shown_numbers(_typed(picture["values"])), oracle.compute(truth, profile, now))
    for name, (shown, expected) in sorted(wrong.items())[:5]:
        yield f"the number {name} is {shown}, expected {expected}"


def _history(tables: Tables, watcher: Watcher, key: str) -> str:
    """Return when something was learnt of an incident, and by which messages a browser went past it."""
    lines = [(line["seq"], str(line["at"])) for line in tables.log if line["kind"] == "incident" and line["key"] == key]
    learnt = [(str(one["known_at"]), one["status"]) for one in tables.incident_versions.get(int(key), [])]
    past = [
        (one.kind, one.from_seq, one.to_seq, one.at)
        for one in getattr(watcher, "applied", [])
        if lines and lines[0][0] - 60 <= one.to_seq <= lines[-1][0] + 200
    ]
    return f"lines {lines}, learnt {learnt}, messages {past}"


class Watcher(Protocol):
    """A browser, with the ids of the incidents that it was shown or told of as missed.

    Attributes:
        presented: Those ids.
        missed_without_name: How many more it was told of by their number alone.
    """

    name: str
    presented: set[str]
    missed_without_name: int


def find_ended(tables: Tables) -> set[str]:
    """Return the incidents that began and ended while the browsers were there: since before the day began.

    They stand in the log. Where that was pruned, the versions tell: open by one commit, over by a later one. What one
    commit began and ended was never open to anybody who watched.
    """
    begun: set[str] = set()
    ended: set[str] = set()
    for line in tables.log:
        if line["kind"] != "incident":
            continue
        if json.loads(line["payload"])["op"] == "put":
            begun.add(line["key"])
        elif line["key"] in begun:
            ended.add(line["key"])
    over = {row["id"] for row in tables.incidents.values() if not row["is_open"]}
    for incident_id in over & tables.incident_versions.keys():
        told = [version for version in tables.incident_versions[incident_id] if version["applied"]]
        open_at = [version["known_at"] for version in told if version["status"] != "closed"]
        over_at = [version["known_at"] for version in told if version["status"] == "closed"]
        if open_at and over_at and max(open_at) < max(over_at):
            ended.add(str(incident_id))
    return ended


def find_undatable(tables: Tables, jumps: Sequence[Jump]) -> set[str]:
    """Return the incidents of which something was learnt at an instant that the clock showed twice, or out of turn.

    What lay before such an instant and what after, as `missed` must know, cannot be said. A clock that was set forward
    shows again, when it is right, what it had shown; one set back shows what was before.
    """
    zero = timedelta(0)
    spans = [(jump.began_at + min(jump.by, zero), jump.ended_at + max(jump.by, zero)) for jump in jumps]
    learnt: Mapping[str, list[Any]] = {
        str(row["id"]): [
            row["closed_at"], *(version["known_at"] for version in tables.incident_versions.get(row["id"], []))
        ]
        for row in tables.incidents.values()
    }  # fmt: skip
    return {
        key
        for key, instants in learnt.items()
        if any(begins <= at <= ends for at in instants if at is not None for begins, ends in spans)
    }


def not_presented(watcher: Watcher, ended: Set[str]) -> Iterator[str]:
    """Check that whatever began and ended was shown to a browser, or told as missed."""
    unseen = ended - watcher.presented
    if len(unseen) > watcher.missed_without_name:
        yield f"{watcher.name} was never told of {len(unseen)} incidents that began and ended: {sorted(unseen)[:5]}"
