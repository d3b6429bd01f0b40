"""Texts as sources write them: the product's plain text, for connectors."""

from __future__ import annotations

from svodka.domain.plain import MAX_TEXT_CHARS, plain_text

__all__ = ["MAX_TEXT_CHARS", "plain_text"]
