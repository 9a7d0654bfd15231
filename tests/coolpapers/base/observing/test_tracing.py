"""Spans of requests and stages, kept in memory by OpenTelemetry's own SDK, and sent to a real HTTP server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coolpapers.base.observing import tracing
from search.ranking.stages import timed_stage
from tests.local_servers import Exchange, serve

ROOT = Path(__file__).resolve().parents[4]
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


@pytest.mark.django_db
def test_a_request_is_a_span_of_its_view_below_its_caller(client: Client, spans: InMemorySpanExporter) -> None:
    answer = client.get("/healthz?q=secret", headers={"traceparent": PARENT})
    (span,) = spans.get_finished_spans()
    assert span.name == "GET show_health"
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "show_health",
        "http.response.status_code": 200,
        "request.id": answer.headers["X-Request-ID"],
    }
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}" in PARENT
    assert "secret" not in span.to_json()


@pytest.mark.django_db
@pytest.mark.parametrize("parent", ["", "nonsense", "00-0-0-0"])
def test_without_a_caller_it_stands_alone(client: Client, spans: InMemorySpanExporter, parent: str) -> None:
    client.get("/no/such/address", headers={"traceparent": parent})
    (span,) = spans.get_finished_spans()
    assert (span.name, span.parent) == ("GET none", None)


def test_stages_lie_below_their_request_and_say_how_they_ended(spans: InMemorySpanExporter) -> None:
    with tracing.request_span("GET", {}, ident="x") as name:
        with timed_stage("words"):
            pass
        with pytest.raises(ValueError, match="broken"), timed_stage("words"):
            raise ValueError("broken")
        name("search:search_papers", 500)
    good, bad, request = spans.get_finished_spans()
    assert {good.name, bad.name} == {"search words"}
    assert good.parent is not None
    assert good.parent.span_id == request.context.span_id
    assert (attributes(good), attributes(bad)) == ({"search.outcome": "ok"}, {"search.outcome": "failed"})
    assert [span.status.status_code for span in (good, bad, request)] == [
        trace.StatusCode.UNSET,
        trace.StatusCode.ERROR,
        trace.StatusCode.ERROR,
    ]
    assert good.start_time is not None
    assert good.end_time is not None
    assert good.start_time <= good.end_time


CODE = """
import sys, opentelemetry.trace
{block}
from coolpapers.base.observing.tracing import request_span, start_tracing
print(start_tracing())
with request_span("GET", {{}}, ident="x") as name:
    name("a-view", 200)
getattr(opentelemetry.trace.get_tracer_provider(), "shutdown", lambda: None)()
"""


def run(endpoint: str, *, block: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("OTEL_")}
    if endpoint:
        environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_SERVICE_NAME": "papers of our lab"}
    command = [sys.executable, "-c", CODE.format(block=block)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)


def test_a_process_sends_its_spans_to_the_address() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.answer(200)

    with serve(answer) as server:
        assert run(server.url).stdout == "True\n"
        (asked,) = server.asked
    assert asked.path == "/v1/traces"
    assert b"GET a-view" in asked.body
    assert b"papers of our lab" in asked.body


def test_without_an_address_nothing_is_sent() -> None:
    ended = run("")
    assert (ended.stdout, ended.stderr) == ("False\n", "")


def test_without_the_sdk_a_warning_says_what_to_install() -> None:
    block = 'sys.modules["opentelemetry.sdk"] = None'
    ended = run("http://127.0.0.1:9", block=block)
    assert ended.stdout == "False\n"
    assert "pip install 'coolpapers[tracing]'" in ended.stderr
