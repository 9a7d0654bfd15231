from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

import pytest

from search.engines.opensearch import writing
from search.engines.opensearch.client import Client, Servers
from search.engines.opensearch.writing import Action, BulkWriter, delete_actions, in_parts, index_actions
from search.errors import IndexUnavailable, IndexUnwritable
from tests.local_servers import Exchange, serve
from tests.search.make import titled

Answer = Callable[[list[str]], list[dict[str, object]]]
OK = {"status": 201, "result": "created"}


def failed(status: int, reason: str) -> dict[str, object]:
    return {"status": status, "error": {"type": "x", "reason": reason}}


def keys_of(body: bytes) -> list[str]:
    lines = [json.loads(line) for line in body.splitlines()]
    return [line["index"]["_id"] for line in lines if "index" in line]


def bulk_server(*answers: Answer) -> list[Callable[[Exchange], None]]:
    def behave(answer: Answer) -> Callable[[Exchange], None]:
        def respond(exchange: Exchange) -> None:
            results = answer(keys_of(exchange.asked.body))
            body = {"errors": any("error" in result for result in results), "items": [{"index": r} for r in results]}
            exchange.answer(200, json.dumps(body).encode(), Content_Type="application/json")

        return respond

    return [behave(answer) for answer in answers]


def write(url: str, titles: Iterable[str], **options: float) -> int:
    client = Client(Servers((url,)))
    try:
        return BulkWriter(client, "papers", **options).write(index_actions(titled(*titles), revision=4))
    finally:
        client.close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_papers_that_a_busy_server_refuses_are_sent_again() -> None:
    first: Answer = lambda keys: [OK if key == "p:0" else failed(429, "queue is full") for key in keys]  # noqa: E731
    everything: Answer = lambda keys: [OK for _ in keys]  # noqa: E731
    with serve(*bulk_server(first, everything)) as server:
        assert write(server.url, ["Graphs", "Words", "Trees"]) == 3
        assert [keys_of(asked.body) for asked in server.asked] == [["p:0", "p:1", "p:2"], ["p:1", "p:2"]]


def test_a_whole_request_that_is_refused_is_sent_again() -> None:
    busy = lambda exchange: exchange.answer(429, b"{}", Content_Type="application/json")  # noqa: E731
    everything: Answer = lambda keys: [OK for _ in keys]  # noqa: E731
    with serve(busy, busy, *bulk_server(everything)) as server:
        assert write(server.url, ["Graphs"]) == 1


def test_a_server_that_stays_busy_is_an_error_after_a_while() -> None:
    busy: Answer = lambda keys: [failed(503, "primary shard is not active") for _ in keys]  # noqa: E731
    with serve(*bulk_server(busy)) as server, pytest.raises(IndexUnavailable, match="primary shard is not active"):
        write(server.url, ["Graphs"], patience_s=0.2)


def test_papers_that_are_refused_for_good_are_named() -> None:
    refuse: Answer = lambda keys: [  # noqa: E731
        failed(400, "immense term") if key in ("p:1", "p:2") else OK for key in keys
    ]
    with serve(*bulk_server(refuse)) as server, pytest.raises(IndexUnwritable, match=r"p:1, p:2: immense term"):
        write(server.url, ["Graphs", "Words", "Trees"])


def test_a_full_disk_of_the_servers_is_named() -> None:
    full: Answer = lambda keys: [failed(429, "blocked by: disk usage exceeded flood-stage") for _ in keys]  # noqa: E731
    with serve(*bulk_server(full)) as server, pytest.raises(IndexUnwritable, match="free disk space"):
        write(server.url, ["Graphs"])


def test_a_later_revision_on_the_server_and_a_missing_paper_are_no_failures() -> None:
    kept: Answer = lambda keys: [failed(409, "version conflict"), {"status": 404, "result": "not_found"}]  # noqa: E731
    with serve(*bulk_server(kept)) as server:
        assert write(server.url, ["Graphs", "Words"]) == 0


def test_actions_carry_the_revision() -> None:
    (action,) = index_actions(titled("Graphs"), revision=0)
    header = json.loads(action.lines.splitlines()[0])
    assert header == {"index": {"_id": "p:0", "version": 1, "version_type": "external_gte"}}
    (action,) = delete_actions(["p:0"], revision=6)
    assert json.loads(action.lines)["delete"]["version"] == 7


def test_parts_are_limited_by_number_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PART_DOCUMENTS", 3)
    monkeypatch.setattr(writing, "PART_BYTES", 10)
    actions = [Action(str(n), b"x" * size) for n, size in enumerate((1, 1, 1, 20, 4, 4, 4, 1))]
    assert [[action.key for action in part] for part in in_parts(actions)] == [
        ["0", "1", "2"],
        ["3"],
        ["4", "5", "6"],
        ["7"],
    ]


def test_actions_are_sent_while_others_are_still_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the number of documents: a few parts are on the way at a time."""
    monkeypatch.setattr(writing, "PART_DOCUMENTS", 1)
    everything: Answer = lambda keys: [OK for _ in keys]  # noqa: E731
    n_papers = 12
    with serve(*bulk_server(*[everything] * n_papers)) as server:
        waiting: list[int] = []
        client = Client(Servers((server.url,)))

        def made() -> Iterator[Action]:
            for number, action in enumerate(index_actions(titled(*["Graphs"] * n_papers), revision=1)):
                waiting.append(number - len(server.asked))
                yield action

        assert BulkWriter(client, "papers").write(made()) == n_papers
        client.close()
    assert max(waiting) <= writing.PARTS_ON_THE_WAY + 2
