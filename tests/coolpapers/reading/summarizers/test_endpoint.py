from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coolpapers.reading.errors import SummarizerRefused, SummarizerUnavailable
from coolpapers.reading.summarizers import Progress, SummaryText, summarizers
from coolpapers.reading.summarizers.endpoint import EndpointSummarizer, without_thinking
from tests.coolpapers.reading.summarizers.test_chat import chunk, refusing, streaming
from tests.coolpapers.reading.summarizers.test_limits import Clock
from tests.local_servers import Behaviour, LocalServer, serve

TEXT = SummaryText("On Sorting", ("Ada Lovelace",), "We sort $n$ numbers.", "", "en")
GOOD = streaming(chunk("It is "), chunk("good."), chunk(finish="stop"))


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    path = tmp_path / "prompts.toml"
    path.write_text('[en]\nsystem = "Be brief."\nquestions = ["Why?", "How?"]\n', encoding="utf-8")
    return str(path)


def make(server: LocalServer, prompts: str, clock: Clock | None = None, **options: Any) -> EndpointSummarizer:
    clock = clock or Clock()
    settings: dict[str, Any] = {
        "timeout_s": 5.0,
        "clock": clock,
        "sleep": clock.sleep,
        "jitter": lambda: 1.0,
        **options,
    }
    return EndpointSummarizer(url=server.url, model="m", prompts=prompts, **settings)


def write(prompts: str, *script: Behaviour, clock: Clock | None = None, **options: Any) -> list[Progress]:
    with serve(*script) as server:
        return list(make(server, prompts, clock, **options).write(TEXT))


def test_questions_are_asked_one_at_a_time_in_one_conversation(prompts: str) -> None:
    with serve(streaming(chunk("Because.", finish="stop")), streaming(chunk("Like so.", finish="stop"))) as server:
        steps = list(make(server, prompts).write(TEXT))
    assert steps[-1] == Progress("### Why?\n\nBecause.\n\n### How?\n\nLike so.\n", 2, 2)
    first, second = (asked.json["messages"] for asked in server.asked)
    assert [message["role"] for message in first] == ["system", "user"]
    assert "Be brief." in first[0]["content"]
    assert "We sort $n$ numbers." in first[0]["content"]
    assert [message["content"] for message in second[1:]] == ["Why?", "Because.", "How?"]


def test_the_summary_grows_and_says_how_far_it_is(prompts: str) -> None:
    steps = write(prompts, GOOD)
    assert [step.markdown for step in steps[:2]] == ["### Why?\n\nIt is\n", "### Why?\n\nIt is good.\n"]
    assert [(step.n_done, step.n_total) for step in (steps[0], steps[-1])] == [(0, 2), (2, 2)]


@pytest.mark.parametrize(
    "bad", [refusing(500), streaming(chunk("Half an ans")), streaming("data: {half\n\n"), refusing(429)]
)
def test_a_broken_answer_is_dropped_and_asked_for_anew(prompts: str, bad: Behaviour) -> None:
    steps = write(prompts, bad, GOOD)
    assert steps[-1].markdown == "### Why?\n\nIt is good.\n\n### How?\n\nIt is good.\n"
    assert "Half" not in steps[-1].markdown


def test_pauses_double_and_obey_the_server(prompts: str) -> None:
    clock = Clock()
    write(prompts, refusing(500), refusing(500), refusing(429, Retry_After="17"), GOOD, clock=clock)
    assert clock.slept == [1.0, 2.0, 17.0]


def test_after_five_attempts_it_gives_up_with_the_last_reason(prompts: str) -> None:
    with serve(refusing(500)) as server:
        steps = make(server, prompts, attempts=99).write(TEXT)
        with pytest.raises(SummarizerUnavailable, match=r"Asked 5 times; the model's server failed \(HTTP 500\)\."):
            list(steps)
    assert len(server.asked) == 5


def test_a_refusal_is_not_asked_again(prompts: str) -> None:
    with serve(refusing(401)) as server, pytest.raises(SummarizerRefused):
        list(make(server, prompts).write(TEXT))
    assert len(server.asked) == 1


def test_an_empty_answer_counts_as_broken(prompts: str) -> None:
    assert write(prompts, streaming(chunk(finish="stop")), GOOD)[-1].n_done == 2


def test_no_pause_goes_past_the_deadline(prompts: str) -> None:
    clock = Clock()
    with pytest.raises(SummarizerUnavailable, match="Asked once"):
        write(prompts, refusing(429, Retry_After="50"), clock=clock, deadline_s=30.0)
    assert clock.slept == []


def test_an_answer_that_drips_for_ever_ends_at_the_deadline(prompts: str) -> None:
    class Hurrying(Clock):
        def __call__(self) -> float:
            self.now += 5.0
            return self.now

    with pytest.raises(SummarizerUnavailable, match="longer than 60 seconds"):
        write(prompts, streaming(*[chunk("x ")] * 100), clock=Hurrying(), deadline_s=60.0)


def test_the_paper_is_cut_so_that_the_prompt_fits(prompts: str) -> None:
    long = SummaryText("T", (), "a", "word " * 20_000, "en")
    with serve(GOOD) as server:
        list(make(server, prompts, max_prompt_tokens=2_000, max_answer_tokens=300).write(long))
    assert all(len(json.dumps(asked.json)) / 4 < 2_000 for asked in server.asked)
    assert all("word word" in asked.json["messages"][0]["content"] for asked in server.asked)


def test_the_rate_limit_spaces_questions(prompts: str) -> None:
    clock = Clock()
    write(prompts, GOOD, clock=clock, requests_per_minute=1)
    assert clock.slept == [60.0]


def test_an_unknown_language_is_asked_in_english(prompts: str) -> None:
    with serve(GOOD) as server:
        steps = list(make(server, prompts).write(SummaryText("T", (), "a", "", "sw")))
    assert steps[-1].markdown.startswith("### Why?")


def test_reasoning_before_the_answer_is_not_shown(prompts: str) -> None:
    thinking = streaming(chunk("<think>first I"), chunk(" wonder</think>\n\nYes."), chunk(finish="stop"))
    steps = write(prompts, thinking)
    assert steps[-1].markdown.startswith("### Why?\n\nYes.")
    assert not any("wonder" in step.markdown for step in steps)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("<thi", ""), ("<think>a", ""), ("<think>a</think> b", "b"), ("I <think> so", "I <think> so"), ("", "")],
)
def test_thinking_is_told_by_its_marks_at_the_beginning(text: str, shown: str) -> None:
    assert without_thinking(text) == shown


def test_settings_that_cannot_work_are_named() -> None:
    wrong = EndpointSummarizer(url="", model="", prompts="nowhere.toml").check()
    assert "COOLPAPERS_LLM_URL" in wrong[0]
    assert "nowhere.toml" in wrong[1]
    assert EndpointSummarizer(url="http://localhost:1/v1", model="m").check() == []


def test_it_is_off_until_it_is_chosen(settings: Any) -> None:
    assert settings.SUMMARIZER == "extractive"
    assert summarizers["endpoint"].is_costly
