"""Engines on the server of ``tests/search/conftest.py``."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from search.engines.opensearch import OpenSearchBackend
from tests.opensearch_server import Node

_numbers = count()
MakeBackend = Callable[..., OpenSearchBackend]


@pytest.fixture
def make_backend(server: Node, request: pytest.FixtureRequest) -> Iterator[MakeBackend]:
    """Makes engines on the server; those of one test share an index unless they name another."""
    alias = f"test-{zlib.crc32(request.node.nodeid.encode()):08x}-{next(_numbers)}"
    made: list[OpenSearchBackend] = []

    def make(**options: object) -> OpenSearchBackend:
        made.append(OpenSearchBackend(**{"urls": [server.url], "index": alias, "timeout_s": 60.0, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for engine in made:
        engine.client.close()


@pytest.fixture
def backend(make_backend: MakeBackend) -> OpenSearchBackend:
    return make_backend()
