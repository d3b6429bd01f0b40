"""A pack: the files of one snapshot in one ZIP, with a manifest that holds the SHA-256 of each. Pure but for bytes.

`verify_pack` needs nothing but the file: whoever received it can tell whether it is whole and unchanged.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from datetime import datetime

import msgspec

from svodka.domain.codec import DecodeError, decode_as, encode
from svodka.domain.errors import SvodkaError
from svodka.reports.content import PackContent, ScenePage
from svodka.reports.normal import write_entry

MANIFEST = "manifest.json"
_FORMAT = 1
_STORED = (".png", ".zip", ".docx", ".pptx", ".xlsx")  # compressed already
_MAX_BYTES = 2_000_000_000
_NOT_IN_NAMES = '<>:"/\\|?*'


class PackUnreadableError(SvodkaError):
    """The file is no pack."""


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a pack."""

    name: str
    bytes: int
    sha256: str


class SourceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """How old one source was, in seconds; None: it never answered."""

    id: str
    name: str
    state: str
    age_s: float | None
    last_complete_at: datetime | None


class PanelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """How fresh a panel was."""

    scene: str
    panel: str
    key: str
    state: str
    note: str
    as_of: datetime | None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack says about itself, for a program.

    Attributes:
        format: Of this file.
        snapshot: Its id.
        snapshot_sha256: Of the stored snapshots.
        epoch, seq: The position of the log.
        at: The server's clock at the snapshot.
        as_of: «Данные на».
        version: Of the program.
        is_simulated: Whether the numbers are a demonstration's.
        sources: Their ages.
        panels: Their freshness, where it was not in order.
        not_ready: Scenes whose picture was taken before all of it was drawn.
        files: Everything else in the pack.
        failed: Formats that were asked for and could not be made.
    """

    snapshot: str
    snapshot_sha256: str
    epoch: str
    seq: int
    at: datetime
    as_of: datetime | None
    version: str
    is_simulated: bool
    sources: tuple[SourceEntry, ...]
    panels: tuple[PanelEntry, ...]
    not_ready: tuple[str, ...]
    files: tuple[FileEntry, ...]
    failed: tuple[str, ...] = ()
    format: int = _FORMAT


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of checking a pack: names of files that differ, are missing, or are in no manifest."""

    manifest: Manifest
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every file is there and unchanged."""
        return not (self.changed or self.missing or self.unknown)


def build_pack(
    content: PackContent,
    files: Mapping[str, bytes],
    not_ready: tuple[str, ...] = (),
    failed: tuple[str, ...] = (),
) -> bytes:
    """Return the ZIP with all files and their manifest.

    Args:
        content: What the pack says.
        files: Bytes by name, in the order of the pack.
        not_ready: Scenes whose picture was taken before all of it was drawn.
        failed: Formats that could not be made.
    """
    manifest = msgspec.structs.replace(_manifest(content, files, not_ready), failed=failed)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        write_entry(archive, MANIFEST, msgspec.json.format(encode(manifest)))
        for name, body in files.items():
            write_entry(archive, name, body, compress=not name.endswith(_STORED))
    return target.getvalue()


def _manifest(content: PackContent, files: Mapping[str, bytes], not_ready: tuple[str, ...]) -> Manifest:
    return Manifest(
        snapshot=content.id,
        snapshot_sha256=content.digest,
        epoch=content.epoch,
        seq=content.seq,
        at=content.at,
        as_of=content.as_of,
        version=content.version,
        is_simulated=content.is_simulated,
        sources=tuple(
            SourceEntry(
                id=source.id,
                name=source.name,
                state=source.state.value,
                age_s=source.age_s,
                last_complete_at=source.last_complete_at,
            )
            for source in content.sources
        ),
        panels=tuple(entry for page in content.pages for entry in _panels(page)),
        not_ready=not_ready,
        files=tuple(
            FileEntry(name=name, bytes=len(body), sha256=hashlib.sha256(body).hexdigest())
            for name, body in files.items()
        ),
    )


def _panels(page: ScenePage) -> list[PanelEntry]:
    return [
        PanelEntry(
            scene=page.ref,
            panel=section.slot,
            key=section.key,
            state=section.state.value,
            note=section.note,
            as_of=section.as_of,
        )
        for section in page.sections
        if section.note
    ]


def verify_pack(data: bytes) -> Verdict:
    """Return whether a pack is whole and unchanged.

    Raises:
        PackUnreadableError: It is no pack, or damaged beyond reading.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if sum(entry.file_size for entry in entries.values()) > _MAX_BYTES:
                message = "unpacked it is larger than any pack"
                raise PackUnreadableError(message)
            manifest = decode_as(archive.read(MANIFEST), Manifest)
            found = {name: _read_entry(archive, entry) for name, entry in entries.items() if name != MANIFEST}
    except (zipfile.BadZipFile, KeyError, DecodeError, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"not a pack: {error}"
        raise PackUnreadableError(message) from error
    told = {entry.name: entry for entry in manifest.files}
    return Verdict(
        manifest=manifest,
        changed=tuple(
            name
            for name, entry in told.items()
            if name in found and hashlib.sha256(found[name]).hexdigest() != entry.sha256
        ),
        missing=tuple(name for name in told if name not in found),
        unknown=tuple(name for name in found if name not in told),
    )


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a file's bytes; nothing, which is no file's digest, where they are damaged."""
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error):
        return b""


def file_name(words: str, ending: str) -> str:
    """Return a file's name that every system takes."""
    kept = "".join(" " if letter in _NOT_IN_NAMES or not letter.isprintable() else letter for letter in words)
    return f"{' '.join(kept.split())[:80]}.{ending}"
