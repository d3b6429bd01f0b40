"""From a record to the region's terms, with the reason of every decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from svodka.domain.reasons import AreaReason, DueBasis, PointState, TopicReason
from svodka.domain.records import AppealRecord, AppealStatus, IncidentRecord, IncidentStatus, Point
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.keywords import TopicKeywords
from svodka.profiles.model import SourceConfig, Topic
from svodka.profiles.reader import load_profile
from tests.profile_factory import write_profile

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = SourceConfig(
    id="portal",
    name="Портал",
    connector="open311",
    records="appeals",
    url="http://127.0.0.1/",
    interval_s=5,
    ageing_s=30,
    stale_s=60,
    dead_s=90,
    channel="web",
    topic_map={"A-1": "roads", "Яма во дворе": "waste"},
)
APPEAL = AppealRecord(foreign_id="1", received_at=NOON, status=AppealStatus.NEW)
INCIDENT = IncidentRecord(foreign_id="1", started_at=NOON, status=IncidentStatus.NEW)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    home = tmp_path_factory.mktemp("home")
    profile = load_profile(str(write_profile(home / "invented")))
    return Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, Path("nowhere"))))


def test_the_sources_topic_code_decides_before_the_words_do(classifier: Classifier):
    record = msgspec.structs.replace(APPEAL, topic_code="a-1", text="Не вывозят мусор")
    done = classifier.classify_appeal(record, SOURCE)
    assert (done.topic, done.sector, done.topic_reason) == ("roads", "town", TopicReason.SOURCE_MAP)


def test_a_topics_own_name_needs_no_map(classifier: Classifier):
    done = classifier.classify_appeal(msgspec.structs.replace(APPEAL, topic_code="ОТОПЛЕНИЕ"), SOURCE)
    assert (done.topic, done.topic_reason) == ("heat", TopicReason.SOURCE_MAP)


def test_words_decide_where_the_code_is_unknown(classifier: Classifier):
    record = msgspec.structs.replace(APPEAL, topic_code="Z-9", text="Вторую неделю не вывозят МУСОР!")
    done = classifier.classify_appeal(record, SOURCE)
    assert (done.topic, done.topic_reason) == ("waste", TopicReason.KEYWORD)


def test_what_nothing_places_is_other_in_its_own_sector(classifier: Classifier):
    done = classifier.classify_appeal(msgspec.structs.replace(APPEAL, text="Добрый день!"), SOURCE)
    assert (done.topic, done.sector, done.topic_reason) == ("other", "other", TopicReason.OTHER)


def test_the_records_term_outranks_the_norm_of_its_channel(classifier: Classifier):
    due_at = NOON + timedelta(hours=5)
    done = classifier.classify_appeal(msgspec.structs.replace(APPEAL, due_at=due_at), SOURCE)
    assert (done.due_at, done.due_basis, done.due_norm) == (due_at, DueBasis.RECORD, None)


def test_without_a_term_the_norm_of_the_channel_counts_from_receipt(classifier: Classifier):
    done = classifier.classify_appeal(APPEAL, SOURCE)
    assert (done.due_at, done.due_basis, done.due_norm) == (NOON + timedelta(hours=24), DueBasis.NORM, "day")


def test_a_channel_without_a_norm_leaves_no_term(classifier: Classifier):
    done = classifier.classify_appeal(msgspec.structs.replace(APPEAL, channel="phone"), SOURCE)
    assert (done.channel, done.due_at, done.due_basis, done.due_norm) == ("phone", None, DueBasis.NONE, None)


def test_a_channel_that_the_profile_does_not_know_is_the_sources(classifier: Classifier):
    assert classifier.classify_appeal(msgspec.structs.replace(APPEAL, channel="fax"), SOURCE).channel == "web"


def test_a_body_is_found_by_its_name_or_by_its_municipality(classifier: Classifier):
    names = {
        "министерство городского  хозяйства": "min-town",
        "Администрация Озерского городского округа": "adm-ozersk",
        "ООО «Ромашка»": None,
    }
    for name, body in names.items():
        assert classifier.classify_appeal(msgspec.structs.replace(APPEAL, body_name=name), SOURCE).body == body


def test_area_and_point_come_with_their_reasons(classifier: Classifier):
    record = msgspec.structs.replace(APPEAL, address="г. Озерск, ул. Новая, 1", point=Point(160.0, 55.0))
    done = classifier.classify_appeal(record, SOURCE)
    assert (done.area, done.area_reason, done.point_state) == ("ozersk", AreaReason.ADDRESS, PointState.SWAPPED)
    assert (done.lat, done.lon) == (55.0, 160.0)


def test_unreadable_coordinates_are_told_from_absent_ones(classifier: Classifier):
    record = msgspec.structs.replace(INCIDENT, point_unreadable=True)
    assert classifier.classify_incident(record, SOURCE).point_state is PointState.UNREADABLE
    assert classifier.classify_incident(INCIDENT, SOURCE).point_state is PointState.ABSENT


def test_an_unknown_kind_is_other_and_an_unknown_level_the_mildest(classifier: Classifier):
    known = classifier.classify_incident(msgspec.structs.replace(INCIDENT, kind="heat", level="grave"), SOURCE)
    unknown = classifier.classify_incident(msgspec.structs.replace(INCIDENT, kind="ufo", level=None), SOURCE)
    assert (known.kind, known.level) == ("heat", "grave")
    assert (unknown.kind, unknown.level) == ("other", "mild")


def test_keywords_match_beginnings_whole_words_and_near_phrases():
    topics = (
        Topic(id="a", sector="s", name="A", short_name="A", keywords=("ям$", "отоплен")),
        Topic(id="b", sector="s", name="B", short_name="B", keywords=("нет вод",)),
        Topic(id="c", sector="s", name="C", short_name="C", keywords=("ук$",)),
    )
    keywords = TopicKeywords(topics)
    assert keywords.find("много ям на дороге") == "a"
    assert keywords.find("ямщик") is None
    assert keywords.find("нет горячей воды") == "b"
    assert keywords.find("нет ни света ни воды") is None
    assert keywords.find("нет воды, и отопления тоже") == "b"
    assert keywords.find("Наша УК молчит") == "c"
    assert keywords.find("украли велосипед") is None
    assert keywords.find("") is None


def test_a_repeated_word_counts_once_and_the_first_topic_wins_a_tie():
    topics = (
        Topic(id="a", sector="s", name="A", short_name="A", keywords=("снег",)),
        Topic(id="b", sector="s", name="B", short_name="B", keywords=("двор", "мусор")),
    )
    keywords = TopicKeywords(topics)
    assert keywords.find("снег, снег, снег, а во дворе мусор") == "b"
    assert keywords.find("мусор и снег") == "a"


def test_only_the_beginning_of_a_huge_text_counts():
    topics = (Topic(id="a", sector="s", name="A", short_name="A", keywords=("снег",)),)
    assert TopicKeywords(topics).find("слово " * 3000 + "снег") is None


def test_the_name_of_a_street_says_nothing_about_the_topic():
    topics = (Topic(id="a", sector="s", name="A", short_name="A", keywords=("школ", "темн")),)
    keywords = TopicKeywords(topics)
    assert keywords.find("На улице Школьная, ул. Школьной и в пер. Школьном") is None
    assert keywords.find("Наша улица тёмная") == "a"
    assert keywords.find("Школьная форма") == "a"


def test_words_that_are_none_are_not_remembered():
    """A table of random letters must not fill the memory with what begins at each of its "words"."""
    keywords = TopicKeywords(load_profile("kuzbass").topics)
    keywords.find("snow " + " ".join(f"{n}".rjust(100, "x") for n in range(30)))
    assert set(keywords._by_word) == {"snow"}
