"""Texts as sources write them, turned into plain text that is safe to keep, to search and to show.

No markup, no entities, no embedded pictures, no control or direction characters, bounded in length. The time it takes
grows with the length and no faster: the standard library's HTML parser needs minutes for 400 kB made of "<a".
What is plain stays as it is, so it does no harm to ask twice: a connector may, and `svodka.ingest.screening` does.
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_TEXT_CHARS = 20_000
_MAX_INPUT_CHARS = 8_000_000
_MAX_MARKUP_CHARS = 200_000
# «&amp;nbsp;»: exports escape what was escaped before, now and then several times over.
_MAX_ROUNDS = 4
_EMBEDDED = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/=\s]*", re.ASCII)
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,5}26);)+")
_TAG = re.compile(r"<!--|<[!?]|</?([A-Za-z][A-Za-z0-9:]{0,15})")
_REST = re.compile(r"[<&]")
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
_SILENT = frozenset({"script", "style", "head", "title", "template"})
# Cc control, Cf format (zero width, direction), Cs lone surrogates, Co private, Cn unassigned.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def plain_text(value: str, *, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return the words of `value` on one line.

    Args:
        value: Text or an HTML fragment, of any length.
        max_chars: Length of the result, which is cut there.

    Returns:
        Plain text, "" where nothing is left. The same text where `value` was plain already.
    """
    if _is_plain(value, max_chars):
        return value
    text = _EMBEDDED.sub(" ", value[:_MAX_INPUT_CHARS])[:_MAX_MARKUP_CHARS]
    for _ in range(_MAX_ROUNDS):
        read = _without_unwanted(_without_entities(_without_tags(text)))
        if read == text:
            break
        text = _EMBEDDED.sub(" ", read)
        if not ("<" in text or "&" in text):
            break
    else:  # made to come out as markup after ever so many rounds
        text = _REST.sub(" ", text)
    return _single_spaced(text)[:max_chars].rstrip()


def storable(text: str) -> str:
    """Return text that both databases take: PostgreSQL refuses NUL, and neither takes half a surrogate pair."""
    if text.isprintable():
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _without_entities(text: str) -> str:
    return html.unescape(_AMPERSANDS.sub("&", text)) if "&" in text else text


def _without_unwanted(text: str) -> str:
    text = _single_spaced(text)
    if text.isprintable():
        return text
    return "".join(character for character in text if unicodedata.category(character) not in _UNWANTED)


def _is_plain(value: str, max_chars: int) -> bool:
    """Return whether nothing is to be done, without a look at each character."""
    return (
        value.isprintable()
        and len(value) <= max_chars
        and not ("<" in value or "&" in value or "  " in value or "base64" in value)
        and value == value.strip()
    )


def _without_tags(text: str) -> str:
    """Return a fragment without tags, comments and what is not meant to be read; one pass, never back."""
    parts: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        parts.append(text[at:start])
        at = start
        tag = _TAG.match(text, start)
        if tag is None:  # "2 < 3"
            parts.append("<")
            at += 1
            continue
        comment = tag[0] == "<!--"
        end = text.find("-->" if comment else ">", start)
        if end < 0:  # neither does anything that follows end
            return "".join(parts) if comment else "".join([*parts, text[at:]])
        name = (tag[1] or "").lower()
        parts.append(" " if name in _BREAKS else "")
        at = end + (3 if comment else 1)
        if name in _SILENT and not tag[0].startswith("</"):
            closing = re.compile(f"</{name}", re.IGNORECASE | re.ASCII).search(text, at)
            at = closing.start() if closing else len(text)
    return "".join([*parts, text[at:]])
