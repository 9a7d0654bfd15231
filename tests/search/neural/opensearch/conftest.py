"""Vectors on a real server, of the encoder of the tests."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from search.neural.opensearch import OpenSearchRetriever
from tests.opensearch_server import Node
from tests.search.concepts import ConceptRetriever

_numbers = count()


class ServedConceptRetriever(ConceptRetriever, OpenSearchRetriever):
    """The tests' encoder, and vectors on a server."""


MakeRetriever = Callable[..., ServedConceptRetriever]


@pytest.fixture
def make_retriever(
    server: Node, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeRetriever]:
    """Makes retrievers on the server; those of one test share an index. They see at once what another one wrote."""
    alias = f"test-{zlib.crc32(request.node.nodeid.encode()):08x}-{next(_numbers)}"
    monkeypatch.setattr("search.engines.opensearch.aliases.STATE_AGE_S", 0.0)
    monkeypatch.setattr("search.neural.opensearch.retriever.FAILURE_AGE_S", 0.0)
    made: list[ServedConceptRetriever] = []

    def make(**options: Any) -> ServedConceptRetriever:
        servers = {"urls": [server.url], "index": alias, "timeout_s": 60.0, **options.pop("servers", {})}
        folder = options.pop("path", tmp_path / "vectors")
        made.append(ServedConceptRetriever(path=folder, servers=servers, min_similarity=-1.0, **options))
        return made[-1]

    yield make
    for retriever in made:
        retriever.client.close()
