from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import tantivy

from search.engines.clauses import Bool, TokenMatch
from search.engines.results import Request
from search.engines.tantivy import hits
from search.engines.tantivy.hits import explain_hits, fetch_page
from search.engines.tantivy.translation import Translator
from tests.search.engines.tantivy.opened import open_index
from tests.search.make import make_document

GRAPH = TokenMatch("title", "graph", 1.0)
DAYS = [date(2024, 1, 1) + timedelta(days=7 * number % 40) for number in range(40)]
EQUAL = [make_document(f"p:{number}", title="graph", day=day) for number, day in enumerate(DAYS)]
NEWEST_FIRST = [f"p:{number}" for number in sorted(range(40), key=DAYS.__getitem__, reverse=True)]


@pytest.mark.parametrize("size", [1, 7, 40, 100])
def test_pages_of_equal_scores_join_to_the_list_sorted_newest_first(tmp_path: Path, size: int) -> None:
    reader = open_index(tmp_path, EQUAL)
    query = Translator(reader).translate(GRAPH)
    keys: list[str] = []
    for start in range(0, 40, size):
        page, total = fetch_page(reader, query, "relevance", Request(start=start, top_k=size))
        keys.extend(hit.key for hit in page)
        assert total == 40
    assert keys == NEWEST_FIRST


def test_a_group_beyond_the_limit_has_each_document_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "MAX_TIES", 5)
    reader = open_index(tmp_path, EQUAL)
    query = Translator(reader).translate(GRAPH)
    requests = [Request(start=start, top_k=7) for start in range(0, 40, 7)]
    pages = [fetch_page(reader, query, "relevance", request)[0] for request in requests]
    assert sorted(hit.key for page in pages for hit in page) == sorted(NEWEST_FIRST)


@pytest.mark.parametrize(("sort", "keys"), [("newest", NEWEST_FIRST), ("oldest", NEWEST_FIRST[::-1])])
def test_lists_by_date_have_no_scores(tmp_path: Path, sort: str, keys: list[str]) -> None:
    reader = open_index(tmp_path, EQUAL)
    page, total = fetch_page(reader, tantivy.Query.all_query(), sort, Request(top_k=40, with_total=False))
    assert [hit.key for hit in page] == keys
    assert ({hit.score for hit in page}, total) == ({0.0}, None)


@pytest.mark.parametrize("outside", [Request(top_k=0), Request(start=40), Request(start=10**12)])
def test_a_page_outside_the_list_is_empty_with_the_total(tmp_path: Path, outside: Request) -> None:
    reader = open_index(tmp_path, EQUAL)
    assert fetch_page(reader, tantivy.Query.all_query(), "relevance", outside) == ((), 40)


def test_the_shares_of_the_words_sum_to_the_score(tmp_path: Path) -> None:
    reader = open_index(tmp_path, [make_document("p:0", title="graph meadow"), make_document("p:1", title="graph")])
    clause = Bool(should=(GRAPH, TokenMatch("title", "meadow", 2.0)))
    page, _ = fetch_page(reader, Translator(reader).translate(clause), "relevance", Request())
    explained = explain_hits(reader, clause, page)
    assert [hit.key for hit in explained] == ["p:0", "p:1"]
    for hit in explained:
        assert hit.explanation is not None
        assert sum(share.score for share in hit.explanation.shares) == pytest.approx(hit.score, rel=1e-5)
    assert explain_hits(reader, clause, ()) == ()
