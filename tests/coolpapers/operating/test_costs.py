from __future__ import annotations

import pytest

from coolpapers.base.admission import WAIT_S
from coolpapers.operating.costs import EXPENSIVE_WAIT_S, SUGGESTION_WAIT_S, is_expensive, wait_s


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


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/search", "q=a", WAIT_S),
        ("/search", "q=a&explain=1", EXPENSIVE_WAIT_S),
        ("/search/suggest", "q=a", SUGGESTION_WAIT_S),
        ("/search/suggestions-of-others", "q=a", WAIT_S),
    ],
)
def test_how_long_a_request_waits(path: str, query: str, expected: float) -> None:
    assert wait_s({"PATH_INFO": path, "QUERY_STRING": query}, default_mode="hybrid") == expected
