from __future__ import annotations

import datetime as dt
from collections.abc import Generator

import pytest
from pytest_django import Settings

from coolpapers.papers.models import latest_revision
from coolpapers.reading.errors import QueueFull, SummarizerUnavailable
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.services import current_summarizer, request_summary, summary_text, work_once
from coolpapers.reading.summarizers import Progress, Summarizer, SummaryText
from tests.coolpapers.reading.made import NOW, make_finished, make_paper

pytestmark = pytest.mark.django_db


class ScriptedSummarizer(Summarizer):
    """Yields the steps it was given; an exception among them is raised."""

    steps: list[str | BaseException] = []

    def label(self) -> str:
        return "script"

    def write(self, text: SummaryText) -> Generator[Progress, None, None]:
        for n, step in enumerate(self.steps):
            if isinstance(step, BaseException):
                raise step
            yield Progress(step, n, len(self.steps))


@pytest.fixture
def script(settings: Settings) -> type[ScriptedSummarizer]:
    settings.SUMMARIZERS = {"scripted": {"BACKEND": f"{__name__}.ScriptedSummarizer"}}
    settings.SUMMARIZER = "scripted"
    ScriptedSummarizer.steps = ["### One\n\nText.\n"]
    return ScriptedSummarizer


def test_asking_twice_is_one_request() -> None:
    paper = make_paper()
    first = request_summary(paper, language="en", now=NOW)
    again = request_summary(paper, language="en", now=NOW + dt.timedelta(minutes=1))
    assert first.pk == again.pk
    assert again.requested_at == NOW


def test_a_finished_summary_is_kept_unless_a_new_one_is_wanted() -> None:
    done = make_finished()
    assert request_summary(done.paper, language="en", now=NOW).status == "done"
    fresh = request_summary(done.paper, language="en", now=NOW, again=True)
    assert (fresh.pk, fresh.status, fresh.markdown) == (done.pk, "queued", done.markdown)


def test_a_failed_one_is_tried_anew() -> None:
    failed = make_finished(status="failed", markdown="", error="it broke", attempts=3)
    fresh = request_summary(failed.paper, language="en", now=NOW)
    assert (fresh.status, fresh.error, fresh.attempts) == ("queued", "", 0)


def test_newer_papers_get_a_higher_priority() -> None:
    old = request_summary(make_paper(announced=dt.date(2020, 1, 1)), language="en", now=NOW)
    new = request_summary(make_paper(announced=dt.date(2026, 1, 1)), language="en", now=NOW)
    undated = request_summary(make_paper(announced=None, year=None), language="en", now=NOW)
    assert new.priority > old.priority > undated.priority


def test_a_full_queue_says_so(settings: Settings) -> None:
    settings.SUMMARY_QUEUE_MAX = 1
    request_summary(make_paper(), language="en", now=NOW)
    with pytest.raises(QueueFull):
        request_summary(make_paper(), language="en", now=NOW)


@pytest.mark.parametrize("alias", ["off", "", "imported"])
def test_where_nothing_writes_summaries_none_can_be_asked_for(settings: Settings, alias: str) -> None:
    settings.SUMMARIZER = alias
    assert current_summarizer() is None
    with pytest.raises(LookupError):
        request_summary(make_paper(), language="en", now=NOW)


def test_working_writes_the_next_one_and_tells_indexes_of_it(script: type[ScriptedSummarizer]) -> None:
    paper = make_paper()
    request_summary(paper, language="en", now=NOW)
    before = latest_revision()
    assert work_once(claim="w") is not None
    summary = Summary.objects.get()
    assert (summary.status, summary.markdown, summary.source, summary.label) == (
        "done",
        "### One\n\nText.\n",
        "scripted",
        "script",
    )
    paper.refresh_from_db()
    assert paper.revision == latest_revision() > before
    assert work_once(claim="w") is None


def test_the_built_in_digest_is_written_by_default() -> None:
    paper = make_paper()
    request_summary(paper, language="en", now=NOW)
    work_once(claim="w")
    summary = Summary.objects.get()
    assert summary.source == "extractive"
    assert "$n$" in summary.markdown


def test_a_failure_tells_why_and_keeps_nothing_half_written(script: type[ScriptedSummarizer]) -> None:
    script.steps = ["### One\n\nHal", SummarizerUnavailable("Asked 5 times, it stayed silent.")]
    request_summary(make_paper(), language="en", now=NOW)
    work_once(claim="w")
    summary = Summary.objects.get()
    assert (summary.status, summary.error) == ("failed", "Asked 5 times, it stayed silent.")
    assert (summary.markdown, summary.partial) == ("", "")


def test_an_error_nobody_foresaw_costs_its_own_summary_only(
    script: type[ScriptedSummarizer], caplog: pytest.LogCaptureFixture
) -> None:
    script.steps = [ZeroDivisionError("secret detail")]
    request_summary(make_paper(), language="en", now=NOW)
    work_once(claim="w")
    summary = Summary.objects.get()
    assert summary.status == "failed"
    assert "secret" not in summary.error
    assert "secret detail" in caplog.text


def test_an_empty_text_is_a_failure(script: type[ScriptedSummarizer]) -> None:
    script.steps = ["\n"]
    request_summary(make_paper(), language="en", now=NOW)
    work_once(claim="w")
    assert Summary.objects.get().error == "The summarizer wrote an empty summary."


def test_a_worker_that_is_told_to_stop_gives_the_work_back(script: type[ScriptedSummarizer]) -> None:
    script.steps = ["half", KeyboardInterrupt()]
    request_summary(make_paper(), language="en", now=NOW)
    with pytest.raises(KeyboardInterrupt):
        work_once(claim="w")
    summary = Summary.objects.get()
    assert (summary.status, summary.partial, summary.attempts) == ("queued", "", 0)


def test_a_paper_without_text_fails_with_a_word() -> None:
    request_summary(make_paper(abstract=""), language="en", now=NOW)
    work_once(claim="w")
    assert "neither an abstract nor a full text" in Summary.objects.get().error


def test_a_summarizer_gets_title_authors_and_abstract() -> None:
    text = summary_text(make_paper(title="T", authors=["A", "B"], abstract="C"), language="zh")
    assert (text.title, text.authors, text.abstract, text.full_text, text.language) == ("T", ("A", "B"), "C", "", "zh")
