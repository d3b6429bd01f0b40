"""`python app.py briefing verify`: what it says of a pack, and its exit code."""

from __future__ import annotations

import argparse
import io
import zipfile

import pytest

from commands import briefing
from svodka.domain.errors import StartError
from svodka.reports.pack import build_pack
from tests.report_factory import ID, make_content, make_profile


@pytest.fixture
def check(tmp_path, capsys):
    """Check bytes as a file; return the exit code and what was said."""

    def check_it(data: bytes) -> tuple[int, str]:
        path = tmp_path / "a.zip"
        path.write_bytes(data)
        return briefing.run(argparse.Namespace(file=path), None), capsys.readouterr().out

    return check_it


@pytest.fixture
def pack(tmp_path) -> bytes:
    said, _ = make_content(make_profile(tmp_path / "invented"))
    return build_pack(said, {"a.docx": b"words"}, failed=("png", "pdf"))


def test_a_whole_pack_says_also_what_could_not_be_made(check, pack):
    code, said = check(pack)
    assert code == 0
    assert f"Snapshot {ID} of " in said
    assert "Asked for and not made: png, pdf." in said
    assert "Whole: 1 files are as they were made." in said


def test_a_changed_file_is_named(check, pack):
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pack)) as one, zipfile.ZipFile(changed, "w") as other:
        for name in one.namelist():
            other.writestr(name, b"wordz" if name == "a.docx" else one.read(name))
    code, said = check(changed.getvalue())
    assert (code, "changed: a.docx" in said, "Whole" in said) == (1, True, False)


def test_what_is_no_pack_is_one_sentence(check):
    with pytest.raises(StartError, match="cannot be checked"):
        check(b"nothing of the kind")
