"""Every crash point in turn, on one installation: a process is armed, dies there, and is started again.

The comparison comes at the end, so each crash also meets what the ones before it left behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.faults.chromium import RealBrowser
from bench.faults.processes import Managed
from bench.faults.run import Report, settle_and_compare, wait_begun
from bench.faults.stage import Options, Stage
from svodka.domain.clock import monotonic_s
from svodka.settings.crash import CRASH_EXIT_CODE, POLL_POINTS, WEB_POINTS
from tests.e2e.processes import wait_until

SECONDS_PER_POINT = 3.0
_DIE_LIMIT_S = 60.0
_CRASH_AT = "SVODKA_CRASH_AT"


def crash_everywhere(
    database: str,
    *,
    poll_points: Sequence[str] = POLL_POINTS,
    web_points: Sequence[str] = WEB_POINTS,
    seed: int = 1,
    events_n: int = 3000,
    keep: bool = False,
) -> Report:
    """Crash at every point once and compare; what was not died of is wrong."""
    began_s = monotonic_s()
    points = [*(("poll0", point) for point in poll_points), *(("web0", point) for point in web_points)]
    options = Options(
        seed=seed,
        database=database,
        events_n=events_n,
        span_s=SECONDS_PER_POINT * len(points) * 1.5,
        models_n=2,
        keep=keep,
        restart_s=(0.0, 0.05),
    )
    report = Report(seed=seed, database=database, topology="crash points")
    stage = Stage(options)
    try:
        stage.open_models()
        wait_begun(stage)
        stage.clock.go()
        for name, point in points:
            if not _dies(stage, stage.keeper.managed[name], point):
                report.wrong.append(f"{name} did not die at {point}")
            report.faults[point] += 1
        stage.clock.finish()
        found = list(report.wrong)
        settle_and_compare(stage, RealBrowser(), report)
        report.wrong = [*found, *report.wrong]
    except Exception as error:  # noqa: BLE001 - what cannot be compared is not right
        report.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        report.exits = {name: dict(one.exits) for name, one in stage.keeper.managed.items()}
        stage.close()
    report.took_s = monotonic_s() - began_s
    return report


def _dies(stage: Stage, managed: Managed, point: str) -> bool:
    """Have the next process of a kind die at a point; return whether it did, by the exit code of a crash."""
    managed.is_wanted = False
    managed.kill()
    wait_until(lambda: managed.process is None, _DIE_LIMIT_S, f"{managed.name} ended")
    stage.forget_leases()
    for model in stage.models:
        model.forget()
    before = managed.exits[CRASH_EXIT_CODE]
    managed.environment[_CRASH_AT] = point
    if point.startswith("failure"):
        stage.systems.manners["storm-a"] = "500"
    managed.is_wanted = True
    try:
        wait_until(lambda: managed.exits[CRASH_EXIT_CODE] > before, _DIE_LIMIT_S, f"dead at {point}")
    except AssertionError:
        return False
    finally:
        stage.systems.manners.clear()
        del managed.environment[_CRASH_AT]
    return True
