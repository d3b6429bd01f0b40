"""The form of operators, as a source like any other: it normalises; the page and the storing are elsewhere."""

from __future__ import annotations

from typing import Literal

from datasources._toolkit.params import read_params
from datasources.operator.normalise import read_appeal, read_incident
from datasources.operator.params import Params
from svodka.domain.clock import Clock
from svodka.domain.records import Record
from svodka.domain.registration import Entry
from svodka.profiles.model import SourceConfig

PUSHED = True
FORM = True


def connect(source: SourceConfig, clock: Clock) -> OperatorForm:
    """Build the form of one source.

    Args:
        source: The source; it has neither url nor params.
        clock: Not needed: the page checks times.

    Returns:
        The form.

    Raises:
        ProfileError: There are params.
    """
    del clock
    read_params(source, Params)
    return OperatorForm(source.records)


class OperatorForm:
    """One form (see `svodka.domain.registration.Form`)."""

    def __init__(self, records: Literal["appeals", "incidents"]) -> None:
        self.records = records

    def read(self, entry: Entry) -> Record:
        """Return the record of what was filled in."""
        return read_appeal(entry) if self.records == "appeals" else read_incident(entry)
