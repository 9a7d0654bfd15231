"""What this process counts and times, for ``/metrics``. Start at the functions ``count_…`` and ``time_…``.

Labels hold names from the code only (views, stages, tasks, statuses), so their number is bounded, and nothing of a
reader is in them. :mod:`coolpapers.base.observing.sharing` adds up the processes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, Metric

from coolpapers.base.outages import degraded

disable_created_metrics()  # type: ignore[no-untyped-call] # a time beside each sample would double their number

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PAGE_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STAGE_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0)
_TASK_S = (0.1, 1.0, 10.0, 60.0, 600.0, 3600.0)

_registry = CollectorRegistry(auto_describe=True)
_requests = Counter("coolpapers_requests", "Requests answered.", ["view", "method", "status"], registry=_registry)
_request_s = Histogram(
    "coolpapers_request_seconds", "Time until an answer is ready.", ["view"], registry=_registry, buckets=_PAGE_S
)
_refused = Counter(
    "coolpapers_refused_requests", "Requests that the web server refused unread.", ["status"], registry=_registry
)
_stage_s = Histogram(
    "coolpapers_search_stage_seconds",
    "Stages of searches by outcome: ok, late, failed, unavailable, loading.",
    ["stage", "outcome"],
    registry=_registry,
    buckets=_STAGE_S,
)
_task_s = Histogram(
    "coolpapers_task_seconds", "Background tasks.", ["task", "outcome"], registry=_registry, buckets=_TASK_S
)
_messages = Counter("coolpapers_log_messages", "Warnings and errors logged.", ["level"], registry=_registry)
_INSTRUMENTS = (_requests, _request_s, _refused, _stage_s, _task_s, _messages)

# Held while something is counted or read, and during a fork: no lock of the library is then held in the child.
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric; ``labels`` as sorted pairs."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with its samples; ``kind`` is ``counter``, ``histogram`` or ``gauge``."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    with _lock:
        _requests.labels(view, method if method in METHODS else "other", str(status)).inc()
        _request_s.labels(view).observe(seconds)


def count_refused(status: int) -> None:
    with _lock:
        _refused.labels(str(status)).inc()


def time_stage(stage: str, outcome: str, seconds: float) -> None:
    with _lock:
        _stage_s.labels(stage, outcome).observe(seconds)


def time_task(task: str, outcome: str, seconds: float) -> None:
    with _lock:
        _task_s.labels(task, outcome).observe(seconds)


def count_message(level: str) -> None:
    with _lock:
        _messages.labels(level).inc()


def read_families() -> list[Family]:
    """All metrics of this process."""
    with _lock:
        return [_family(metric) for metric in _registry.collect()]


def _family(metric: Metric) -> Family:
    samples = tuple(Sample(s.name, tuple(sorted(s.labels.items())), s.value) for s in metric.samples)
    return Family(metric.name, metric.type, metric.documentation, samples)


class _Degraded:
    """What was left out because it could not be stored (:data:`coolpapers.base.outages.degraded`)."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}  # of the process that this one was forked from

    def forget(self) -> None:
        self._before = degraded.counts()

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "coolpapers_degraded", "Times that something was left out because a part was down.", labels=["what"]
        )
        for name, count in degraded.counts().items():
            family.add_metric([name], count - self._before.get(name, 0))
        yield family

    def describe(self) -> Iterable[Metric]:
        return []


_degraded = _Degraded()
_registry.register(_degraded)


def _forget() -> None:
    """A forked process begins with nothing: its parent reports what it has counted."""
    for instrument in _INSTRUMENTS:
        instrument.clear()
    _degraded.forget()
    _lock.release()


os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_forget)
