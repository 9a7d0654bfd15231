from __future__ import annotations

import io
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from coolpapers.reading.models import Summary
from tests.coolpapers.reading.made import make_finished, make_paper, make_summary
from tests.coolpapers.reading.summarizers.test_chat import chunk, streaming
from tests.local_servers import Behaviour, Exchange, serve
from tests.own_library import Library, make_library


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("write_summaries", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_queued_summaries_are_written() -> None:
    make_summary()
    make_summary()
    assert run() == "2 written, 0 failed\n"
    assert run() == "0 written, 0 failed\n"


@pytest.mark.django_db
def test_given_papers_are_requested_first() -> None:
    paper, finished = make_paper(), make_finished(language="zh")
    assert run(paper.arxiv_id, finished.paper.key, "--language=zh-CN") == "1 written, 0 failed\n"
    assert Summary.objects.get(paper=paper).language == "zh"
    assert run(finished.paper.key, "--language=zh", "--again") == "1 written, 0 failed\n"


@pytest.mark.django_db
def test_a_limit_leaves_the_rest_waiting() -> None:
    for _ in range(3):
        make_summary()
    assert run("--limit=1") == "1 written, 0 failed\n"
    assert Summary.objects.filter(status="queued").count() == 2


@pytest.mark.django_db
def test_failures_are_named_and_the_command_fails_after_the_rest() -> None:
    make_summary(make_paper(abstract=""), priority=1)
    make_summary()
    with pytest.raises(CommandError, match="1 summaries failed"):
        run()
    assert sorted(Summary.objects.values_list("status", flat=True)) == ["done", "failed"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("args", "message"),
    [(["2601.99999"], "no paper '2601.99999'"), (["x", "--language=klingon!"], "not a language tag")],
)
def test_invalid_arguments_are_command_errors(args: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*args)


@pytest.mark.django_db
def test_without_a_summarizer_the_command_fails(settings: Settings) -> None:
    settings.SUMMARIZER = "off"
    with pytest.raises(CommandError, match="off"):
        run(make_paper().key)


@pytest.fixture
def started() -> threading.Event:
    """Set when the model's server has sent half an answer."""
    return threading.Event()


@pytest.fixture
def stall(started: threading.Event) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(chunk("Half an ans"))
        exchange.send(chunk("wer that"))
        started.set()
        exchange.stall(120)

    return behave


def start_worker(library: Library, started: threading.Event) -> subprocess.Popen[str]:
    """A process that is in the middle of writing the summary of the library's one paper."""
    worker = library.manage("write_summaries", "2601.00001")
    while not started.wait(0.2):
        assert worker.poll() is None, worker.communicate()
    return worker


@pytest.mark.slow
def test_a_killed_worker_loses_only_time(tmp_path: Path, started: threading.Event, stall: Behaviour) -> None:
    """kill -9 in the middle of an answer: nothing half-written is shown, another worker starts over and finishes."""
    with serve(stall, streaming(chunk("A whole answer.", finish="stop"))) as server:
        library = make_library(tmp_path, llm_url=server.url)
        worker = start_worker(library, started)
        worker.send_signal(signal.SIGKILL)
        worker.communicate(timeout=60)
        killed = library.row()
        assert (killed["status"], killed["markdown"]) == ("running", "")

        # Its lease still runs: nobody may take the summary from a worker that could be alive.
        assert library.done("write_summaries") == "0 written, 0 failed\n"
        library.execute("UPDATE reading_summary SET heartbeat = '2020-01-01 00:00:00'")  # a minute later
        assert library.done("write_summaries") == "1 written, 0 failed\n"
        finished = library.row()
        assert finished["markdown"] == "### Why?\n\nA whole answer.\n\n### How?\n\nA whole answer.\n"
        assert (finished["status"], finished["partial"], finished["attempts"]) == ("done", "", 0)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_worker_releases_its_summary(
    tmp_path: Path, started: threading.Event, stall: Behaviour, sent: signal.Signals
) -> None:
    with serve(stall) as server:
        library = make_library(tmp_path, llm_url=server.url)
        worker = start_worker(library, started)
        worker.send_signal(sent)
        worker.communicate(timeout=60)
        row = library.row()
        assert (row["status"], row["attempts"], row["markdown"]) == ("queued", 0, "")
