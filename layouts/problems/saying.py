"""How the page «Проблемы» says instants, terms and names of the profile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile


def named(label: str) -> dict[str, Any]:
    """Return what gives an element a name of its own for those who hear the page."""
    return {"aria-label": label}


class Saying:
    """Words for values, at one moment.

    Args:
        profile: The region, for names and the zone.
        words: The page's language.
        now: The product's clock, aware.
    """

    def __init__(self, profile: Profile, words: Catalogue, now: datetime) -> None:
        self.words, self.now, self._zone = words, now, profile.zone
        self._topics = {topic.id: topic.name for topic in profile.topics}
        self._areas = {area.id: area.short_name for area in profile.areas}
        self._channels = {channel.id: channel.short_name for channel in profile.channels}
        self._sources = {source.id: source.name for source in profile.sources}

    def word(self, key: str, **values: object) -> str:
        """Return the words of a key, with values in their places."""
        return self.words.word(key).format(**values)

    def at(self, instant: datetime) -> str:
        """Return an instant in the region's zone, as short as it is unmistakable: time, day, year."""
        local, today = instant.astimezone(self._zone), self.now.astimezone(self._zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        return f"{local:%d.%m %H:%M}" if local.year == today.year else f"{local:%d.%m.%Y %H:%M}"

    def term(self, due_at: datetime | None, *, is_open: bool, label: str = "") -> Component:
        """Return a term, behind the words of `label` where there is one; a word and a colour where it has ended."""
        if due_at is None:
            return html.Span(self.word("problems.no_term"), className="desk-quiet")
        is_overdue = is_open and due_at < self.now
        text = self.word("problems.overdue", at=self.at(due_at)) if is_overdue else self.at(due_at)
        value = html.Span(text, className="desk-bad" if is_overdue else "")
        return html.Span([self.word(label), " ", value]) if label else value

    def topic(self, slug: str) -> str:
        """Return a topic's name; its slug where the profile does not know it any more."""
        return self._topics.get(slug, slug)

    def area(self, slug: str | None) -> str:
        """Return an area's name, or that it is not known."""
        return self.word("problems.no_area") if slug is None else self._areas.get(slug, slug)

    def place(self, area: str | None, address: str | None) -> str:
        """Return area and address, the area once: many addresses begin with it."""
        name = self.area(area)
        if not address:
            return name
        return address if name.lower() in address.lower() else f"{name}, {address}"

    def way(self, channel: str, source_id: str) -> str:
        """Return channel and source, where these are called differently."""
        name, source = self._channels.get(channel, channel), self._sources.get(source_id, source_id)
        return name if name == source else f"{name}, {source}"

    def channels(self, slugs: Iterable[str]) -> str:
        """Return several channels in a line."""
        return ", ".join(self._channels.get(slug, slug) for slug in slugs)
