"""Reading one scene file; what it says is checked in `svodka.scenes.checks`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from svodka.scenes.faults import SceneUnusableError
from svodka.scenes.model import Scene, ScenePanel

_PANEL_HEAD = re.compile(r"^\s*\[\[\s*panel\s*\]\]", re.MULTILINE)
_TOML_LINE = re.compile(r"at line (\d+)")
_ID = re.compile(r"[a-z][a-z0-9-]*")
_KEYS = frozenset({"title", "title_en", "takes", "grid", "wide"})
_OWN = frozenset(ScenePanel.__struct_fields__) - {"params"}


class ReadScene(msgspec.Struct, frozen=True, kw_only=True):
    """A scene as its file says it.

    Attributes:
        scene: The scene.
        file: How messages name the file.
        lines: Line of each panel's head, in the order of the panels.
    """

    scene: Scene
    file: str
    lines: tuple[int, ...]


def label_of(path: Path) -> str:
    """Return how messages name a scene file: folder of the scenes' owner, `scenes`, file."""
    return "/".join(path.parts[-3:])


def read_scene(path: Path) -> ReadScene:
    """Read a scene file.

    Args:
        path: A TOML file; its name without the ending is the scene's id.

    Returns:
        The scene, not yet checked against kinds and profile (`svodka.scenes.checks`).

    Raises:
        SceneUnusableError: The file is no scene; the error says where and what to do.
    """
    file = label_of(path)
    if not _ID.fullmatch(path.stem):
        raise SceneUnusableError(file, 0, "rename it: a scene's name is small Latin letters, digits and hyphens")
    text, data = _read_toml(path, file)
    lines = tuple(_line_at(text, found.start()) for found in _PANEL_HEAD.finditer(text))
    written = data.pop("panel", [])
    if not isinstance(written, list) or not written:
        raise SceneUnusableError(file, 0, "a scene needs panels: write at least one [[panel]]")
    panels = [_read_panel(entry, file, lines[i] if i < len(lines) else 0) for i, entry in enumerate(written)]
    for key in data:
        if key not in _KEYS:
            raise SceneUnusableError(file, _line_of(text, key), f"unknown key {key}: remove it or correct its name")
    try:
        scene = msgspec.convert({**data, "id": path.stem, "panels": panels}, Scene)
    except msgspec.ValidationError as error:
        raise SceneUnusableError(file, 0, str(error)) from error
    return ReadScene(scene=scene, file=file, lines=lines)


def _read_toml(path: Path, file: str) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        raise SceneUnusableError(file, int(found[1]) if found else 0, f"not TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SceneUnusableError(file, 0, f"cannot be read: {error}") from error


def _read_panel(entry: Any, file: str, line: int) -> ScenePanel:  # noqa: ANN401 - raw TOML
    if not isinstance(entry, dict):
        raise SceneUnusableError(file, line, "a panel is written as [[panel]] with its keys below")
    params = {name: value for name, value in entry.items() if name not in _OWN}
    wrong = next((name for name, value in params.items() if not isinstance(value, str | bool)), None)
    if wrong is not None:
        raise SceneUnusableError(file, line, f"{wrong} must be a word in quotes, true or false")
    try:
        own = {name: value for name, value in entry.items() if name in _OWN}
        return msgspec.convert({**own, "params": params}, ScenePanel)
    except msgspec.ValidationError as error:
        raise SceneUnusableError(file, line, str(error)) from error


def _line_of(text: str, key: str) -> int:
    found = re.search(rf"^\s*\[*\s*{re.escape(key)}\b", text, re.MULTILINE)
    return _line_at(text, found.start()) if found else 0


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
