from __future__ import annotations

from datetime import date

import pytest

from search.engines.opensearch import hits
from search.engines.results import Request
from search.errors import IndexUnavailable
from search.language.query import Everything, Term
from tests.local_servers import serve
from tests.opensearch_server import needs_opensearch
from tests.search.engines.contract.answers import order_of
from tests.search.engines.opensearch.conftest import MakeBackend
from tests.search.make import make_document

BODY = (
    '{"timed_out": %s, "_shards": {"failed": %d}, "hits": {"total": {"value": 0}, "hits": []},'
    ' "test-000001": {"mappings": {"_meta": {"layout": "%s", "revision": 1}}}}'
)


@pytest.mark.parametrize(("timed_out", "n_failed"), [("true", 0), ("false", 1)])
def test_a_part_of_the_hits_is_an_error_and_no_empty_result(timed_out: str, n_failed: int) -> None:
    body = (BODY % (timed_out, n_failed, "x")).encode()
    with serve(lambda exchange: exchange.answer(200, body, Content_Type="application/json")) as server:
        from search.engines.opensearch.client import Client, Servers

        client = Client(Servers((server.url,)))
        reader = hits.PageReader(client, "papers", time_limit_s=1)
        with pytest.raises(IndexUnavailable, match="only a part"):
            reader.read({"match_all": {}}, "newest", Request())
        client.close()


@pytest.mark.usefixtures("server")
class TestDeepPages:
    pytestmark = needs_opensearch

    def test_pages_beyond_the_window_follow_the_others(
        self, make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The window of the server is 10,000 hits; here ours is 20, so that pages are read from a point in time."""
        backend = make_backend(shards=2)
        papers = [
            make_document(f"p:{n:03}", title="Graphs " * (1 + n % 3), day=date(2020, 1, 1 + n % 9)) for n in range(150)
        ]
        backend.rebuild(papers, revision=1)
        for root, sort in ((Term("graphs"), "relevance"), (Everything(), "newest"), (Term("graphs"), "oldest")):
            whole = order_of(backend.search(root, Request(top_k=200, sort=sort)))
            with monkeypatch.context() as patch:
                patch.setattr(hits, "MAX_WINDOW", 20)
                requests = [Request(start=start, top_k=25, sort=sort, facets=("year",)) for start in range(0, 175, 25)]
                pages = [backend.search(root, request) for request in requests]
            assert [key for page in pages for key in order_of(page)] == whole
            assert {page.total for page in pages} == {150}
            assert all(page.facets["year"][0].n_documents == 150 for page in pages)
