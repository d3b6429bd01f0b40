"""What every page of every file says about itself: the moment, the snapshot, the sources. Pure."""

from __future__ import annotations

from svodka.reports.content import PackContent, ScenePage, Section, SourceAge
from svodka.reports.wording import NBSP, Wording


def data_as_of(content: PackContent, wording: Wording) -> str:
    """Return «данные на …», or that there are none."""
    if content.as_of is None:
        return wording.t("header.no_data").capitalize()
    return wording.t("report.stamp.as_of", at=wording.moment(content.as_of))


def stamp(content: PackContent, wording: Wording) -> str:
    """Return the small line at the foot of every page."""
    parts = [data_as_of(content, wording), wording.t("report.stamp.id", id=content.id)]
    if content.is_simulated:
        parts.insert(0, wording.t("header.demo"))
    return " · ".join(parts)


def source_line(source: SourceAge, wording: Wording) -> str:
    """Return how one source stood, in words: its name and the age of its data, and what is wrong."""
    age = (
        wording.t("state.never") if source.age_s is None else wording.t("state.ageing", age=wording.span(source.age_s))
    )
    return f"{source.name}: {source.words or age}"


def sources_line(content: PackContent, wording: Wording) -> str:
    """Return how all sources stood, in one line."""
    return "; ".join(source_line(source, wording) for source in content.sources)


def mark(section: Section, wording: Wording) -> str:
    """Return the words that mark a section whose data are old or partial; "" where all is well."""
    if not section.note:
        return ""
    if section.is_blind and section.as_of is not None:
        return f"{section.note} · {wording.t('report.stamp.last_known', at=wording.moment(section.as_of))}"
    return section.note


def titled(page: ScenePage, wording: Wording) -> str:
    """Return the title that stands over the picture of a scene: it says first where not all of it was drawn."""
    return page.title if page.is_drawn else wording.t("report.say.not_drawn", title=page.title)


def state_words(section: Section, wording: Wording) -> str:
    """Return the state of a section for a table: in order, or what its note says."""
    return mark(section, wording) or wording.t("report.stamp.in_order")


def capitalised(text: str) -> str:
    """Return a sentence with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def file_time(content: PackContent, wording: Wording) -> str:
    """Return the moment for a file's name: no colons."""
    return f"{content.at.astimezone(wording.local):%Y-%m-%d %H-%M}".replace(NBSP, " ")
