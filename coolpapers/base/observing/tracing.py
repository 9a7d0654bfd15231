"""Traces of requests and search stages for OpenTelemetry, where its SDK is installed and an address to send to is set.

The variables are OpenTelemetry's own: ``OTEL_EXPORTER_OTLP_ENDPOINT`` or ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`` turns
traces on, and ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` and the others work as its documentation says. A span has
the name of a view and nothing of a reader: no address, no query.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "coolpapers"
_NEEDED = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")

logger = logging.getLogger(__name__)
_tracer = trace.get_tracer(SERVICE)
Name = Callable[[str, int], None]


def start_tracing() -> bool:
    """Send the spans of this process from now on; whether an address is set and the packages are there.

    Call it after a fork: a thread sends the spans.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    if not all(map(_is_installed, _NEEDED)):
        logger.warning(
            "%s is set, but OpenTelemetry's SDK is not installed, so no traces are sent; pip install"
            " 'coolpapers[tracing]'",
            next(name for name in ENDPOINTS if os.environ.get(name)),
        )
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME") or SERVICE
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True


@contextmanager
def request_span(method: str, headers: Mapping[str, str], *, ident: str) -> Iterator[Name]:
    """A span around a request, below that of the caller if its ``traceparent`` names one.

    Yields a function that names the span by the view, with the status of the answer.
    """
    caller = propagate.extract({"traceparent": headers.get("traceparent", "")})
    with _tracer.start_as_current_span(method, context=caller, kind=trace.SpanKind.SERVER) as span:

        def name(view: str, status: int) -> None:
            span.update_name(f"{method} {view}")
            span.set_attributes(
                {
                    "http.request.method": method,
                    "http.route": view,
                    "http.response.status_code": status,
                    "request.id": ident,
                }
            )
            if status >= 500:
                span.set_status(trace.StatusCode.ERROR)

        yield name


def trace_stage(stage: str, outcome: str, seconds: float) -> None:
    """A span for a stage of a search that has just ended, below that of its request."""
    ended = time.time_ns()
    span = _tracer.start_span(f"search {stage}", start_time=ended - int(seconds * 1e9))
    span.set_attribute("search.outcome", outcome)
    if outcome not in ("ok", "loading"):
        span.set_status(trace.StatusCode.ERROR)
    span.end(end_time=ended)


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
