"""Every connector's own cases, found by looking: a folder with a source, a page of it and what must come out."""

from __future__ import annotations

import atexit
import io
import tempfile
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import msgspec

from datasources.registry import is_pushed
from svodka.profiles.model import SourceConfig

FOLDER = Path(__file__).parent / "cases"
# Of the form of a bot's token; no source of the cases looks closer.
SECRET = "1234567:hunter2-hunter2-hunter2-hunter2-hun"
CONTENT_TYPES = {
    ".xml": "text/xml",
    ".json": "application/json",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case: `page` is what the source answers, `ids` and `rejected` what the connector must make of it.

    `skipped` is how much of the page is no record on purpose, `empty` an answer without any record, where it is not
    made from the params.
    """

    name: str
    source: SourceConfig
    page: bytes
    content_type: str
    ids: tuple[str, ...]
    rejected: tuple[str, ...]
    skipped: int = 0
    empty: bytes | None = None

    def with_limits(self, **limits: float) -> SourceConfig:
        """Return the source with tight limits, for answers that never end."""
        return msgspec.structs.replace(self.source, params={**self.source.params, "http": limits})

    @property
    def empty_page(self) -> bytes:
        """Return an answer of this source without any record."""
        if self.empty is not None:
            return self.empty
        if self.content_type == "text/xml":
            return b"<service_requests/>"
        path = self.source.params.get("records", "")
        page: object = []
        for key in reversed(path.split(".") if path else []):
            page = {key: page}
        return msgspec.json.encode(page)

    def padded(self, size: int) -> bytes:
        """Return the page, larger by so many bytes that say nothing."""
        if not self.page.startswith(b"PK"):
            return self.page + b" " * size
        file = io.BytesIO(self.page)
        with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
            archive.writestr("docProps/padding.bin", b" " * size)
        return file.getvalue()


def load_cases() -> list[Case]:
    """Read the cases of connectors that are polled."""
    return [case for case in load_all_cases() if not is_pushed(case.source)]


def load_all_cases() -> list[Case]:
    """Read all cases."""
    return [_load(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir()]


def _load(folder: Path) -> Case:
    text = (folder / "source.toml").read_text(encoding="utf-8").replace("{secret}", secret_file().name)
    table = tomllib.loads(text)["source"][0]
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    page = next(folder.glob("page.*"))
    empty = next(folder.glob("empty.*"), None)
    return Case(
        name=folder.name,
        source=msgspec.convert(table, SourceConfig),
        page=page.read_bytes(),
        content_type=CONTENT_TYPES[page.suffix],
        ids=tuple(expected["ids"]),
        rejected=tuple(expected["rejected"]),
        skipped=expected.get("skipped", 0),
        empty=empty.read_bytes() if empty else None,
    )


@cache
def secret_file() -> tempfile._TemporaryFileWrapper[str]:
    """Write the file that `{secret}` in a case stands for, readable for its owner alone."""
    file = tempfile.NamedTemporaryFile("w", prefix="svodka-", suffix=".secret")  # noqa: SIM115 - as long as the tests
    atexit.register(file.close)
    file.write(SECRET)
    file.flush()
    return file
