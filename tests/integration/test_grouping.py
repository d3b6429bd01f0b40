"""Appeals that tell of the same become one problem while they are stored, and nothing else changes by it."""

from __future__ import annotations

import threading
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from svodka.domain.reasons import JoinReason
from svodka.domain.records import AppealStatus, Point
from svodka.ingest import page as ingest_page
from svodka.ingest.commit import commit_page
from svodka.ingest.earlier import ensure_problems
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.tables import appeals, meta, problem_appeals, problem_clues
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, minutes, page
from tests.table_dump import dump_tables

PORTAL, PHONE = appeal_source("portal"), appeal_source("phone", channel="phone")
CLASSIFIER = PlainClassifier()
STATEMENT = "Третий день не горит ни один фонарь на всей улице, дети идут из школы в полной темноте."
HOUSE = "ул. Ленина, д. 5, кв. 12"


def commit(database, *records, source=PORTAL, at=0.0, **changes):
    return commit_page(database, CLASSIFIER, source, page(*records, **changes), days(365) + minutes(at))


def days(n):
    return T0 + timedelta(days=n)


def problems(database):
    """Return the foreign ids of each problem, the one made first before."""
    query = (
        sa.select(problem_appeals.c.problem_id, appeals.c.foreign_id)
        .join(appeals, appeals.c.id == problem_appeals.c.appeal_id)
        .order_by(problem_appeals.c.problem_id, appeals.c.foreign_id)
    )
    found: dict[int, list[str]] = {}
    with database.read() as connection:
        for problem_id, foreign_id in connection.execute(query):
            found.setdefault(problem_id, []).append(foreign_id)
    return list(found.values())


def reasons(database):
    query = sa.select(appeals.c.foreign_id, problem_appeals.c.reason).join_from(
        problem_appeals, appeals, appeals.c.id == problem_appeals.c.appeal_id
    )
    with database.read() as connection:
        return {row.foreign_id: row.reason for row in connection.execute(query)}


def test_the_same_words_in_two_channels_are_one_problem(database):
    """Both appeals stay as they are; the second one says by what it was recognised."""
    commit(database, appeal("a", text=STATEMENT), at=1)
    commit(database, appeal("b", text=STATEMENT.upper(), topic_code="pothole"), source=PHONE, at=2)
    assert problems(database) == [["a", "b"]]
    assert reasons(database) == {"a": JoinReason.FIRST, "b": JoinReason.SAME_TEXT}
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(appeals)) == 2


def test_the_same_house_and_topic_are_one_problem_whatever_is_written(database):
    """A flat makes no difference; another house, topic or area does."""
    commit(database, appeal("a", address=HOUSE, text="Холодно."), at=1)
    commit(
        database,
        appeal("b", address="Ленина 5, кв. 40", text="Батареи ледяные."),
        appeal("c", address="Ленина 7"),
        appeal("d", address=HOUSE, topic_code="pothole"),
        appeal("e", address=HOUSE, area_name="south"),
        appeal("f", address=HOUSE, topic_code="?"),
        appeal("g", address=HOUSE, topic_code="?"),
        source=PHONE,
        at=2,
    )
    assert problems(database) == [["a", "b"]]
    assert reasons(database)["b"] == JoinReason.SAME_HOUSE


def test_points_a_few_steps_apart_are_one_problem(database):
    """About fifty metres; not two hundred, and not where two houses are named."""
    near = {"topic_code": "pothole", "area_name": None}
    commit(database, appeal("a", point=Point(55.0, 86.0), **near), at=1)
    commit(database, appeal("b", point=Point(55.0004, 86.0001), **near), at=2)
    commit(database, appeal("c", point=Point(55.002, 86.0), **near), at=3)
    assert problems(database) == [["a", "b"]]
    commit(database, appeal("d", point=Point(54.0, 86.0), topic_code="pothole", address="Мира 1"), at=4)
    commit(database, appeal("e", point=Point(54.0002, 86.0), topic_code="pothole", address="Мира 3"), at=5)
    assert problems(database) == [["a", "b"]]


def test_the_same_words_about_another_place_are_another_problem(database):
    """Areas, houses and points a kilometre apart say so; an unknown area says nothing."""
    told = [
        {"area_name": "north", "address": HOUSE},
        {"area_name": "south"},
        {"area_name": "north", "address": "Ленина 9"},
        {"area_name": "south", "point": Point(55.0, 86.0)},
    ]
    for number, place in enumerate(told):
        commit(database, appeal(f"a{number}", text=STATEMENT, topic_code="?", **place), at=number)
    commit(database, appeal("a4", text=STATEMENT, topic_code="?", area_name="south", point=Point(55.1, 86.0)), at=5)
    assert problems(database) == [["a1", "a3", "a4"]]  # the south's first named no place
    commit(database, appeal("b", text=STATEMENT, topic_code="?", area_name=None), at=6)
    assert problems(database) == [["a1", "a3", "a4", "b"]]
    apart = {"topic_code": "?", "area_name": None, "text": STATEMENT + " Адрес не нужен, все и так знают."}
    commit(database, appeal("c", point=Point(55.0, 86.0), **apart), at=7)
    commit(database, appeal("d", point=Point(55.02, 86.0), **apart), at=8)
    assert len(problems(database)) == 1


@pytest.mark.parametrize("together", [True, False])
def test_words_of_no_area_make_one_problem_of_one_area_and_not_of_two(database, together):
    """A campaign: the first appeal names no place, the others name two municipalities."""
    told = [("none", None), ("n1", "north"), ("s1", "south"), ("n2", "north"), ("s2", "south"), ("more", None)]
    records = [appeal(name, text=STATEMENT, topic_code="?", area_name=area) for name, area in told]
    for some in [records] if together else [[record] for record in records]:
        commit(database, *some)
    assert problems(database) == [["more", "n1", "n2", "none"], ["s1", "s2"]]


def test_after_the_window_it_is_a_new_problem_unless_the_old_one_is_open(database):
    """Thirty days after an answered appeal the same house begins anew; an open one is never too old."""
    done = {"status": AppealStatus.ANSWERED, "address": HOUSE}
    for number, day in enumerate((0, 29, 61, 80)):
        commit(database, appeal(f"a{number}", received_at=days(day), **done))
    assert problems(database) == [["a0", "a1"], ["a2", "a3"]]
    commit(database, appeal("b0", received_at=days(0), address="Мира 1"), at=1)
    commit(database, appeal("b1", received_at=days(99), address="Мира 1"))
    assert problems(database)[2:] == [["b0", "b1"]]
    commit(database, appeal("b0", received_at=days(0), address="Мира 1", status=AppealStatus.ANSWERED))
    commit(database, appeal("b2", received_at=days(160), address="Мира 1"))
    assert problems(database)[2:] == [["b0", "b1", "b2"]]  # b1 is open still


def test_a_repeat_joins_what_it_repeats_whichever_comes_first(database):
    """By the id that its own source names; another source's id is another appeal."""
    commit(database, appeal("a", received_at=days(0), status=AppealStatus.ANSWERED), at=1)
    commit(database, appeal("b", received_at=days(200), repeat_of="a", area_name="south"), at=2)
    commit(database, appeal("c", repeat_of="a", area_name=None), source=PHONE, at=3)
    assert problems(database) == [["a", "b"]]
    commit(database, appeal("x2", repeat_of="x1", topic_code="pothole", area_name="south"), at=4)
    commit(database, appeal("x3", repeat_of="x1", topic_code="cold-flat"), at=5)
    commit(database, appeal("x1", topic_code="?", area_name=None), at=6)
    assert problems(database) == [["a", "b"], ["x1", "x2", "x3"]]
    assert reasons(database)["x1"] == JoinReason.REPEAT


def test_one_page_is_grouped_like_many(database):
    """Records of one answer find one another, in their order."""
    commit(
        database,
        appeal("b", repeat_of="a", area_name="south"),
        appeal("a", address=HOUSE),
        appeal("c", address=HOUSE),
        appeal("c", address=HOUSE, status=AppealStatus.IN_WORK, updated_at=T0 + minutes(1)),
        at=2,
    )
    assert problems(database) == [["a", "b", "c"]]


def test_a_bridge_keeps_the_first_problem(database):
    """An appeal that belongs to two problems joins the stronger clue's; the two stay two."""
    commit(database, appeal("a1", text=STATEMENT), appeal("a2", text=STATEMENT), at=1)
    commit(database, appeal("b1", address=HOUSE), appeal("b2", address=HOUSE), at=2)
    commit(database, appeal("c", text=STATEMENT, address=HOUSE), at=3)
    assert problems(database) == [["a1", "a2", "c"], ["b1", "b2"]]


def test_what_is_told_again_or_corrected_keeps_its_problem(database):
    """A replay adds nothing, and neither other words nor another house move an appeal."""
    first, second = appeal("a", address=HOUSE, text=STATEMENT), appeal("b", address=HOUSE)
    commit(database, first, second, at=1)
    before = {name: rows for name, rows in dump_tables(database).items() if name.startswith("problem")}
    commit(database, first, second, at=2)
    commit(database, appeal("b", address="Мира 99", area_name="south", updated_at=T0 + minutes(2)), at=3)
    assert {name: rows for name, rows in dump_tables(database).items() if name.startswith("problem")} == before


def test_no_fact_number_or_change_depends_on_the_grouping(database, monkeypatch, tmp_path):
    """With and without it every other table is the same, row by row."""
    told = [_random_page(Random(5), number) for number in range(12)]
    for number, records in enumerate(told):
        commit(database, *records, source=(PORTAL, PHONE)[number % 2], at=number)
    assert problems(database)
    plain = open_database(f"sqlite:///{tmp_path / 'plain.sqlite3'}")
    migrate(plain)
    monkeypatch.setattr(ingest_page, "group_appeals", lambda *_: 0)
    for number, records in enumerate(told):
        commit(plain, *records, source=(PORTAL, PHONE)[number % 2], at=number)
    assert not problems(plain)
    one, other = dump_tables(database), dump_tables(plain)
    plain.close()
    for name in set(one) - {"problem_appeals", "problem_clues", "counters"}:
        assert one[name] == other[name], name


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_pages_decides_nothing_but_bridges(sqlite_database, tmp_path, seed):
    """Whoever shares all its clues is together in every order; nobody ever is with whom no clue leads to.

    A bridge has the words of one place and the house of another: it makes neither two of them one nor one of them two.
    """
    chance = Random(seed)
    records = [_of_place(number, chance.randrange(6)) for number in range(40)]
    expected = {}
    for record in records:
        expected.setdefault((record.text, record.address), set()).add(record.foreign_id)
    wanted = sorted(sorted(ids) for ids in expected.values() if len(ids) > 1)
    for shuffle in range(3):
        database = open_database(f"sqlite:///{tmp_path / f'{shuffle}.sqlite3'}")
        migrate(database)
        chance.shuffle(records)
        for start in range(0, len(records), 7):
            commit(database, *records[start : start + 7], at=start)
        assert sorted(problems(database)) == wanted
        bridges = [appeal(f"bridge{n}", text=_words(n), address=f"Мира {n + 1}") for n in range(5)]
        commit(database, *bridges, at=90)
        grouped = [[one for one in group if "bridge" not in one] for group in problems(database)]
        assert sorted(group for group in grouped if len(group) > 1) == wanted
        database.close()


def test_two_pollers_at_the_same_moment_make_one_problem(postgres_database, postgres_url):
    """Two sources tell the same in two processes: whoever commits second sees the first, fifty times."""
    other = open_database(postgres_url)
    barrier = threading.Barrier(2)
    failures = []

    def tell(database, source, rounds):
        try:
            for number in range(rounds):
                barrier.wait(20)
                text = f"{STATEMENT} Дом номер {number} стоит в темноте."
                commit(database, appeal(f"{source.id}{number}", text=text), source=source, at=number)
        except Exception as error:  # noqa: BLE001 - shown by the test, in its own thread
            failures.append(error)
            barrier.abort()

    threads = [
        threading.Thread(target=tell, args=(database, source, 50))
        for database, source in ((postgres_database, PORTAL), (other, PHONE))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert not failures
    assert sorted(problems(postgres_database)) == sorted(sorted([f"phone{n}", f"portal{n}"]) for n in range(50))


def test_what_was_stored_before_is_looked_through_once(database):
    """A database of an earlier version: what is open, or young enough to be joined, is grouped when polling starts."""
    commit(database, appeal("old", address=HOUSE, status=AppealStatus.ANSWERED, received_at=days(-90)), at=1)
    commit(database, appeal("a", address=HOUSE, received_at=days(-80)), appeal("b", text=STATEMENT), at=2)
    commit(database, appeal("c", address=HOUSE), appeal("d", text=STATEMENT), source=PHONE, at=3)
    with database.write() as connection:
        for table in (problem_appeals, problem_clues):
            connection.execute(sa.delete(table))
    assert ensure_problems(database, CLASSIFIER.profile, days(1)) == 2
    assert sorted(problems(database)) == [["a", "c"], ["b", "d"]]
    assert ensure_problems(database, CLASSIFIER.profile, days(1)) == 0
    commit(database, appeal("e", address=HOUSE), appeal("alone", address="Мира 3"), at=4)
    after = sorted(problems(database))
    assert after == [["a", "c", "e"], ["b", "d"]]
    with database.write() as connection:
        connection.execute(sa.delete(meta).where(meta.c.key == "problems"))  # a start that was interrupted
    assert ensure_problems(database, CLASSIFIER.profile, days(1)) == 0
    assert sorted(problems(database)) == after


def _words(place):
    return f"{STATEMENT} Это место номер {place}, и так уже третий год подряд."


def _of_place(number, place):
    return appeal(f"a{number}", text=_words(place), address=f"Мира {place}", received_at=days(number % 20))


def _random_page(chance, number):
    return [
        appeal(
            f"{chance.randrange(60)}",
            text=_words(chance.randrange(4)),
            address=chance.choice([None, "Мира 1", "Мира 2"]),
            topic_code=chance.choice(["cold-flat", "pothole", "?"]),
            area_name=chance.choice(["north", "south", None]),
            point=chance.choice([None, Point(55.0, 86.0)]),
            status=chance.choice(list(AppealStatus)),
            updated_at=T0 + minutes(number),
        )
        for _ in range(15)
    ]
