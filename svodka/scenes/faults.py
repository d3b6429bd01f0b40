"""What is wrong with a scene file, so that a person finds the place and knows what to do."""

from __future__ import annotations

import msgspec

from svodka.domain.errors import SvodkaError


class SceneFault(msgspec.Struct, frozen=True):
    """A fault of a scene file.

    Attributes:
        file: Path as messages name it.
        line: Line of the file, from 1; 0: the whole file.
        text: What is wrong and what to do, one English sentence.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class SceneUnusableError(SvodkaError):
    """A scene file cannot be read as a scene; `fault` says why."""

    def __init__(self, file: str, line: int, text: str) -> None:
        self.fault = SceneFault(file, line, text)
        super().__init__(str(self.fault))
