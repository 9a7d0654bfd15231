"""One OpenSearch server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.opensearch_server import Node, single_node


@pytest.fixture(scope="session")
def server() -> Iterator[Node]:
    with single_node() as node:
        yield node
