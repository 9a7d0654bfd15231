from __future__ import annotations

import pytest

from coolpapers.operating.costs import is_expensive


@pytest.mark.parametrize(
    ("path", "query", "default", "expected"),
    [
        ("/search", "q=a", "hybrid", False),
        ("/search", "q=a&mode=bm25", "hybrid", False),
        ("/search", "q=a&mode=rerank", "hybrid", True),
        ("/search", "q=a&mode=rerank", "rerank", False),  # then every search reranks
        ("/search", "q=a&explain=1", "hybrid", True),
        ("/search", "q=mode%3Drerank", "hybrid", False),
        ("/search/export", "q=a&format=bibtex", "hybrid", True),
        ("/arxiv/cs.CL/export", "", "hybrid", True),
        ("/me/collections/x/export", "", "hybrid", True),
        ("/search", "q=/export", "hybrid", False),
        ("/arxiv/2406.01234", "", "hybrid", False),
        ("", "", "hybrid", False),
        ("/search", "q=%ff&mode", "hybrid", False),
    ],
)
def test_addresses_that_take_long(path: str, query: str, default: str, expected: bool) -> None:
    assert is_expensive({"PATH_INFO": path, "QUERY_STRING": query}, default_mode=default) is expected
