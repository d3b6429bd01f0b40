"""Texts as sources write them, turned into plain text that is safe to keep, to search and to show.

No markup, no entities, no embedded pictures, no control or direction characters, bounded in length.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

MAX_TEXT_CHARS = 20_000
_MAX_INPUT_CHARS = 8_000_000
_MAX_MARKUP_CHARS = 200_000
_EMBEDDED = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/=\s]*", re.ASCII)
_SPACES = re.compile(r"\s+")
_MARKUP = re.compile(r"<[A-Za-z/!?]|&[#A-Za-z]")
_PLAIN = re.compile(r"[ -;=-~А-яЁё№«»—–]*")
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
# Cc control, Cf format (zero width, direction), Cs lone surrogates, Co private, Cn unassigned.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class _Stripper(HTMLParser):
    """Keeps the words of an HTML fragment, however broken."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class's form
        if tag in _SILENT:
            self._silent_depth += 1
        elif tag in _BREAKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent_depth = max(0, self._silent_depth - 1)
        elif tag in _BREAKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent_depth:
            self.parts.append(data)


def plain_text(value: str, *, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return the words of `value` on one line.

    Args:
        value: Text or an HTML fragment, of any length.
        max_chars: Length of the result, which is cut there.

    Returns:
        Plain text, "" where nothing is left.
    """
    if len(value) <= max_chars and _PLAIN.fullmatch(value) and "&" not in value:
        return _SPACES.sub(" ", value).strip()
    text = _EMBEDDED.sub(" ", value[:_MAX_INPUT_CHARS])[:_MAX_MARKUP_CHARS]
    if _MARKUP.search(text):
        stripper = _Stripper()
        stripper.feed(text)
        stripper.close()
        text = "".join(stripper.parts)
    text = _SPACES.sub(" ", text)
    text = "".join(character for character in text if unicodedata.category(character) not in _UNWANTED)
    return _SPACES.sub(" ", text).strip()[:max_chars].rstrip()
