"""Filters, histogram and facets of a search page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client

from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import make_paper, make_venue_paper
from tests.coolpapers.papers.pages.narrowing.test_refinements import bars, chips
from tests.coolpapers.papers.pages.test_views import get, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    make_paper(arxiv_id="2403.00001", title="Zebra 1", day=date(2024, 3, 1), categories=["cs.CL"])
    make_paper(arxiv_id="2501.00001", title="Zebra 2", day=date(2025, 1, 31), categories=["cs.CL", "cs.AI"])
    paper = make_paper(arxiv_id="2502.00001", title="Zebra 3", day=date(2025, 2, 1), categories=["cs.AI"])
    Paper.objects.filter(pk=paper.pk).update(code_url="https://example.org/code")
    make_paper(arxiv_id="2502.00002", title="Zebra 4", day=date(2025, 2, 28), categories=["cs.CV"])
    make_venue_paper("v", venue="ICLR", year=2025, title="Zebra 5")
    make_venue_paper("w", venue="ICLR", year=2024, title="Zebra 6")
    index_papers()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ("category=-cs.CL", "3456"),
        ("category=cs.AI&category=-cs.CL", "3"),
        ("venue=ICLR", "56"),
        ("venue=-ICLR+2025", "12346"),
        ("year=2025..", "2345"),
        ("year=..2024", "16"),
        ("year=-2025", "16"),
        ("has=code", "3"),
        ("has=-code", "12456"),
        ("has=pdf&has=-code&category=-cs.CL", "4"),
    ],
)
def test_a_search_is_narrowed(client: Client, filters: str, shown: str) -> None:
    assert "".join(sorted(title[-1] for title in titles(get(client, f"/search?q=zebra&{filters}")))) == shown


@pytest.mark.usefixtures("library")
def test_every_filter_is_a_chip_that_leads_to_the_search_without_it(client: Client) -> None:
    query = "q=zebra&category=cs.AI&category=cs.CL&category=-cs.CV&venue=-ICLR+2025&year=2020..&has=pdf&has=-code"
    shown = chips(get(client, f"/search?{query}&from=2020&to=2026&skip=0"))
    assert shown == {
        "in cs.AI": "?" + query.replace("category=cs.AI&", "") + "&from=2020&to=2026",
        "or cs.CL": "?" + query.replace("category=cs.CL&", "") + "&from=2020&to=2026",
        "not in cs.CV": "?" + query.replace("category=-cs.CV&", "") + "&from=2020&to=2026",
        "not at ICLR 2025": "?" + query.replace("venue=-ICLR+2025&", "") + "&from=2020&to=2026",
        "since 2020": "?" + query.replace("year=2020..&", "") + "&from=2020&to=2026",
        "with PDF": "?" + query.replace("has=pdf&", "") + "&from=2020&to=2026",
        "without code": "?" + query.replace("&has=-code", "") + "&from=2020&to=2026",
        "of 2020–2026": f"?{query}",
    }


@pytest.mark.usefixtures("library")
def test_a_search_has_bars_by_year_with_the_counts_of_the_engine(client: Client) -> None:
    html = get(client, "/search?q=zebra&sort=newest")
    assert bars(html) == {
        "2025": (4, "?q=zebra&sort=newest&year=2025"),
        "2024": (2, "?q=zebra&sort=newest&year=2024"),
    }
    for n_papers, path in bars(html).values():
        assert len(titles(get(client, f"/search{path}"))) == n_papers


@pytest.mark.usefixtures("library")
def test_a_short_range_has_bars_by_month_and_says_how_many_papers_have_none(client: Client) -> None:
    html = get(client, "/search?q=zebra&year=2025")
    assert bars(html) == {
        "February 2025": (2, "?q=zebra&year=2025&from=2025-02&to=2025-02"),
        "January 2025": (1, "?q=zebra&year=2025&from=2025-01&to=2025-01"),
    }
    assert re.search(r"without a month</th><td>1<", html)
    for n_papers, path in bars(html).values():
        assert len(titles(get(client, f"/search{path}"))) == n_papers


@pytest.mark.usefixtures("library")
def test_all_values_of_a_facet_are_a_page_and_for_htmx_its_items(client: Client) -> None:
    page = get(client, "/search/facets/category?q=zebra&skip=5")
    assert 'href="/search?q=zebra&amp;category=cs.AI"' in page
    assert '<a href="/search?q=zebra">Back to the search</a>' in page
    items = get(client, "/search/facets/venue?q=zebra", headers={"HX-Request": "true"})
    assert items.lstrip().startswith("<li>")
    assert 'href="/search?q=zebra&amp;venue=ICLR"' in items
    assert client.get("/search/facets/nothing?q=zebra").status_code == 404


@pytest.mark.usefixtures("library")
def test_a_series_of_venues_opens_to_its_years(client: Client) -> None:
    path = re.search(r'hx-get="(/search/facets/venue[^"]*)"', get(client, "/search?q=zebra&sort=newest"))
    assert path is not None
    items = get(client, unescape(path[1]), headers={"HX-Request": "true"})
    assert [unescape(href) for href in re.findall(r'<li><a href="([^"]*)"', items)] == [
        "/search?q=zebra&sort=newest&venue=ICLR+2025",
        "/search?q=zebra&sort=newest&venue=ICLR+2024",
    ]
    assert "<h1>ICLR</h1>" in get(client, unescape(path[1]))


@pytest.mark.usefixtures("library")
def test_a_facet_leads_to_all_its_values_where_it_has_more(client: Client, index_papers: Any) -> None:
    for number in range(15):
        make_paper(title="Zebra", categories=[f"cs.X{number}"])
    index_papers()
    html = get(client, "/search?q=zebra")
    assert 'href="/search/facets/category?q=zebra"' in html
    assert "show all (8 more)" in html


@pytest.mark.usefixtures("library")
def test_the_sentence_names_papers_and_query(client: Client) -> None:
    html = re.sub(r"<[^>]+>", "", get(client, "/search?q=zebra&category=cs.AI").partition('<p class="sentence">')[2])
    assert " ".join(html.split()).startswith("2 papers for zebra in cs.AI (remove this filter)")
