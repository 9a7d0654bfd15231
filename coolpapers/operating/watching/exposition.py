"""The text that Prometheus reads: what the processes counted, and the state of the library.

The state is read at most every :data:`GAUGES_S` seconds, however often somebody asks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from coolpapers.base.observing.metrics import Family, Sample
from coolpapers.base.observing.sharing import read_all
from coolpapers.operating.watching.cached import Cached
from coolpapers.operating.watching.gauges import read_gauges

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
GAUGES_S = 30.0


gauges = Cached(lambda: read_gauges(), lasts_s=GAUGES_S)


def exposition() -> bytes:
    """All metrics in Prometheus' text format 0.0.4."""
    counted, n_processes = read_all()
    processes = Family(
        "coolpapers_processes",
        "gauge",
        "Running processes of this data folder.",
        (_plain("coolpapers_processes", n_processes),),
    )
    registry = CollectorRegistry()
    registry.register(_Families([*counted, processes, *gauges.get(time.monotonic())]))
    return generate_latest(registry)


def _plain(name: str, value: float) -> Sample:
    return Sample(name, (), value)


class _Families:
    """Families as a collector."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            metric = Metric(family.name, family.help, family.kind)
            for sample in family.samples:
                metric.add_sample(sample.name, dict(sample.labels), sample.value)
            yield metric
