"""Makes two exports of one snapshot equal, byte for byte: files of the office and PDF without the time of their making.

The instant in their metadata becomes that of the snapshot; the entries of the archives get a fixed one.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

_CORE = "docProps/core.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that the format knows
_INSTANT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_PDF_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:[^)]*\)")
_PDF_NODE = re.compile(rb"\(node(\d{8})\)")
_FILE_MODE = 0o600 << 16


def normalise_office(data: bytes, at: datetime) -> bytes:
    """Return a DOCX, PPTX or XLSX whose bytes depend on its content and `at` alone; workbooks inside it likewise."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as normal:
        for entry in source.infolist():
            body = source.read(entry)
            if entry.filename.endswith(".xlsx"):
                body = normalise_office(body, at)
            elif entry.filename == _CORE:
                body = _INSTANT.sub(rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<3>", body)
            write_entry(normal, entry.filename, body)
    return target.getvalue()


def normalise_pdf(data: bytes, at: datetime) -> bytes:
    """Return a PDF with `at` as the time of its making, and the names of its structure's elements counted from 1.

    Chromium counts those on from what its process has shown before; their order, which a reader searches by, stays.
    Its offsets stay true: the new text is as long as the old.
    """

    def replace(found: re.Match[bytes]) -> bytes:
        text = b"/" + found[1] + f" (D:{at:%Y%m%d%H%M%S}+00'00'".encode()
        return text[: len(found[0]) - 1].ljust(len(found[0]) - 1) + b")"

    numbers = {name: n for n, name in enumerate(sorted(set(_PDF_NODE.findall(data))), start=1)}
    counted = _PDF_NODE.sub(lambda found: b"(node%08d)" % numbers[found[1]], data)
    return _PDF_DATE.sub(replace, counted)


def write_entry(archive: zipfile.ZipFile, name: str, body: bytes, *, compress: bool = True) -> None:
    """Add an entry that carries no time of its own."""
    entry = zipfile.ZipInfo(name, date_time=_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    entry.external_attr = _FILE_MODE
    archive.writestr(entry, body)
