"""The two classes of text (docs/wall.md): a program checks the size of every text by them.

`Any`, because Dash's typed constructors name no `data-` attribute.
"""

from __future__ import annotations

from typing import Any

ESSENTIAL: dict[str, Any] = {"data-text": "essential"}  # read from the last row: 42 px and more of a 1920 px scene
SECONDARY: dict[str, Any] = {"data-text": "secondary"}  # read from the first row: 21 px and more

# Drawings are not read aloud: their numbers stand in the visually hidden table beside them.
HIDDEN: dict[str, Any] = {"aria-hidden": "true"}
