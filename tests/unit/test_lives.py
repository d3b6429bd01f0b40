"""How it was, as far as is known now: the rules of docs/time-machine.md, one by one."""

from __future__ import annotations

import msgspec

from svodka.domain.records import AppealStatus, IncidentStatus
from svodka.ingest.closing import close_vanished
from svodka.ingest.merge import Place, build_appeal, build_incident
from svodka.ingest.screening import Told
from svodka.past.lives import compute_appeal_life, compute_incident_life, state_at
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, incident, incident_source, minutes

NEW, IN_WORK, ANSWERED = AppealStatus.NEW, AppealStatus.IN_WORK, AppealStatus.ANSWERED


def life_of(*told):
    """Return the life of an appeal of which these (learnt at, changes) were told."""
    states, current = [], None
    for n, (known_at, changes) in enumerate(told, start=1):
        record = appeal("a", **changes)
        terms = PlainClassifier().classify_appeal(record, appeal_source())
        current = build_appeal(
            Told(record, str(n), b""), terms, current, place=Place(1, n), source_id="portal", now=known_at
        )
        states.append(current)
    return compute_appeal_life(states)


def shown(life, *at):
    """Return the stage at each of these minutes."""
    found = [state_at(life, T0 + minutes(n)) for n in at]
    return [None if facts is None else facts.status for facts in found]


def test_an_answer_that_was_told_late_was_given_when_it_was_given():
    """Told after two hours, given after one."""
    life = life_of((T0, {}), (T0 + minutes(120), {"status": ANSWERED, "answered_at": T0 + minutes(60)}))
    assert shown(life, -1, 0, 59, 60, 119) == [None, "new", "new", "answered", "answered"]


def test_what_was_met_as_answered_was_open_before():
    """Between receipt and answer somebody waited, whoever told of it later."""
    life = life_of((T0 + minutes(500), {"status": ANSWERED, "answered_at": T0 + minutes(60)}))
    assert shown(life, -1, 0, 59, 60) == [None, "new", "new", "answered"]
    assert state_at(life, T0).answered_at is None


def test_a_corrected_answer_corrects_the_past_and_a_second_answer_does_not():
    """The last word of a spell says when it began; taken back in between, there were two."""
    first = (T0 + minutes(60), {"status": ANSWERED, "answered_at": T0 + minutes(60)})
    corrected = (T0 + minutes(90), {"status": ANSWERED, "answered_at": T0 + minutes(30)})
    assert shown(life_of((T0, {}), first, corrected), 29, 30) == ["new", "answered"]
    back = (T0 + minutes(80), {"status": IN_WORK, "updated_at": T0 + minutes(80)})
    again = (T0 + minutes(200), {"status": ANSWERED, "answered_at": T0 + minutes(200)})
    life = life_of((T0, {}), first, back, again)
    assert shown(life, 59, 60, 79, 80, 199, 200) == ["new", "answered", "answered", "in_work", "in_work", "answered"]


def test_what_and_where_is_the_last_word():
    """A corrected area or topic was wrong from the beginning; so was a corrected receipt."""
    corrected = {"area_name": "south", "topic_code": "pothole", "received_at": T0 - minutes(10)}
    life = life_of((T0, {}), (T0 + minutes(300), corrected))
    facts = state_at(life, T0 + minutes(1))
    assert (facts.area, facts.topic, facts.feed_at) == ("south", "pothole", T0 - minutes(10))
    assert shown(life, -11, -10) == [None, "new"]


def test_a_withdrawn_appeal_is_open_until_it_was_withdrawn():
    """No time of answer: the word itself is its beginning."""
    withdrawn = {"status": AppealStatus.WITHDRAWN, "updated_at": T0 + minutes(40)}
    assert shown(life_of((T0, {}), (T0 + minutes(50), withdrawn)), 39, 40) == ["new", "withdrawn"]


def test_what_was_learnt_later_holds_where_spells_contradict_each_other():
    """An answer that a correction puts before the taking up leaves no time for it."""
    life = life_of(
        (T0, {}),
        (T0 + minutes(60), {"status": IN_WORK, "updated_at": T0 + minutes(60)}),
        (T0 + minutes(90), {"status": ANSWERED, "answered_at": T0 + minutes(20), "updated_at": T0 + minutes(90)}),
    )
    assert shown(life, 19, 20, 60, 100) == ["new", "answered", "answered", "answered"]


def test_an_incident_had_the_level_that_was_said_by_then():
    """Level and numbers grow; kind and place are the last word. Silence ends it when it was believed."""
    states, current = [], None
    words = [
        (0, {"level": "mild", "area_name": "south"}),
        (30, {"level": "grave", "updated_at": T0 + minutes(30), "status": IncidentStatus.IN_WORK}),
    ]
    for n, (at, changes) in enumerate(words, start=1):
        record = incident("i", **changes)
        terms = PlainClassifier().classify_incident(record, incident_source())
        current = build_incident(
            Told(record, str(n), b""), terms, current, place=Place(1, n), source_id="duty", now=T0 + minutes(at)
        )
        states.append(current)
    states.append(close_vanished(current, 3, T0 + minutes(90))[0])
    life = compute_incident_life(states)
    found = [state_at(life, T0 + minutes(n)) for n in (-1, 29, 30, 89, 90)]
    assert [facts and (facts.level, facts.is_open, facts.area) for facts in found] == [
        None,
        ("mild", True, None),
        ("grave", True, None),
        ("grave", True, None),
        ("grave", False, None),
    ]


def test_nothing_of_a_life_is_news_of_a_later_instant():
    """A row says when it was known; in a life everything is known as it happens."""
    life = life_of((T0 + minutes(90), {"updated_at": T0 + minutes(80)}))
    assert all(facts.known_at <= at for at, facts in life)
    assert msgspec.structs.asdict(life[0][1])["known_at"] == T0
