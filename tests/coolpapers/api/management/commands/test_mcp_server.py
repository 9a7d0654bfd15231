"""MCP over standard input and output, with the SDK's own client, from another process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.own_library import ROOT, Library, make_database
from tests.own_loop import run_apart

PAPERS = [
    {"id": "arxiv:2603.00001", "title": "Graph networks", "abstract": "On graphs.", "categories": ["cs.LG"]},
    {"id": "arxiv:2603.00002", "title": "Trees", "abstract": "On graphs that are trees.", "categories": ["cs.CL"]},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of two papers with its index, an account, and no other setting."""
    library = Library(tmp_path_factory.mktemp("mcp"), COOLPAPERS_SITE_URL="https://papers.example")
    make_database(library.folder)
    file = library.folder / "papers.jsonl"
    file.write_text("\n".join(json.dumps({**paper, "date": "2026-03-02"}) for paper in PAPERS), encoding="utf-8")
    library.done("import_papers", str(file))
    library.done("update_index")
    library.environment["DJANGO_SUPERUSER_PASSWORD"] = "correct horse"
    library.done("createsuperuser", "--noinput", "--username=ada", "--email=ada@example.org")
    return library


def talk(site: Library, use: Callable[[Client], Awaitable[Any]], errors: Path, **settings: str) -> Any:
    """What ``use`` returns of a session with a server of its own."""

    async def run() -> Any:
        server = StdioServerParameters(
            command=sys.executable, args=["manage.py", "mcp_server"], env=site.environment | settings, cwd=ROOT
        )
        with errors.open("w") as log:
            async with Client(stdio_client(server, errlog=log)) as client:
                return await use(client)

    return run_apart(run)


def test_an_assistant_on_this_machine(site: Library, tmp_path: Path) -> None:
    async def use(client: Client) -> Any:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        found = await client.call_tool("search", {"query": "graphs trees"})
        star = await client.call_tool("library", {"action": "star", "ids": ["2603.00001"]})
        return tools, found, star

    tools, found, star = talk(site, use, tmp_path / "log")
    assert tools == ["search", "paper", "related", "recent", "cite", "library"]
    (paper,) = found.structured_content["papers"]
    assert paper["title"] == "Trees"
    assert paper["page"] == "https://papers.example/arxiv/2603.00002"
    assert star.is_error
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_with_a_token_it_stars_for_its_owner(site: Library, tmp_path: Path) -> None:
    async def use(client: Client) -> Any:
        await client.call_tool("library", {"action": "star", "ids": ["2603.00001"]})
        return await client.call_tool("search", {"query": "is:starred"})

    token = site.done("create_api_token", "ada", "--name=laptop", "--scope=library").strip()
    found = talk(site, use, tmp_path / "log", COOLPAPERS_MCP_TOKEN=token)
    assert [one["id"] for one in found.structured_content["papers"]] == ["arxiv:2603.00001"]
    assert site.row("people_item")["key"] == "arxiv:2603.00001"


def test_an_unknown_token_is_reported_at_the_start(site: Library) -> None:
    environment, site.environment = site.environment, site.environment | {"COOLPAPERS_MCP_TOKEN": "cp_wrong"}
    try:
        process = site.manage("mcp_server")
        out, err = process.communicate(timeout=120)
    finally:
        site.environment = environment
    assert process.returncode == 1
    assert out == ""
    assert "matches no API token" in err
    assert "cp_wrong" not in err
    assert os.linesep not in err.strip()
