"""Cases of connectors that are not polled: their page is the body of a delivery."""

from __future__ import annotations

import msgspec

from datasources.registry import build_receiver, is_form, is_pushed
from svodka.domain.push import Delivery, Receiver
from tests.contracts.cases import Case, load_all_cases

SECRET = "a secret of the tests only, long enough"


def load_pushed_cases() -> list[Case]:
    """Read the cases of connectors that take signed deliveries."""
    return [case for case in load_all_cases() if is_pushed(case.source) and not is_form(case.source)]


def load_form_cases() -> list[Case]:
    """Read the cases of forms: the page is the list of what was filled in."""
    return [case for case in load_all_cases() if is_form(case.source)]


def build(case: Case, folder, clock) -> Receiver:
    """Build a case's receiver with a secret file of its own."""
    path = folder / "secret"
    path.write_text(SECRET, encoding="utf-8")
    path.chmod(0o600)
    params = {**case.source.params, "secret_file": str(path)}
    return build_receiver(msgspec.structs.replace(case.source, params=params), clock)


def delivery_of(case: Case, body: bytes | None = None, **words) -> Delivery:
    """Return a case's page as a delivery."""
    head = {"source_id": case.source.id, "timestamp": "1795240800", "signature": "", "content_type": case.content_type}
    return Delivery(**(head | words), body=case.page if body is None else body)
