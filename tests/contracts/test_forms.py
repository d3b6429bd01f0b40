"""What a form must make of what was filled in."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from datasources.registry import build_receiver
from svodka.domain.errors import ProfileError, RecordUnreadableError
from svodka.domain.registration import Entry
from tests.contracts.cases import Case
from tests.contracts.pushed import load_form_cases


@pytest.fixture(params=load_form_cases(), ids=lambda case: case.name)
def form_case(request) -> Case:
    return request.param


def test_a_form_becomes_a_record_or_says_which_field_is_wrong(form_case, clock):
    form = build_receiver(form_case.source, clock)
    ids, reasons, fields = [], [], set()
    for entry in msgspec.json.decode(form_case.page, type=list[Entry]):
        try:
            record = form.read(entry)
        except RecordUnreadableError as error:
            reasons.append(error.reason.value)
            fields.add(error.detail)
            continue
        ids.append(record.foreign_id)
        assert form.read(entry) == record
        first_at = record.received_at if form.records == "appeals" else record.started_at
        assert first_at.utcoffset() == timedelta(0)
        assert "<" not in msgspec.json.encode(record).decode()
    assert tuple(ids) == form_case.ids
    assert tuple(reasons) == form_case.rejected
    assert fields <= {"id", "text", "address", "affected"}


def test_a_form_has_neither_address_nor_params(form_case, clock):
    with pytest.raises(ProfileError, match="url"):
        build_receiver(msgspec.structs.replace(form_case.source, url="http://127.0.0.1/"), clock)
    with pytest.raises(ProfileError, match="secret_file"):
        build_receiver(msgspec.structs.replace(form_case.source, params={"secret_file": "x"}), clock)
