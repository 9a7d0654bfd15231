"""The parts of a result that the tests of engines compare."""

from __future__ import annotations

from search.engines.base import SearchBackend
from search.engines.results import EngineResult, Request
from search.language.query import Node


def order_of(result: EngineResult) -> list[str]:
    return [hit.key for hit in result.hits]


def ranked_keys(backend: SearchBackend, root: Node) -> list[str]:
    """Keys of all hits, best first."""
    return order_of(backend.search(root, Request(top_k=100)))


def found_keys(backend: SearchBackend, root: Node) -> set[str]:
    result = backend.search(root, Request(top_k=100))
    assert result.total == len(result.hits)
    return set(order_of(result))
