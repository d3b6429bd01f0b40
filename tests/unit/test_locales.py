"""Every language says everything."""

from __future__ import annotations

import re

import pytest

from svodka.domain import reasons
from svodka.domain.records import AppealStatus
from svodka.i18n.catalogue import LOCALES, load_catalogue

ROOT = LOCALES.parent
LANGUAGES = sorted(path.stem for path in LOCALES.glob("*.json"))
REASONS = {
    "reject": reasons.RejectReason,
    "notice": reasons.NoticeKind,
    "loss": reasons.LossReason,
    "topic": reasons.TopicReason,
    "area": reasons.AreaReason,
    "point": reasons.PointState,
    "due": reasons.DueBasis,
    "outcome": reasons.Outcome,
    "close": reasons.CloseReason,
    "join": reasons.JoinReason,
}


def test_all_languages_have_the_same_keys_and_the_same_places_for_values():
    """A key or a {name} that one language lacks would be a hole in its wall."""
    russian = load_catalogue("ru").words
    for language in LANGUAGES:
        words = load_catalogue(language).words
        assert words.keys() == russian.keys()
        for key, text in words.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", russian[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_word(language):
    """A reason that is stored is also shown."""
    words = load_catalogue(language).words
    for name, enumeration in REASONS.items():
        for reason in enumeration:
            assert words[f"reason.{name}.{reason.value}"]


def test_an_unknown_language_is_a_clear_sentence():
    """It names the languages there are."""
    with pytest.raises(LookupError, match="known are en, ru"):
        load_catalogue("xx")


def test_every_word_is_said_somewhere():
    """A key that nothing names is a sentence that nobody keeps true; families are named by their stem."""
    stems = ("reason.", "state.", "connection.", "status.", "picture.refused.", "panel.", "unit.", "banner.")
    stems += ("register.", "month.", "report.memo.", "report.number.", "report.order.", "report.source.")
    stems += (
        "report.label.",
        "report.file.",
        "briefing.pack.",
        "briefing.head.",
        "briefing.format.",
        "briefing.valid.",
    )
    stems += ("briefing.wrong.", "briefing.place.", "briefing.refused.")
    stems += ("past.refused.", "archive.")
    stems += ("rating.kpi.", "topics.", "source_table.", "area_facts.kind.", "map.")
    stems += ("controller.do.", "controller.said.", "controller.why.", "controller.look.", "controller.moment.")
    stems += ("problems.head.", "problems.said.", "problems.decided.", "problems.status.")
    folders = ("assets/js", "callbacks", "commands", "layouts", "svodka")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".mjs"}]
    code = "".join(path.read_text("utf-8") for path in files)
    said = set(re.findall(r"""["']([a-z0-9_.-]+)["']""", code))
    unsaid = [key for key in load_catalogue("ru").words if not key.startswith(stems) and key not in said]
    assert not unsaid


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_of_an_appeal_has_a_word_wherever_one_is_shown(language):
    """A stage without a word is a page that does not open."""
    words = load_catalogue(language).words
    assert not [
        key for stage in AppealStatus for key in (f"problems.status.{stage}", f"status.{stage}") if key not in words
    ]
