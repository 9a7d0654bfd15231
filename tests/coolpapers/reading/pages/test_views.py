from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import Settings

from coolpapers.reading.models import Summary
from coolpapers.reading.summaries import progress
from coolpapers.reading.summaries.queue import claim_next
from coolpapers.reading.summaries.services import work_once
from tests.coolpapers.reading.made import NOW, close, make_finished, make_paper, make_summary

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def costly(settings: Settings) -> Settings:
    """A language model answers readers; nobody is at work in the background."""
    settings.SUMMARIZER = "endpoint"
    settings.CELERY_BROKER_URL = ""
    return settings


def page_of(client: Client, summary: Summary, **headers: str) -> str:
    return client.get(f"/summary/{summary.paper.arxiv_id}", headers=headers).content.decode()


def test_the_page_shows_a_finished_summary_with_its_formulas_and_where_it_comes_from(client: Client) -> None:
    page = page_of(client, make_finished(markdown="### Why?\n\nBecause $x_1 < y^2$ and **so**.\n"))
    assert r"\(x_1 &lt; y^2\)" in page
    assert "<strong>so</strong>" in page
    assert "Imported from notes." in page
    assert "summary-ask" not in page


def test_for_a_card_it_is_a_fragment(client: Client) -> None:
    fragment = page_of(client, make_finished(), **HTMX)
    assert "<html" not in fragment
    assert 'class="reading-panel summary"' in fragment


def test_foreign_text_is_harmless(client: Client) -> None:
    page = page_of(client, make_finished(markdown='<script>alert(1)</script>\n\n<img src=x onerror="alert(2)">'))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_without_a_summary_one_can_be_requested_and_is_shown_at_once(client: Client) -> None:
    paper = make_paper()
    asked = client.get(f"/summary/{paper.arxiv_id}").content.decode()
    assert "Generate a summary in English" in asked
    answer = client.post(f"/summary/{paper.arxiv_id}?language=en")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/summary/{paper.arxiv_id}?language=en")
    page = client.get(answer.headers["Location"]).content.decode()
    assert "no language model was used." in page
    assert r"\(n\)" in page


def test_in_a_card_the_built_in_digest_is_requested_automatically(client: Client) -> None:
    paper = make_paper()
    fragment = client.get(f"/summary/{paper.arxiv_id}", headers=HTMX).content.decode()
    assert 'hx-trigger="load, submit"' in fragment
    done = client.post(f"/summary/{paper.arxiv_id}", headers=HTMX).content.decode()
    assert "no language model was used." in done
    assert "hx-trigger" not in done


def test_a_model_is_only_used_on_request(client: Client, costly: Settings) -> None:
    fragment = client.get(f"/summary/{make_paper().arxiv_id}", headers=HTMX).content.decode()
    assert "hx-trigger" not in fragment
    assert "Generate a summary in English" in fragment


def test_without_a_summarizer_the_page_says_so(client: Client, settings: Settings) -> None:
    settings.SUMMARIZER = "off"
    paper = make_paper()
    assert "There is no summary of this paper." in client.get(f"/summary/{paper.arxiv_id}").content.decode()
    answer = client.post(f"/summary/{paper.arxiv_id}")
    assert answer.status_code == 503
    assert "imported summaries only" in answer.content.decode()


def test_a_full_queue_is_reported(client: Client, costly: Settings) -> None:
    costly.SUMMARY_QUEUE_MAX = 0
    fragment = client.post(f"/summary/{make_paper().arxiv_id}", headers=HTMX).content.decode()
    assert "Too many summaries are queued" in fragment


def test_a_queued_summary_shows_its_place_and_the_stream(client: Client) -> None:
    make_summary(priority=9)
    page = page_of(client, summary := make_summary(priority=1))
    assert "Waiting: 1 summary ahead in the queue." in page
    assert f'data-events="/summary/{summary.paper.arxiv_id}/events?language=en"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "Refresh" in page


def test_while_it_is_written_the_beginning_is_shown_apart_from_an_older_text(client: Client) -> None:
    summary = make_summary(
        status="running", partial="New **text** with $x", markdown="Old text.", source="endpoint", n_done=1, n_total=6
    )
    page = page_of(client, summary)
    assert "Being written: question 2 of 6 …" in page
    growing = page.partition("data-growing>")[2].partition("</div>")[0]
    assert "<strong>text</strong>" in growing
    assert "Previous summary" in page


def test_a_failure_shows_the_reason_and_a_retry_button(client: Client) -> None:
    page = page_of(client, make_summary(status="failed", error="Asked 5 times, <b>it</b> stayed silent."))
    assert "Asked 5 times, &lt;b&gt;it&lt;/b&gt; stayed silent." in page
    assert "Try again" in page


def test_another_language_is_shown_as_a_fallback_and_linked(client: Client) -> None:
    summary = make_finished(language="zh", markdown="### 为什么？\n\n因为。\n")
    page = page_of(client, summary)
    assert "There is no summary in English yet" in page
    assert '<div class="summary-text" tabindex="0" lang="zh">' in page
    assert "Generate a summary in English" in page
    assert f'href="/summary/{summary.paper.arxiv_id}?language=zh"' in page


@pytest.mark.parametrize("asked", ["zh", "zh-CN", "zh-hans"])
def test_the_requested_language_is_shown(client: Client, asked: str) -> None:
    summary = make_finished(language="zh", markdown="因为。")
    make_finished(summary.paper, language="en", markdown="Because.")
    page = client.get(f"/summary/{summary.paper.arxiv_id}?language={asked}").content.decode()
    assert "因为。" in page
    assert "Because." not in page


def test_an_invalid_language_falls_back_to_english(client: Client) -> None:
    summary = make_finished()
    assert client.get(f"/summary/{summary.paper.arxiv_id}?language=<x>").status_code == 200


def test_with_a_model_the_digest_can_be_replaced_and_stays_until_then(client: Client, costly: Settings) -> None:
    costly.CELERY_BROKER_URL = "memory://"
    summary = make_finished(source="extractive", markdown="Digest.")
    page = page_of(client, summary)
    assert "Generate with the language model" in page
    costly.SUMMARIZER = "extractive"
    assert "Generate with the language model" not in page_of(client, summary)


def test_an_unknown_paper_is_not_found(client: Client) -> None:
    assert client.get("/summary/2601.99999").status_code == 404
    assert client.post("/summary/2601.99999").status_code == 404


def test_a_request_needs_a_csrf_token() -> None:
    paper = make_paper()
    assert Client(enforce_csrf_checks=True).post(f"/summary/{paper.arxiv_id}").status_code == 403
    assert not Summary.objects.exists()


def streamed(response: Any) -> Iterable[bytes]:
    """The parts of a response that streams."""
    assert isinstance(response, StreamingHttpResponse)
    parts: Iterable[bytes] = response.streaming_content  # type: ignore[assignment] # a plain iterator under WSGI
    return parts


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(progress, "POLL_EVERY_S", 0.0)
    yield
    assert progress.streams.n_open == 0


def test_the_stream_tells_the_state_and_ends_when_the_summary_is_done(client: Client, quick: None) -> None:
    summary = make_summary(status="running", claim="w", partial="Some $x$ text.\n\nMore")
    response = client.get(f"/summary/{summary.paper.arxiv_id}/events")
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-cache"
    events = iter(streamed(response))
    assert next(events) == b"retry: 1000\n\n"
    first = next(events).decode()
    assert first.startswith("event: progress\ndata: {")
    assert r"\\(x\\)" in first
    Summary.objects.update(status="done", markdown="All of it.")
    assert next(events) == b"event: done\ndata: {}\n\n"
    assert list(events) == []
    close(response)


def test_a_stream_ends_after_its_time_limit(client: Client, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "MAX_STREAM_S", 0.0)
    summary = make_summary()
    response = client.get(f"/summary/{summary.paper.arxiv_id}/events")
    assert list(streamed(response)) == [b"retry: 1000\n\n"]
    close(response)


def test_streams_are_limited_and_released_when_the_page_closes(client: Client, quick: None, settings: Settings) -> None:
    settings.SUMMARY_STREAMS_MAX = 1
    summary = make_summary()
    address = f"/summary/{summary.paper.arxiv_id}/events"
    first = client.get(address)
    refused = client.get(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    close(first)
    again = client.get(address)
    assert again.status_code == 200
    close(again)


def test_without_a_summary_there_is_no_stream(client: Client) -> None:
    assert client.get(f"/summary/{make_paper().arxiv_id}/events").status_code == 204
    assert client.get("/summary/2601.99999/events").status_code == 204


def test_writing_continues_when_the_page_is_closed(client: Client, quick: None) -> None:
    summary = make_summary()
    response = client.get(f"/summary/{summary.paper.arxiv_id}/events")
    events = iter(streamed(response))
    next(events)
    next(events)
    close(response)
    work_once(claim="w")
    summary.refresh_from_db()
    assert summary.status == "done"


def test_a_worker_writes_the_summary_of_a_model(
    client: Client, costly: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []
    monkeypatch.setattr("coolpapers.reading.pages.views.notify_worker", lambda: called.append(1))
    paper = make_paper()
    for _ in range(2):
        client.post(f"/summary/{paper.arxiv_id}")
    assert Summary.objects.get().status == "queued"
    assert called
    assert claim_next(claim="w", now=NOW) is not None
