"""What a connector that is not polled must do with a good delivery and with a bad one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from datasources.registry import build_connector, build_receiver, check_against
from datasources.webhook.params import Params
from svodka.domain.errors import ProfileError, SourceContractBrokenError
from svodka.domain.records import Completeness
from svodka.profiles.reader import load_profile
from tests.contracts.cases import Case
from tests.contracts.pushed import build, delivery_of, load_pushed_cases


@pytest.fixture(params=load_pushed_cases(), ids=lambda case: case.name)
def pushed(request) -> Case:
    return request.param


def test_a_delivery_becomes_records_and_what_is_unreadable_is_set_aside_with_its_reason(pushed, tmp_path, clock):
    result = build(pushed, tmp_path, clock).read(delivery_of(pushed))
    assert tuple(record.foreign_id for record in result.records) == pushed.ids
    assert tuple(each.reason.value for each in result.rejected) == pushed.rejected
    assert result.read_n == len(pushed.ids) + len(pushed.rejected)
    assert len({record.foreign_id for record in result.records}) == len(pushed.ids)
    assert result.completeness is Completeness.COMPLETE


def test_every_instant_of_a_delivery_is_aware_utc(pushed, tmp_path, clock):
    result = build(pushed, tmp_path, clock).read(delivery_of(pushed))
    for record in result.records:
        for name in record.__struct_fields__:
            value = getattr(record, name)
            if name.endswith("_at") and value is not None:
                assert value.utcoffset() == timedelta(0), name
    assert result.source_time_at == datetime.fromtimestamp(1795240800, UTC)
    words = msgspec.json.encode(result.records).decode()
    assert "<" not in words
    assert "&nbsp;" not in words


def test_the_cursor_of_a_source_that_pushes_is_its_own_time(pushed, tmp_path, clock):
    receiver = build(pushed, tmp_path, clock)
    sent = [msgspec.json.decode(receiver.read(delivery_of(pushed, timestamp=f"17952408{n:02}")).cursor) for n in (1, 7)]
    assert [each["sent_at"] for each in sent] == sorted(each["sent_at"] for each in sent)
    assert receiver.read(delivery_of(pushed)) == receiver.read(delivery_of(pushed))


def test_an_empty_delivery_is_a_sign_of_life_and_names_nothing_open(pushed, tmp_path, clock):
    """An empty body must not say that everything open has ended, even where a body would."""
    receiver = build(pushed, tmp_path, clock)
    result = receiver.read(delivery_of(pushed, b""))
    assert (result.records, result.rejected, result.read_n) == ((), (), 0)
    assert not result.lists_all_open
    assert result.completeness is Completeness.COMPLETE
    assert receiver.read(delivery_of(pushed, more=True)).completeness is Completeness.PARTIAL
    assert not receiver.read(delivery_of(pushed, more=True)).lists_all_open


@pytest.mark.parametrize(
    "body",
    [
        *(
            pytest.param(body, marks=pytest.mark.attack(59))
            for body in (b"null", b"7", b"{", b"[1,", b'[{"a": NaN}]', b"[" * 200_000, b"\xff\xfe[\x00]\x00")
        ),
        pytest.param(b"<html><body>502</body></html>", marks=pytest.mark.attack(62)),
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            marks=pytest.mark.attack(57),
        ),
    ],
)
def test_a_body_of_another_form_breaks_the_contract(pushed, tmp_path, clock, body):
    with pytest.raises(SourceContractBrokenError) as caught:
        build(pushed, tmp_path, clock).read(delivery_of(pushed, body))
    assert "passwd" not in str(caught.value)


def test_a_delivery_tells_the_names_of_its_fields(pushed, tmp_path, clock):
    """So that a new column or one that vanished is noticed, as with a source that is polled."""
    receiver = build(pushed, tmp_path, clock)
    names = receiver.read(delivery_of(pushed)).fields
    assert pushed.source.params["fields"]["status"] in names
    assert receiver.read(delivery_of(pushed, b"")).fields == frozenset()


def test_more_records_than_agreed_break_the_contract(tmp_path, clock):
    case = next(case for case in load_pushed_cases() if case.name == "webhook-appeals")
    with pytest.raises(SourceContractBrokenError, match="1000 records"):
        build(case, tmp_path, clock).read(delivery_of(case, b"[" + b",".join([b"{}"] * 1001) + b"]"))
    assert build(case, tmp_path, clock).read(delivery_of(case, b"[" + b",".join([b"{}"] * 1000) + b"]")).read_n == 1000


def test_one_object_alone_is_a_delivery_too(tmp_path, clock):
    case = next(case for case in load_pushed_cases() if case.name == "webhook-appeals")
    one = msgspec.json.encode(msgspec.json.decode(case.page)[0])
    assert [r.foreign_id for r in build(case, tmp_path, clock).read(delivery_of(case, one)).records] == ["p-1"]


@pytest.mark.attack(64)
def test_a_secret_that_others_may_read_or_that_is_short_signs_nothing(pushed, tmp_path, clock):
    receiver = build(pushed, tmp_path, clock)
    assert len(receiver.load_secrets()) == 1
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(SourceContractBrokenError, match=r"^secret_file: .*0600"):
        receiver.load_secrets()
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "secret").write_text("short", encoding="utf-8")
    with pytest.raises(SourceContractBrokenError, match=r"^secret_file: .*32") as caught:
        receiver.load_secrets()
    assert "short" not in str(caught.value).replace(str(tmp_path), "")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"params": {"pagesize": 5}}, "pagesize"),
        ({"params": {"max_bytes": 10**9}}, "max_bytes"),
        ({"params": {"per_minute": 0}}, "per_minute"),
        ({"params": {"secret_file": ""}}, "secret_file"),
        ({"params": {"statuses": {"x": "unheard"}}}, "unheard"),
        ({"url": "https://user:hunter2@example.org/"}, "url"),
    ],
)
def test_a_source_that_pushes_is_refused_by_source_and_key(pushed, clock, change, complaint):
    source = msgspec.structs.replace(
        pushed.source,
        url=change.get("url", ""),
        params={**pushed.source.params, **change.get("params", {})},
    )
    with pytest.raises(ProfileError, match=f"{source.id}.*{complaint}") as caught:
        build_receiver(source, clock)
    assert "hunter2" not in str(caught.value)


def test_a_connector_that_polls_needs_an_address(pushed, clock):
    with pytest.raises(ProfileError, match="url"):
        build_connector(msgspec.structs.replace(pushed.source, connector="http_json"), clock)


def test_maps_of_a_source_that_pushes_lead_to_kinds_of_the_region(clock):
    case = next(case for case in load_pushed_cases() if case.name == "webhook-xml")
    source = msgspec.structs.replace(case.source, params={**case.source.params, "kinds": {"fire": "dragon"}})
    with pytest.raises(ProfileError, match="dragon"):
        check_against(source, load_profile("kuzbass"))


def test_every_parameter_of_a_source_that_pushes_stands_in_its_description():
    assert [name for name in Params.__struct_fields__ if name not in Params.__doc__] == []
