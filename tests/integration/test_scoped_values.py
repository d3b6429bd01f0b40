"""Values of an area, a sector or both, for 24 hours and for seven days, against the oracle and against the region's."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from svodka.domain.changes import ChangeKind
from svodka.domain.codec import encode
from svodka.readmodels.keys import Key, Scope
from svodka.readmodels.registry import READ_MODELS, build_values, key_of
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests import facts_factory as facts
from tests import oracle
from tests.random_facts import MIDDLES, NOTHING, histories
from tests.shown import differences, shown_numbers

OF_PARTS = ("in_time", "response", "open", "satisfaction", "flow", "map", "sectors", "incidents", "feed")
HOURS = {"day": 24, "week": 168}
OF_OTHERS = ("area_", "unknown_area", "sector_")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request, tmp_path_factory):
    """One database for all examples of a kind."""
    cluster = request.getfixturevalue("postgres") if request.param == "postgres" else None
    url = cluster.create() if cluster else f"sqlite:///{tmp_path_factory.mktemp('db') / 'svodka.sqlite3'}"
    opened = open_database(url)
    migrate(opened)
    yield opened
    opened.close()
    if cluster:
        cluster.drop(url)


def compute(connection, profile, now, scope):
    """Return the values of every read model that takes what the scope names, by stem."""
    named = {name for name in ("area", "sector") if getattr(scope, name) is not None}
    keys = [key_of(model.stem, scope) for model in READ_MODELS if model.stem in OF_PARTS and named <= model.takes]
    values = build_values(connection, profile, now, set(ChangeKind), keys)
    return {key.stem: values[str(key)] for key in keys}


SCOPES = st.builds(
    Scope,
    area=st.none() | st.sampled_from(facts.AREAS),
    sector=st.none() | st.sampled_from(facts.SECTORS),
    period=st.sampled_from(["day", "week"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), scopes=st.lists(SCOPES, min_size=3, max_size=3))
@example(history=(NOTHING, "UTC", MIDDLES[0]), scopes=[Scope(area="nowhere")])
def test_every_number_of_every_part_equals_the_oracle(database, history, scopes):
    """Any history, zone and moment; by the very definitions of the region."""
    truth, zone, now = history
    profile = facts.small_profile(zone)
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        for scope in scopes:
            shown = shown_numbers(compute(connection, profile, now, scope))
            part = {"area": scope.area, "sector": scope.sector, "hours": HOURS[scope.period]}
            expected = oracle.compute(truth, profile, now, **part)
            missing = {name for name in expected if name not in shown and name.startswith(OF_OTHERS)}
            assert not differences(shown, {n: v for n, v in expected.items() if n not in missing}), scope


def counts_of(values):
    """Return the numbers that add up over parts: counts, and what shares and means rest on."""
    numbers = shown_numbers(values)
    added = {name: n or 0 for name, n in numbers.items() if isinstance(n, int) and not name.endswith(":previous")}
    return Counter({name: n for name, n in added.items() if name != "response_minutes"})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), period=st.sampled_from(["day", "week"]))
def test_parts_add_up_to_the_region(database, history, period):
    """All sectors, and all areas with what is of none; the region's numbers come from the rollups."""
    truth, zone, now = history
    profile = facts.small_profile(zone)
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        whole = counts_of(compute(connection, profile, now, Scope(period=period)))
        of_sectors = sum(
            (counts_of(compute(connection, profile, now, Scope(sector=slug, period=period))) for slug in facts.SECTORS),
            Counter(),
        )
        of_areas = sum(
            (counts_of(compute(connection, profile, now, Scope(area=slug, period=period))) for slug in facts.AREAS),
            Counter(),
        )
    nowhere = {"appeals": [row for row in truth["appeals"] if row["area"] is None], "incidents": []}
    undetermined = oracle.compute(nowhere | {"history_from": truth["history_from"]}, profile, now, hours=HOURS[period])
    # An incident of a kind without a sector, or of no area, is the region's alone; what has no term may be unknown.
    skipped = ("incidents", "overdue_now", "week_ago_received_full_hours", "flow_week_ago")
    for name, n in whole.items():
        if name.startswith(skipped):
            continue
        if not name.startswith("sector_"):
            assert of_sectors[name] == n, name
        if not name.startswith(("area_", "unknown_area")):
            assert of_areas[name] + (undetermined.get(name) or 0) == n, name


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), period=st.sampled_from(["day", "week"]))
def test_a_part_that_holds_everything_is_the_region(database, history, period):
    """To the last byte: shares, medians, means, bounds of shades, and what is unknown."""
    truth, zone, now = history
    profile = facts.small_profile(zone)
    everything = {"area": "north-town", "sector": "housing", "kind": "heat"}
    truth = truth | {name: [row | everything for row in truth[name]] for name in ("appeals", "incidents")}
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        whole = compute(connection, profile, now, Scope(period=period))
        for part in ({"area": "north-town"}, {"sector": "housing"}, {"area": "north-town", "sector": "housing"}):
            values = compute(connection, profile, now, Scope(**part, period=period))
            assert {stem: encode(value) for stem, value in values.items()} == {
                stem: encode(whole[stem]) for stem in values
            }


def test_what_a_scope_does_not_know_is_left_out_of_the_key():
    """One value has one key, whatever scene asks for it."""
    scope = Scope(area="a", sector="s", period="week", wall="main", kpi="open")
    assert key_of("sources", scope) == Key("sources")
    assert str(key_of("flow", scope)) == "flow@area=a,sector=s"
    assert str(key_of("sectors", scope)) == "sectors@area=a"
