"""The tools as functions; over MCP itself they are tried in test_mcp_server.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils.timezone import now

from coolpapers.api.callers import Caller
from coolpapers.api.errors import ApiError, BadParameter, BadQuery, Forbidden
from coolpapers.api.mcp import tools
from coolpapers.api.mcp.sessions import Session, acting_in
from coolpapers.api.models import Scope, make_token
from coolpapers.papers.models import Paper
from coolpapers.people.models import Item
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(library: list[Paper]) -> Iterator[None]:
    with acting_in(Session(Caller("test"), "http://papers.example")):
        yield


def as_reader(scope: Scope) -> Any:
    user = get_user_model().objects.get_or_create(username="ada")[0]
    token, _text = make_token(user=user, name="n", scope=scope)
    return acting_in(Session(Caller("token", token), "http://papers.example"))


@pytest.mark.usefixtures("named_library")
def test_search_says_where_the_papers_with_a_name_end() -> None:
    with acting_in(Session(Caller("test"), "http://papers.example")):
        found = tools.search("car C4.5", mode="hybrid")
        assert found["names_first"] == {"names": ["C4.5"], "n_papers": 1}
        assert found["papers"][0]["title"] == "A car of C4.5"
        assert tools.search("car", mode="hybrid")["names_first"] is None


@pytest.mark.usefixtures("visitor")
class TestReading:
    def test_search(self) -> None:
        found = tools.search("graphs", sort="newest", limit=2)
        assert found["total"] == 3
        assert [one["title"] for one in found["papers"]] == ["Trees of graphs", "Attention for $x<y$ graphs"]
        assert found["papers"][0]["page"] == "http://papers.example/arxiv/2603.00004"
        assert found["next_start"] == 2
        assert tools.search("graphs", sort="newest", limit=2, start=2)["next_start"] is None
        assert tools.search("graphs", category=["cs.LG"])["total"] == 1

    def test_a_query_error_says_how_to_fix_it(self) -> None:
        with pytest.raises(BadQuery, match="quotation mark") as caught:
            tools.search('"graphs')
        assert caught.value.where == "query"

    def test_a_paper_with_its_summary(self) -> None:
        paper = Paper.objects.get(key="arxiv:2603.00004")
        Summary.objects.create(paper=paper, language="en", markdown="**Q** why?", label="a model", requested_at=now())
        found = tools.paper("2603.00004")
        assert found["summary"] == {"language": "en", "markdown": "**Q** why?", "by": "a model"}
        assert [one["number"] for one in found["versions"]] == [1, 2]
        assert found["page"] == "http://papers.example/arxiv/2603.00004"
        assert "doi" not in found  # nothing that is empty

    def test_related_says_what_is_shared(self) -> None:
        found = tools.related("2603.00001", limit=5)
        assert found["papers"]
        assert all(one["id"] != "arxiv:2603.00001" for one in found["papers"])
        assert any(one["shared_words"] for one in found["papers"])

    def test_recent_has_pages(self) -> None:
        first = tools.recent(category="cs.CL", limit=2)
        rest = tools.recent(category="cs.CL", limit=2, cursor=first["next"])
        ids = [one["id"] for one in (*first["papers"], *rest["papers"])]
        assert ids == ["arxiv:2603.00004", "arxiv:2603.00002", "arxiv:2603.00001"]
        assert rest["next"] == ""
        assert len(tools.recent(venue="ICLR.2025")["papers"]) == 1

    def test_cite(self) -> None:
        assert tools.cite(["2603.00001", "hep-th/9901001"]).count("@misc{") == 2
        with pytest.raises(BadParameter, match=r"2603\.99999"):
            tools.cite(["2603.00001", "2603.99999"])

    def test_long_papers_are_shortened_for_a_model(self) -> None:
        paper = make_paper(abstract="word " * 400, authors=[f"Author {number}" for number in range(40)])
        (shown,) = [one for one in tools.recent(limit=50)["papers"] if one["id"] == paper.key]
        assert len(shown["abstract"]) <= tools.SHORT_ABSTRACT + 2
        assert shown["authors"][-1] == "and 28 more"
        assert len(tools.paper(paper.key)["authors"]) == 40

    def test_the_library_without_a_token(self) -> None:
        overview = tools.library()
        assert overview["n_papers"] == 5
        assert str(overview["newest_day"]) == "2026-03-04"
        assert overview["venues"] == {"ICLR.2025": 1}
        assert not overview["may_change_stars_and_collections"]
        for action in ("starred", "collections", "collection", "star", "unstar", "collect", "take_out"):
            with pytest.raises(Forbidden, match="need a reader's token"):
                tools.library(action, ids=["2603.00001"])
        assert not Item.objects.exists()


@pytest.mark.usefixtures("library")
class TestLibraryOfAReader:
    def test_a_token_that_reads_changes_nothing(self) -> None:
        with as_reader(Scope.READ):
            assert tools.library("starred") == {"total": 0, "papers": []}
            for action in ("star", "unstar", "collect", "take_out"):
                with pytest.raises(Forbidden, match="read-only"):
                    tools.library(action, ids=["2603.00001"], collection="x")
        assert not Item.objects.exists()

    def test_starring_and_finding_what_is_starred(self) -> None:
        with as_reader(Scope.LIBRARY):
            done = tools.library("star", ids=["2603.00001", "hep-th/9901001", "nothing"])
            assert done == {
                "papers": ["arxiv:2603.00001", "arxiv:hep-th/9901001"],
                "missing": ["nothing"],
                "changed": 2,
            }
            assert {one["id"] for one in tools.library("starred")["papers"]} == set(done["papers"])
            assert tools.search("is:starred graph")["total"] == 1
            assert tools.library("unstar", ids=["2603.00001"])["changed"] == 1
            assert tools.library("starred")["total"] == 1
            assert tools.library()["reader"] == "ada"

    def test_collecting(self) -> None:
        with as_reader(Scope.LIBRARY):
            assert tools.library("collect", ids=["2603.00002", "2603.00001"], collection="Thesis")["changed"] == 2
            shown = tools.library("collection", collection="thesis", limit=1)
            assert (shown["total"], [one["id"] for one in shown["papers"]]) == (2, ["arxiv:2603.00002"])
            assert tools.search("in:thesis")["total"] == 2
            assert tools.library("take_out", ids=["2603.00002"], collection="Thesis")["changed"] == 1
            assert tools.library("collections")["collections"][0]["n_papers"] == 1
            with pytest.raises(ApiError):
                tools.library("collect", ids=["nothing"], collection="Thesis")
