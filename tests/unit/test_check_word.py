"""`python app.py check` where asking itself has consequences."""

from __future__ import annotations

import app
from commands import check
from datasources.registry import confirms
from svodka.domain.clock import SystemClock
from tests.contracts.twins import load_twins


def test_a_source_that_forgets_what_is_confirmed_is_asked_for_one_page_only(monkeypatch):
    source = next(twin.source for twin in load_twins() if twin.source.connector == "telegram")
    asked = []

    class Waiting:
        def poll(self, cursor):
            asked.append(cursor)
            return check.PollResult(
                records=(), rejected=(), cursor="x", source_time_at=None, completeness=check.Completeness.PARTIAL
            )

        def close(self):
            pass

    monkeypatch.setattr(check, "build_connector", lambda *_args, **_more: Waiting())
    assert len(check._ask(source, app.read_settings(), SystemClock(), 5)) == 1
    assert asked == [None]
    table = next(twin.source for twin in load_twins() if twin.source.connector == "table")
    assert len(check._ask(table, app.read_settings(), SystemClock(), 5)) == 5
    assert confirms(source)
    assert not confirms(table)
