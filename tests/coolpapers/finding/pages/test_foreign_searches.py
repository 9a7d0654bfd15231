"""Searches at arXiv's addresses."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from search.language.parser import parse_leniently
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db

_PHYSICS = "astro-ph,cond-mat,gr-qc,hep-ex,hep-lat,hep-ph,hep-th,math-ph,nlin,nucl-ex,nucl-th,physics,quant-ph"


@pytest.fixture(autouse=True)
def _library(index_papers: Callable[[], None]) -> None:
    make_paper(title="Graph networks", authors=["Yann LeCun"], categories=["cs.LG"])
    index_papers()


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/search/?query=LeCun&searchtype=author&source=header", "au:LeCun"),
        ("/search/?query=LeCun, Y&searchtype=author", 'au:"LeCun, Y"'),
        ("/search/?query=graph networks&searchtype=title", "ti:(graph networks)"),
        ('/search/?query="graph networks"&searchtype=abstract', 'abs:("graph networks")'),
        ("/search/?query=1706.03762&searchtype=paper_id", "id:1706.03762"),
        ("/search/cs?query=graph&searchtype=all", "graph cat:cs"),
        ("/search/cs.CL?query=graph", "graph cat:cs.CL"),
        ("/search/physics?query=quark", f"quark cat:{_PHYSICS}"),
        ("/search/unknown?query=quark", "quark"),
        (
            "/search/advanced?terms-0-operator=AND&terms-0-term=graph+networks&terms-0-field=title"
            "&terms-1-operator=AND&terms-1-term=LeCun&terms-1-field=author&classification-computer_science=y",
            "ti:(graph networks) au:LeCun cat:cs",
        ),
        (
            "/search/advanced?terms-0-term=graph&terms-1-operator=OR&terms-1-term=tree&classification-statistics=y",
            "(graph OR tree) cat:stat",
        ),
        (
            "/search/advanced?terms-0-term=graph&terms-1-operator=NOT&terms-1-term=big+tree&terms-1-field=title",
            "graph -ti:(big tree)",
        ),
        ("/find/grp_cs/1/au:+LeCun_Y/0/1/0/all/0/1", "au:LeCun_Y cat:cs"),
        ("/find/all/1/all:+AND+graph+networks/0/1/0/all/0/1", "graph networks"),
        ("/find/all/1/ti:+graph/0/1/0/all/0/1", "ti:graph"),
        ("/find/all/1/OR+au:+A_B+au:+C_D/0/1/0/all/0/1", "au:A_B OR au:C_D"),
    ],
)
def test_a_search_of_arxiv_is_ours(client: Client, address: str, query: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    parts = urlsplit(response["Location"])
    assert (parts.path, parse_qs(parts.query)["q"]) == ("/search", [query])
    assert not parse_leniently(query).notes
    assert client.get(response["Location"]).status_code in (200, 302)


def test_order_dates_and_slices_are_kept(client: Client) -> None:
    response = client.get("/search/cs?query=graph&order=-announced_date_first&start=50&size=25")
    assert parse_qs(urlsplit(response["Location"]).query) == {
        "q": ["graph cat:cs"],
        "sort": ["newest"],
        "skip": ["50"],
        "show": ["25"],
    }
    response = client.get("/search/advanced?terms-0-term=graph&date-from_date=2024-01-01&date-to_date=2024-12-31")
    assert parse_qs(urlsplit(response["Location"]).query)["from"] == ["2024-01-01"]


@pytest.mark.parametrize("address", ["/find", "/find/", "/find/cs", "/search/advanced", "/search/cs.CL"])
def test_a_form_without_a_query_leads_to_a_search(client: Client, address: str) -> None:
    response = client.get(address, follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[-1][0].startswith("/search")


def test_our_own_searches_are_answered_in_place(client: Client) -> None:
    for address in (
        "/search/?q=graph",
        "/search/?query=graph&searchtype=all",
        "/search/suggest?q=gra",
        "/search/feed?q=graph",
    ):
        assert client.get(address).status_code == 200, address
