"""The tokens of `assets/css/tokens.css` for Python: colours and sizes by theme, so that each is written once.

Exports draw with them, the lint measures them. Only what that file uses is understood: blocks whose selector names a
theme or the low-vision mode, custom properties, and `var(--other)`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args

import msgspec

Theme = Literal["dark", "light", "night"]
THEMES: tuple[Theme, ...] = get_args(Theme)
TOKENS_FILE = Path(__file__).resolve().parents[2] / "assets" / "css" / "tokens.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLOCK = re.compile(r"(:root[^{}]*)\{([^{}]*)\}")
_TOKEN = re.compile(r"--([\w-]+)\s*:\s*([^;]+);")
_REFERENCE = re.compile(r"var\(--([\w-]+)\)")
_REM_PX = 10


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """All tokens of one theme.

    Attributes:
        theme: Which one.
        is_low_vision: Whether contrast is that of the low-vision mode.
        values: By name without the leading dashes, references followed.
    """

    theme: Theme
    is_low_vision: bool
    values: dict[str, str]

    def colour(self, name: str) -> str:
        """Return a colour as `#rrggbb`.

        Raises:
            KeyError: There is no such token.
        """
        return self.values[name]

    def size_px(self, name: str) -> float:
        """Return a length in virtual pixels of a scene (a `rem` is ten of them).

        Raises:
            KeyError: There is no such token.
            ValueError: It is no length.
        """
        return float(self.values[name].removesuffix("rem")) * _REM_PX


def load_tokens(theme: Theme = "dark", *, low_vision: bool = False, path: Path = TOKENS_FILE) -> Tokens:
    """Return the tokens of a theme.

    Args:
        theme: Which one; what it does not say is that of the dark one.
        low_vision: With the mode for people who see little.
        path: The file.

    Raises:
        LookupError: A token refers to one that is not there.
    """
    raw: dict[str, str] = {}
    for selector, body in _BLOCK.findall(_COMMENT.sub("", path.read_text(encoding="utf-8"))):
        if _applies(selector, theme, low_vision=low_vision):
            raw |= {name: value.strip() for name, value in _TOKEN.findall(body)}
    return Tokens(theme=theme, is_low_vision=low_vision, values={name: _resolve(name, raw) for name in raw})


def _applies(selector: str, theme: Theme, *, low_vision: bool) -> bool:
    themes = set(re.findall(r'data-theme="(\w+)"', selector))
    return (not themes or theme in themes) and (low_vision or "data-vision" not in selector)


def _resolve(name: str, raw: dict[str, str], depth: int = 0) -> str:
    if name not in raw or depth > len(raw):
        message = f"tokens.css: --{name} is not there or refers to itself"
        raise LookupError(message)
    return _REFERENCE.sub(lambda found: _resolve(found[1], raw, depth + 1), raw[name])
