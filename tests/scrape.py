"""Reads /metrics as Prometheus does, with the client library's own parser."""

from __future__ import annotations

from urllib.request import Request, urlopen

from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """One answer of /metrics."""

    def __init__(self, text: str) -> None:
        self._families = {family.name: family for family in text_string_to_metric_families(text)}

    @property
    def names(self) -> set[str]:
        """Names as docs/operations.md has them."""
        return {
            f"{name}_total" if family.type == "counter" else name
            for name, family in self._families.items()
            if family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        """Return the sum of the samples that have these labels, None where there is none."""
        family = self._families.get(name.removesuffix("_total")) or self._families.get(name.removesuffix("_count"))
        found = [
            sample.value
            for sample in (family.samples if family else [])
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None


def scrape(port: int, path: str = "/metrics", **headers: str) -> Scrape:
    """Ask a process of this machine."""
    asked = Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urlopen(asked, timeout=5) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        return Scrape(answer.read().decode())
