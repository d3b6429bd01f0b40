"""Where the time of the whole road goes: one run under cProfile, divided by what is called from where.

cProfile makes every call dearer, small ones most; shares are right to a few hundredths, and speeds are not shown.
"""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

# (file, function, lines…) as pstats names a function, and what it knows of each.
_Key = tuple[str, int, str]
_Call = tuple[int, int, float, float]
_Entry = tuple[int, int, float, float, dict[_Key, _Call]]

# By the end of the file's name and the function; what is called inside is part of it.
_STAGES = {
    "fetch": (("_toolkit/http.py", "fetch"),),
    "parse": (("_toolkit/documents.py", "parse_json"),),
    "normalise": (("http_json/normalise.py", "normalise_page"),),
    "screen": (("ingest/screening.py", "screen_appeals"),),
    "classify": (("ingest/classify.py", "classify_appeal"),),
    "merge": (("ingest/page.py", "_apply"), ("analytics/rollups.py", "compute_difference")),
    "problems": (("ingest/problems.py", "_compute_all"), ("ingest/problems.py", "place")),
    "commit": (("~", "<method 'commit' of 'sqlite3.Connection' objects>"), ("psycopg/connection.py", "commit")),
}
_CALLERS, _CALLED = ("svodka/ingest/",), ("svodka/storage/",)


def profile(work: Callable[[], object]) -> tuple[dict[str, float], list[tuple[str, float]]]:
    """Do something once.

    Returns:
        Share of the whole time by stage, and the functions that took most by themselves with their share.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        work()
    finally:
        profiler.disable()
    stats = cast("dict[_Key, _Entry]", cast("Any", pstats.Stats(profiler)).stats)
    total_s = sum(entry[2] for entry in stats.values())
    spent_s: Counter[str] = Counter()
    for key, (_, _, _, cumulative_s, callers) in stats.items():
        for stage, functions in _STAGES.items():
            if any(key[0].endswith(file) and key[2].startswith(name) for file, name in functions):
                spent_s[stage] += cumulative_s
        if any(part in key[0] for part in _CALLED):
            spent_s["SQL"] += sum(call[3] for caller, call in callers.items() if any(p in caller[0] for p in _CALLERS))
    spent_s["merge"] -= spent_s["classify"]  # what is news is classified while it is merged
    spent_s["rest"] = total_s - sum(spent_s.values())
    top = sorted(stats.items(), key=lambda item: -item[1][2])[:20]
    return (
        {stage: spent_s[stage] / total_s for stage in (*_STAGES, "SQL", "rest")},
        [(_name(key), entry[2] / total_s) for key, entry in top],
    )


def _name(key: _Key) -> str:
    file, line, function = key
    if file == "~":
        return function
    parts = file.split("/")
    return f"{'/'.join(parts[-2:])}:{line} {function}"
