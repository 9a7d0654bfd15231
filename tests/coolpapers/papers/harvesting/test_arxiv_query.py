from __future__ import annotations

import pytest

from coolpapers.papers.harvesting import arxiv_query
from coolpapers.papers.harvesting.arxiv_query import get_records, query_arxiv
from coolpapers.papers.harvesting.fetching import PoliteClient
from tests.coolpapers.papers.harvesting.oai_server import Answer, Clock, serving
from tests.coolpapers.papers.make import DATA, records_of, refusals_of

FEED = (DATA / "arxiv_atom" / "feed.xml").read_text(encoding="utf-8")
ERROR = (DATA / "arxiv_atom" / "error.xml").read_text(encoding="utf-8")


def test_ids_become_records_and_missing_ones_refusals() -> None:
    with serving(Answer(FEED)) as server, PoliteClient(timing=Clock().timing) as client:
        items = list(query_arxiv(["2405.90001", "2405.90009"], client=client, url=server.url))
    assert [record.key for record in records_of(items)] == ["arxiv:2405.90001"]
    assert refusals_of(items) == [f"{server.url}: id: arXiv has no paper 2405.90009"]
    assert server.asked == [{"id_list": "2405.90001,2405.90009", "max_results": "2"}]


def test_an_error_of_arxiv_is_one_refusal() -> None:
    with serving(Answer(ERROR)) as server, PoliteClient(timing=Clock().timing) as client:
        items = list(query_arxiv(["2405.90001"], client=client, url=server.url))
    assert refusals_of(items) == [f"{server.url}, line 3: arXiv answered with an error: incorrect id format for zz"]


def test_an_answer_that_is_no_feed_is_asked_for_again() -> None:
    notice = Answer("<html>maintenance</html>")
    with serving(notice, Answer(FEED[:300]), Answer(FEED)) as server, PoliteClient(timing=Clock().timing) as client:
        assert len(list(query_arxiv(["2405.90001"], client=client, url=server.url))) == 1


def test_many_ids_are_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arxiv_query, "_IDS_A_REQUEST", 2)
    with serving(Answer(FEED)) as server, PoliteClient(timing=Clock().timing) as client:
        list(query_arxiv(["2405.90001", "2405.90002", "2405.90003"], client=client, url=server.url))
    assert [query["id_list"] for query in server.asked] == ["2405.90001,2405.90002", "2405.90003"]


def test_ids_are_asked_of_another_repository_one_by_one() -> None:
    record = (DATA / "arxiv_oai" / "arxiv.xml").read_text(encoding="utf-8")
    unknown = (DATA / "arxiv_oai" / "no_records.xml").read_text(encoding="utf-8")
    with serving(Answer(record), Answer(unknown)) as server, PoliteClient(timing=Clock().timing) as client:
        items = list(get_records(server.url, ["2405.90001", "2405.90009"], client=client, metadata_prefix="arXiv"))
    assert records_of(items)
    assert any("2405.90009" in refusal for refusal in refusals_of(items))
    assert [query["identifier"] for query in server.asked] == ["oai:arXiv.org:2405.90001", "oai:arXiv.org:2405.90009"]
    assert {query["verb"] for query in server.asked} == {"GetRecord"}
