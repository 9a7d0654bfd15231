"""One question against servers that behave well and badly; the network is real, on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from coolpapers.reading.errors import SummarizerRefused
from coolpapers.reading.summarizers.chat import ChatClient, IncompleteAnswer
from tests.local_servers import Behaviour, Exchange, LocalServer, serve

KEY = "sk-secret-key"


def chunk(content: str | None = None, *, finish: str | None = None) -> str:
    delta = {} if content is None else {"content": content}
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}) + "\n\n"


def streaming(*parts: str | bytes) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.begin()
        for part in parts:
            exchange.send(part)

    return behave


def refusing(status: int, body: str = "", **headers: str) -> Behaviour:
    return lambda exchange: exchange.answer(status, body.encode(), **headers)


def client(server: LocalServer, *, timeout_s: float = 5.0) -> ChatClient:
    return ChatClient(url=f"{server.url}/v1/", model="m", key=KEY, timeout_s=timeout_s, max_answer_tokens=100)


def ask(*script: Behaviour, timeout_s: float = 5.0) -> Iterator[str]:
    with serve(*script) as server:
        yield from client(server, timeout_s=timeout_s).ask([{"role": "user", "content": "Why?"}])


def test_the_question_is_sent_as_the_api_wants_it() -> None:
    with serve(streaming(chunk("Yes", finish="stop"))) as server:
        assert list(client(server).ask([{"role": "user", "content": "Why?"}])) == ["Yes"]
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.json == {
        "model": "m",
        "messages": [{"role": "user", "content": "Why?"}],
        "stream": True,
        "max_tokens": 100,
    }


@pytest.mark.parametrize(
    "parts",
    [
        [chunk("One "), chunk("two."), chunk(finish="stop"), "data: [DONE]\n\n"],
        [chunk("One "), chunk("two."), "data: [DONE]\n\n"],  # some servers send no finish_reason
        [chunk("One "), chunk("two.", finish="stop")],  # some send no [DONE]
        [": ping\n\n", chunk(), chunk("One "), 'data: {"choices": []}\n\n', chunk("two."), "data: [DONE]\n\n"],
        [chunk("One ").replace("\n", "\r\n"), chunk("two.", finish="stop").replace("\n", "\r\n")],
        [part.encode() for part in chunk("One ") + chunk("two.", finish="stop")],  # a byte at a time
    ],
)
def test_a_whole_answer_is_put_together_from_its_pieces(parts: list[str | bytes]) -> None:
    assert "".join(ask(streaming(*parts))) == "One two."


def test_characters_cut_across_packets_and_odd_line_separators_come_out_whole() -> None:
    text = json.dumps({"choices": [{"delta": {"content": "é\u2028字"}, "finish_reason": "stop"}]}, ensure_ascii=False)
    data = f"data: {text}\n\n".encode()
    assert "".join(ask(streaming(*(data[n : n + 1] for n in range(len(data)))))) == "é\u2028字"


def test_a_server_that_does_not_stream_is_understood() -> None:
    body = json.dumps({"choices": [{"message": {"content": "All at once."}, "finish_reason": "stop"}]})
    assert list(ask(refusing(200, body, Content_Type="application/json"))) == ["All at once."]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (streaming(chunk("Half an ans")), "ended an answer early"),
        (streaming(chunk("Half"), 'data: {"choices": [{"delta": {"cont\n\n'), "invalid part"),
        (streaming(chunk("Half"), "data: [1, 2]\n\n"), "invalid part"),
        (streaming("data: " + "[" * 100_000 + "\n\n"), "invalid part"),
        (streaming(chunk("Half"), 'data: {"error": {"message": "out of memory"}}\n\n'), "out of memory"),
        (refusing(500, "oops"), "HTTP 500"),
        (refusing(503), "HTTP 503"),
        (refusing(429), "too many requests"),
    ],
)
def test_a_transient_failure_is_a_incomplete_answer(behaviour: Behaviour, reason: str) -> None:
    with pytest.raises(IncompleteAnswer, match=reason):
        list(ask(behaviour))


def test_a_connection_that_closes_inside_a_chunk_is_a_incomplete_answer() -> None:
    def behave(exchange: Exchange) -> None:
        exchange.begin(Transfer_Encoding="chunked")
        exchange.send("400\r\ndata: half")  # announces 1,024 bytes and closes

    with pytest.raises(IncompleteAnswer, match="connection"):
        list(ask(behave))


def test_a_silent_server_is_a_incomplete_answer() -> None:
    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(chunk("And then "))
        exchange.stall()

    with pytest.raises(IncompleteAnswer, match="did not respond in time"):
        list(ask(behave, timeout_s=0.2))


def test_nobody_listening_is_a_incomplete_answer() -> None:
    with serve(refusing(200)) as server:
        gone = client(server)
    with pytest.raises(IncompleteAnswer, match="connection"):
        list(gone.ask([]))


def test_an_endless_line_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.reading.summarizers.chat.MAX_CHARACTERS", 10_000)
    with pytest.raises(IncompleteAnswer, match="too long"):
        list(ask(streaming("data: ", *["x" * 1000] * 20)))


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (refusing(401, f'{{"error": {{"message": "bad key {KEY}"}}}}'), r"refused the key \(HTTP 401\)\.$"),
        (refusing(404, '{"error": {"message": "no model m"}}'), r"HTTP 404\): no model m"),
        (refusing(400, f"<html>what is {KEY}?</html>"), r"HTTP 400\): <html>what is …\?"),
        (refusing(301, Location="http://example.org/"), "HTTP 301"),
        (streaming(chunk("Half an ans", finish="length")), "100 tokens; COOLPAPERS_LLM_MAX_ANSWER_TOKENS"),
        (streaming(chunk(finish="content_filter")), "content filter"),
    ],
)
def test_what_asking_again_would_not_change_is_refused_without_the_key(behaviour: Behaviour, reason: str) -> None:
    with pytest.raises(SummarizerRefused, match=reason) as caught:
        list(ask(behaviour))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7.0, 7.0),
        (format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), 1800.0, 3600.0),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0, 0.0),
    ],
    ids=["seconds", "date to come", "date past"],
)
def test_retry_after_is_read_as_number_and_date(value: str, least: float, most: float) -> None:
    with pytest.raises(IncompleteAnswer) as caught:
        list(ask(refusing(429, Retry_After=value)))
    assert caught.value.retry_after_s is not None
    assert least <= caught.value.retry_after_s <= most


def test_a_nonsense_retry_after_is_passed_over() -> None:
    with pytest.raises(IncompleteAnswer) as caught:
        list(ask(refusing(503, Retry_After="soon")))
    assert caught.value.retry_after_s is None


def test_a_reader_who_stops_reading_closes_the_connection() -> None:
    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(chunk("One"))
        exchange.stall()

    with serve(behave) as server:
        answer = client(server).ask([])
        assert next(answer) == "One"
        answer.close()  # type: ignore[attr-defined]
