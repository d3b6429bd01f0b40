"""The keywords of the profile on real texts: most find a topic, and mostly one of the sector that people gave them."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

import pytest

from svodka.ingest.keywords import TopicKeywords
from svodka.profiles.reader import load_profile

TEXTS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "appeals-ru" / "kursk_appeals_train.csv"

# Categories of that file by the sectors of the profile in whose spirit they are; the others have no counterpart.
SECTORS = {
    "0": {"housing"},
    "1": {"nature"},
    "3": {"housing", "energy"},
    "4": {"health"},
    "7": {"education"},
    "8": {"transport"},
    "9": {"transport"},
    "10": {"social"},
    "11": {"construction"},
    "14": {"labour"},
    "16": {"nature"},
}


@pytest.mark.skipif(not TEXTS.exists(), reason="../shared/data is absent")
def test_most_real_appeals_find_a_topic_of_the_sector_that_people_chose():
    profile = load_profile("kuzbass")
    keywords = TopicKeywords(profile.topics)
    sector_of = {topic.id: topic.sector for topic in profile.topics}
    with TEXTS.open(newline="", encoding="utf-8") as file:
        rows = [(row["Категория"], _plain(row["Текст Сообщения"])) for row in csv.DictReader(file)]
    topics = [(category, keywords.find(text)) for category, text in rows]
    assert sum(topic is not None for _, topic in topics) / len(topics) > 0.95
    judged = [(category, topic) for category, topic in topics if category in SECTORS]
    right = sum(topic is not None and sector_of[topic] in SECTORS[category] for category, topic in judged)
    assert right / len(judged) > 0.8


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text))
