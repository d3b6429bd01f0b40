"""The simulated day: deterministic, rhythmic, plausible, for a region that nobody has heard of."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from simulator.day import make_day
from simulator.history import History
from simulator.life import HORIZON_D
from simulator.lives import appeal_state
from simulator.region import Region
from simulator.simulation import Places, Simulation, System, complete_simulation, load_simulation
from simulator.truth import truth_appeals, truth_incidents
from svodka.domain import codec
from svodka.domain.errors import ProfileError
from svodka.domain.records import AppealStatus, IncidentStatus
from tests.unit.simulated_profile import invented_profile

WEDNESDAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> History:
    profile = invented_profile()
    return History(Region(profile, load_simulation(profile), 7))


def test_the_same_profile_seed_and_date_give_the_same_bytes() -> None:
    """Two processes that serve the same day serve the same records."""
    profile = invented_profile()
    simulation = load_simulation(profile)
    first, second = (make_day(profile, simulation, 7, WEDNESDAY) for _ in range(2))
    assert codec.encode([first.appeals, first.incidents]) == codec.encode([second.appeals, second.incidents])
    other_seed = make_day(profile, simulation, 8, WEDNESDAY)
    assert codec.encode(first.appeals) != codec.encode(other_seed.appeals)
    assert codec.encode(first.appeals) != codec.encode(make_day(profile, simulation, 7, date(2026, 11, 19)).appeals)


def test_a_day_is_the_same_whatever_was_asked_before_it() -> None:
    """Days are made lazily and forgotten; the order of questions must not show."""
    profile = invented_profile()
    region = Region(profile, load_simulation(profile), 7)
    backwards = History(region)
    truth_appeals(backwards, NOW, since=NOW - timedelta(days=60))
    fresh = History(region)
    window = {"since": NOW - timedelta(days=2)}
    assert truth_appeals(backwards, NOW, **window) == truth_appeals(fresh, NOW, **window)


def test_nights_are_quiet_mornings_peak_and_weekends_are_lower(history: History) -> None:
    """The rhythm of four weeks, in the region's local time."""
    zone = history.region.profile.zone
    by_hour: Counter[int] = Counter()
    by_weekday: Counter[int] = Counter()
    for back in range(28):
        for appeal in history.day(WEDNESDAY - timedelta(days=back)).appeals:
            if not appeal.accident:
                local = appeal.received_at.astimezone(zone)
                by_hour[local.hour] += 1
                by_weekday[local.weekday()] += 1
    night, morning = sum(by_hour[h] for h in range(5)), sum(by_hour[h] for h in range(9, 12))
    assert morning > 8 * night
    assert max(by_hour, key=lambda hour: by_hour[hour]) in {9, 10, 11}
    assert (by_weekday[5] + by_weekday[6]) / 2 < 0.8 * sum(by_weekday[d] for d in range(5)) / 5
    assert 250 < sum(by_hour.values()) / 28 < 390, "3.2 a day per 10,000 of a million residents"


def test_every_appeal_of_a_day_arrives_on_that_local_day_and_areas_follow_population(history: History) -> None:
    """Also on the days on which the region's clocks change."""
    zone = history.region.profile.zone
    for day in (WEDNESDAY, date(2026, 11, 1), date(2026, 3, 8)):
        assert {appeal.received_at.astimezone(zone).date() for appeal in history.day(day).appeals} == {day}
    areas = Counter(
        appeal.area
        for back in range(14)
        for appeal in history.day(WEDNESDAY - timedelta(days=back)).appeals
        if not appeal.accident
    )
    assert areas["north"] > areas["south"] > areas["shire"] > 0


def test_a_life_only_goes_forward_and_ends_within_the_horizon(history: History) -> None:
    """Instants grow, whole seconds, answers carry their instant, nobody waits longer than the horizon."""
    for back in range(10):
        for appeal in history.day(WEDNESDAY - timedelta(days=back)).appeals:
            instants = [event.at for event in appeal.events]
            assert instants == sorted(set(instants))
            assert all(at.microsecond == 0 for at in instants)
            assert instants[-1] - instants[0] < timedelta(days=HORIZON_D)
            assert not appeal.events[-1].status.is_open
            assert all((event.answered_at is None) == event.status.is_open for event in appeal.events)
            assert appeal_state(appeal, instants[0] - timedelta(seconds=1)) is None


def test_answers_come_in_time_as_often_as_the_simulation_says() -> None:
    """The share of terms kept is what was asked for, in both directions."""
    for share in (0.95, 0.6):
        profile = invented_profile()
        systems = (System(id="post", channel="post", term_h=72, in_time_share=share),)
        simulation = complete_simulation(profile, Simulation(systems=systems))
        region = Region(profile, simulation, 3)
        kept = [
            appeal.events[-1].answered_at <= appeal.events[-1].due_at
            for back in range(10)
            for appeal in History(region).day(WEDNESDAY - timedelta(days=back)).appeals
            if appeal.events[-1].answered_at and appeal.events[-1].due_at
        ]
        assert abs(sum(kept) / len(kept) - share) < 0.03


def test_what_is_known_at_an_instant_never_comes_from_the_future(history: History) -> None:
    """The truth at an instant holds each appeal once, in its state of then."""
    rows = truth_appeals(history, NOW, since=NOW - timedelta(days=14))
    assert len({row["foreign_id"] for row in rows}) == len(rows) > 3000
    assert all(NOW - timedelta(days=14) <= row["updated_at"] <= NOW for row in rows)
    assert all(row["answered_at"] is None or row["answered_at"] <= row["updated_at"] for row in rows)
    never = {AppealStatus.WITHDRAWN}  # no simulated system knows that
    assert {row["status"] for row in rows} == {status.value for status in AppealStatus if status not in never}
    later = {row["foreign_id"]: row for row in truth_appeals(history, NOW + timedelta(hours=6), since=NOW)}
    changed = [row for row in rows if row["foreign_id"] in later]
    assert changed
    assert all(later[row["foreign_id"]]["updated_at"] > row["updated_at"] for row in changed if row["updated_at"] < NOW)


def test_some_appeals_repeat_an_earlier_one_of_the_same_system(history: History) -> None:
    """A repeat names an appeal that exists, came before it and is about the same."""
    appeals = {a.id: a for a in history.day(WEDNESDAY).appeals}
    repeats = [a for a in appeals.values() if a.repeat_of]
    assert repeats
    for repeat in repeats:
        original = appeals[repeat.repeat_of]
        assert original.received_at <= repeat.received_at
        assert (original.system, original.topic, original.area) == (repeat.system, repeat.topic, repeat.area)


def test_marks_are_one_to_five_and_better_after_an_answer_in_time(history: History) -> None:
    """Satisfaction has a cause."""
    marks: dict[bool, list[int]] = {True: [], False: []}
    for back in range(30):
        for appeal in history.day(WEDNESDAY - timedelta(days=back)).appeals:
            last = appeal.events[-1]
            if last.rating and last.answered_at:
                marks[last.answered_at - appeal.received_at <= timedelta(hours=24)].append(last.rating)
    assert set(marks[True]) == {1, 2, 3, 4, 5}
    assert sum(marks[True]) / len(marks[True]) > sum(marks[False]) / len(marks[False])


def test_the_heating_accident_grows_raises_complaints_and_is_repaired(history: History) -> None:
    """One town, affected houses up and then down, complaints several times as many as on other days."""
    day = history.day(WEDNESDAY)
    accident = next(incident for incident in day.incidents if incident.accident)
    counts = [event.affected_n for event in accident.events]
    peak = counts.index(max(counts))
    assert 0 < peak < len(counts) - 1
    assert counts[: peak + 1] == sorted(counts[: peak + 1])
    assert counts[peak:] == sorted(counts[peak:], reverse=True)
    assert accident.events[-1].status is IncidentStatus.CLOSED
    complaints = [a for a in day.appeals if a.accident]
    usual = [a for a in day.appeals if not a.accident and (a.topic, a.area) == ("heat", accident.area)]
    span = [a for a in usual if accident.started_at <= a.received_at <= accident.closed_at]
    assert {(a.topic, a.area) for a in complaints} == {("heat", accident.area)}
    assert all(accident.started_at < a.received_at < accident.closed_at for a in complaints)
    assert len(complaints) > len(span)


def test_incidents_are_open_at_every_hour_and_end(history: History) -> None:
    """A wall of a normal moment is neither empty nor crowded."""
    counts = []
    for hour in range(72):
        rows = truth_incidents(history, NOW - timedelta(hours=hour))
        assert all(row["is_open"] and row["closed_at"] is None for row in rows)
        counts.append(len(rows))
    assert 1 <= sum(counts) / len(counts) <= 8
    ended = truth_incidents(history, NOW, closed_within=timedelta(hours=12))
    assert any(row["closed_at"] is not None and row["status"] == "closed" for row in ended)


def test_a_record_without_the_name_of_its_area_can_still_be_placed() -> None:
    """A settlement's name alone, or a point alone, is told only where it means one area."""
    profile = invented_profile()
    places = Places(address_only_share=0.4, point_only_share=0.4, nowhere_share=0.05)
    day = make_day(profile, complete_simulation(profile, Simulation(places=places)), 1, WEDNESDAY)
    unnamed = [a for a in day.appeals if a.area_name is None and a.area is not None]
    assert {a.area for a in unnamed} == {"south"}, "the other two share the town of their seat"
    nowhere = [a for a in day.appeals if a.area is None]
    assert nowhere
    assert all(a.address is None and a.lat is None and a.area_name is None for a in nowhere)


def test_another_name_is_told_only_where_it_means_one_area() -> None:
    """An alias that begins another area's name has no right answer."""
    profile = invented_profile()
    north, south, shire = profile.areas
    south = msgspec.structs.replace(south, aliases=("North", "Southland"))
    profile = invented_profile(areas=(north, south, shire))
    simulation = complete_simulation(profile, Simulation(places=Places(alias_share=0.9)))
    told = {a.area_name for a in make_day(profile, simulation, 1, WEDNESDAY).appeals}
    assert {"Northam city", "Southland"} < told
    assert "North" not in told


def test_a_name_that_the_profile_does_not_have_is_refused() -> None:
    """A misspelt topic would otherwise silently never occur."""
    profile = invented_profile()
    with pytest.raises(ProfileError, match="unknown topics: heta"):
        complete_simulation(profile, Simulation(topic_weights={"heta": 1.0}))
    with pytest.raises(ProfileError, match="24, 7 and 5"):
        complete_simulation(profile, Simulation(hours=(1.0,)))


def test_a_misspelt_key_in_the_file_is_refused(tmp_path) -> None:
    """The file is typed."""
    (tmp_path / "simulation.toml").write_text("appeals_a_day = 5\n", encoding="utf-8")
    with pytest.raises(ProfileError, match="appeals_a_day"):
        load_simulation(invented_profile(str(tmp_path)))
