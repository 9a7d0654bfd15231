"""Random trees and queries find the same papers on the server and in the brute-force evaluation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from search.engines.base import SearchBackend
from search.engines.memory import MemoryBackend
from search.engines.opensearch import OpenSearchBackend
from search.engines.results import Request
from search.errors import QueryTooLarge
from search.language.parser import parse_leniently
from search.language.query import Node
from tests.opensearch_server import Node as ServerNode
from tests.opensearch_server import needs_opensearch
from tests.search.engines.test_agreement import agree, trees
from tests.search.examples import QUERIES
from tests.search.papers import PAPERS
from tests.search.trees import NOW

pytestmark = needs_opensearch


@pytest.fixture(scope="module")
def engines(server: ServerNode) -> Iterator[dict[str, SearchBackend]]:
    engine = OpenSearchBackend(urls=[server.url], index="agreement", shards=2, timeout_s=60.0)
    engine.rebuild(PAPERS, revision=1)
    yield {"opensearch": engine}
    engine.client.close()


@settings(max_examples=150)
@given(root=trees)
def test_any_tree_finds_the_same_papers(engines: dict[str, SearchBackend], root: Node) -> None:
    agree(engines, root)


@settings(max_examples=75)
@given(text=QUERIES)
def test_any_query_finds_the_same_papers(engines: dict[str, SearchBackend], text: str) -> None:
    root = parse_leniently(text, now=NOW).root
    memory = MemoryBackend()
    memory.rebuild(PAPERS, revision=1)
    try:
        memory.search(root, Request())
    except QueryTooLarge:
        return
    agree(engines, root)
