"""MCP over HTTP with the SDK's own client against a running site; standard input and output: see the command's test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx2
import pytest
from django.contrib.auth import get_user_model
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from coolpapers.api.models import Scope, make_token
from coolpapers.papers.models import Paper
from coolpapers.people.state.selectors import starred_keys
from tests.own_loop import run_apart

pytestmark = pytest.mark.django_db

MODES = ["auto", "legacy"]  # the protocol of 2026, and the handshake of the versions before


def talk(url: str, use: Callable[[Client], Awaitable[Any]], *, token: str = "", mode: str = "auto") -> Any:
    """What ``use`` returns of a session with the server at ``url``."""

    async def run() -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
        ):
            return await use(client)

    return run_apart(run)


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_offered_with_what_they_do(server_url: str, library: list[Paper], mode: str) -> None:
    async def use(client: Client) -> Any:
        return client.server_info, client.instructions, (await client.list_tools()).tools

    info, instructions, tools = talk(server_url, use, mode=mode)
    assert info.name == "coolpapers"
    assert "search" in instructions
    offered = {tool.name: tool for tool in tools}
    assert set(offered) == {"search", "paper", "related", "recent", "cite", "library"}
    assert offered["search"].annotations.read_only_hint
    assert not offered["library"].annotations.read_only_hint
    assert offered["search"].input_schema["required"] == ["query"]
    assert not offered["search"].description.startswith(" ")


@pytest.mark.parametrize("mode", MODES)
def test_an_assistant_finds_reads_and_cites(server_url: str, library: list[Paper], mode: str) -> None:
    async def use(client: Client) -> Any:
        found = await client.call_tool("search", {"query": "graphs", "sort": "newest"})
        first = found.structured_content["papers"][0]["id"]
        return found, *[
            await client.call_tool(name, arguments)
            for name, arguments in (
                ("paper", {"id": first}),
                ("related", {"id": first}),
                ("recent", {"category": "cs.CL", "from_day": "2026-03-03"}),
                ("cite", {"ids": [first]}),
                ("library", {}),
            )
        ]

    found, paper, related, recent, cited, overview = talk(server_url, use, mode=mode)
    assert not any(result.is_error for result in (found, paper, related, recent, cited, overview))
    assert found.structured_content["total"] == 3
    assert paper.structured_content["title"] == "Trees of graphs"
    assert paper.structured_content["page"].startswith(server_url)
    assert related.structured_content["id"] == "arxiv:2603.00004"
    assert [one["id"] for one in recent.structured_content["papers"]] == ["arxiv:2603.00004", "arxiv:2603.00002"]
    assert cited.content[0].text.startswith("@misc{")
    assert overview.structured_content["n_papers"] == 5


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("search", {"query": '"graphs'}, "quotation mark"),
        ("search", {"query": "graphs", "limit": 10_000}, "less than or equal to 50"),
        ("search", {"query": "graphs", "start": 10**12}, "less than or equal to"),
        ("paper", {"id": "nothing"}, "no paper"),
        ("recent", {"category": "cs.XX"}, "cs.XX"),
        ("cite", {"ids": ["x"] * 10_000}, "at most 200"),
        ("library", {"action": "star", "ids": ["2603.00001"]}, "API token"),
        ("library", {"action": "burn"}, "overview"),
        (
            "search",
            {"query": "graph", "yaer": 2020},
            "search has no argument 'yaer'. Call it again with these",
        ),
    ],
)
def test_errors_reach_the_model_with_their_cure(
    server_url: str, library: list[Paper], tool: str, arguments: dict[str, Any], words: str
) -> None:
    async def use(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    result = talk(server_url, use)
    assert result.is_error
    assert words in result.content[0].text


def test_a_token_decides_what_the_library_tool_may(server_url: str, library: list[Paper]) -> None:
    ada = get_user_model().objects.create(username="ada")
    reading, writing = (make_token(user=ada, name="n", scope=scope)[1] for scope in (Scope.READ, Scope.LIBRARY))

    async def star(client: Client) -> Any:
        return await client.call_tool("library", {"action": "star", "ids": ["2603.00001"]})

    async def collect(client: Client) -> Any:
        await client.call_tool("library", {"action": "collect", "ids": ["2603.00002"], "collection": "Thesis"})
        return await client.call_tool("search", {"query": "in:thesis"})

    refused = talk(server_url, star, token=reading)
    assert refused.is_error
    assert "--scope library" in refused.content[0].text
    assert not starred_keys(ada)
    done = talk(server_url, star, token=writing)
    assert done.structured_content["changed"] == 1
    assert starred_keys(ada) == {"arxiv:2603.00001"}
    assert talk(server_url, collect, token=writing).structured_content["total"] == 1


def test_many_assistants_at_once_each_in_its_own_session(server_url: str, library: list[Paper]) -> None:
    texts = {}
    for name in ("ada", "bob", "eve"):
        user = get_user_model().objects.create(username=name)
        texts[name] = make_token(user=user, name="n", scope=Scope.LIBRARY)[1]
    told: dict[str, list[str]] = {name: [] for name in texts}

    async def one(name: str) -> None:
        headers = {"Authorization": f"Bearer {texts[name]}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{server_url}/mcp", http_client=http)) as client,
        ):
            for _ in range(5):
                result = await client.call_tool("library", {})
                told[name].append(result.structured_content["reader"])

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for name in texts:
                group.start_soon(one, name)

    run_apart(run)
    assert told == {name: [name] * 5 for name in texts}
