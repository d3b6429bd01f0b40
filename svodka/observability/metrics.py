"""What one process tells Prometheus.

Most metrics are read when somebody scrapes: whoever works keeps plain numbers, and no lock, label or histogram is
touched on the way of an event (ADR 0101). Only what is rare and needs more (the length of a poll) is noted as it
happens. The one module that knows the client library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import prometheus_client
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from svodka.observability.catalogue import BUILD_INFO, Metric

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
Samples = Iterable[tuple[tuple[str, ...], float | None]]


class Metrics(Collector):
    """The metrics of this process.

    Args:
        process: Word of the command.
        version: Of Svodka.
    """

    def __init__(self, process: str, version: str) -> None:
        self._registry = CollectorRegistry()
        prometheus_client.ProcessCollector(registry=self._registry)
        self._told: list[tuple[Metric, Callable[[], Samples]]] = []
        self._registry.register(self)
        self.tell(BUILD_INFO, lambda: [((version, process), 1.0)])

    def tell(self, metric: Metric, read: Callable[[], Samples]) -> None:
        """Have a counter or gauge read at each scrape.

        Args:
            metric: Of the catalogue.
            read: Returns pairs of label values and number; a number that is None is left out: unknown is not 0.
        """
        self._told.append((metric, read))

    def tell_one(self, metric: Metric, read: Callable[[], float | None]) -> None:
        """Have a metric without labels read at each scrape; None leaves it out."""
        self.tell(metric, lambda: [((), read())])

    def count(self, metric: Metric) -> Callable[..., None]:
        """Return a function that adds: it takes the number, then the values of the labels. Safe from any thread."""
        counter = prometheus_client.Counter(metric.name, metric.meaning, metric.labels, registry=self._registry)

        def add(n: float, *labels: str) -> None:
            (counter.labels(*labels) if labels else counter).inc(n)

        return add

    def time(self, metric: Metric, bounds_s: Sequence[float]) -> Callable[..., None]:
        """Return a function that notes a length in seconds, followed by the values of the labels."""
        histogram = prometheus_client.Histogram(
            metric.name, metric.meaning, metric.labels, registry=self._registry, buckets=tuple(bounds_s)
        )

        def note(seconds: float, *labels: str) -> None:
            (histogram.labels(*labels) if labels else histogram).observe(seconds)

        return note

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Read everything that is read at a scrape; called by the client library."""
        for metric, read in self._told:
            make = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = make(metric.name, metric.meaning, labels=metric.labels)
            for labels, value in read():
                if value is not None:
                    family.add_metric(labels, value)
            yield family

    def describe(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Name nothing beforehand: whoever registers would read everything once."""
        return iter(())

    def render(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return prometheus_client.generate_latest(self._registry)
