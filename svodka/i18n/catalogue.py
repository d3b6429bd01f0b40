"""Reads `locales/<language>.json`: flat files of dotted keys and the words that people see.

Nothing else in the project holds text for people. A missing key is an error and not a silent English word on a
Russian wall; `tests/unit/test_locales.py` holds all languages to the same keys.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

LOCALES = Path(__file__).resolve().parents[2] / "locales"
DEFAULT_LANGUAGE = "ru"


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one language by dotted key."""

    language: str
    words: dict[str, str]

    def word(self, key: str) -> str:
        """Return the words of `key`.

        Raises:
            KeyError: The language has no such key.
        """
        return self.words[key]

    def below(self, *prefixes: str) -> dict[str, str]:
        """Return the words whose keys start with one of `prefixes`, keys in full."""
        return {key: text for key, text in self.words.items() if key.startswith(prefixes)}


def load_catalogue(language: str = DEFAULT_LANGUAGE, folder: Path = LOCALES) -> Catalogue:
    """Read the words of `language`.

    Args:
        language: Two letters; the name of a file in `folder`.
        folder: Where the files lie.

    Returns:
        The catalogue.

    Raises:
        LookupError: There is no such language.
    """
    path = folder / f"{language}.json"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.json")))
        message = f"No words for language {language!r}; known are {known}."
        raise LookupError(message)
    return Catalogue(language=language, words=msgspec.json.decode(path.read_bytes(), type=dict[str, str]))
