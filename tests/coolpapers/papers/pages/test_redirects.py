from __future__ import annotations

import feedparser
import pytest
from django.test import Client
from django.utils.timezone import localdate

from coolpapers.papers.models import Paper, PaperSource
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _papers() -> None:
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        make_paper(categories=["cs.CL", "math.NA"], day=day)
    paper = make_paper(arxiv_id="1406.2661", categories=["stat.ML"], title="Adversarial Nets")
    PaperSource.objects.create(paper=paper, source="acl", ident="2020.acl-main.1", key="acl:2020.acl-main.1")
    make_paper(arxiv_id="hep-th/9901001", categories=["hep-th"])
    make_venue_paper("forumId_1")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/abs/1406.2661", "/arxiv/1406.2661"),
        ("/abs/1406.02661v2", "/arxiv/1406.2661v2"),
        ("/abs/hep-th/9901001", "/arxiv/hep-th/9901001"),
        ("/abs/2020.acl-main.1", "/arxiv/1406.2661"),
        ("/abs/forumId_1@OpenReview", "/venue/forumId_1@OpenReview"),
        ("/papers/1406.2661", "/arxiv/1406.2661"),
        ("/pdf/1406.2661", "/arxiv/1406.2661#pdf"),
        ("/pdf/1406.2661v1.pdf", "/arxiv/1406.2661v1#pdf"),
        ("/pdf/hep-th/9901001", "/arxiv/hep-th/9901001#pdf"),
        ("/list/cs.CL", "/arxiv/cs.CL"),
        ("/list/cs.CL/new", "/arxiv/cs.CL"),
        ("/list/cs.CL/recent", "/arxiv/cs.CL?from=2026-03-02"),
        ("/list/cs.CL/pastweek", "/arxiv/cs.CL?from=2026-03-02"),
        ("/list/q-fin.TR/recent", "/arxiv/q-fin.TR"),
        ("/list/cs.CL/2024-05", "/arxiv/cs.CL?from=2024-05-01&to=2024-05-31"),
        ("/list/cs.CL/2405", "/arxiv/cs.CL?from=2024-05-01&to=2024-05-31"),
        ("/list/hep-th/9902", "/arxiv/hep-th?from=1999-02-01&to=1999-02-28"),
        ("/list/cs.CL/2024-13", "/arxiv/cs.CL"),
        ("/list/cs.CL/nonsense", "/arxiv/cs.CL"),
        ("/list/cs/new", "/arxiv/cs"),
        ("/list/cs/2024", "/arxiv/cs?from=2024-01-01&to=2024-12-31"),
        ("/list/cs/99", "/arxiv/cs?from=1999-01-01&to=1999-12-31"),
        ("/list/cs.CL/2010", "/arxiv/cs.CL?from=2020-10-01&to=2020-10-31"),  # as arXiv writes months
        ("/list/cs.CL/new?skip=25&show=50", "/arxiv/cs.CL?skip=25&show=50"),
        ("/list/cs.CL/recent?skip=0&show=100", "/arxiv/cs.CL?from=2026-03-02&skip=0&show=100"),
        ("/html/1406.2661v1", "/arxiv/1406.2661v1"),
        ("/format/1406.2661", "/arxiv/1406.2661"),
        ("/ps/hep-th/9901001", "/arxiv/hep-th/9901001"),
        ("/e-print/1406.2661", "/arxiv/1406.2661"),
        ("/src/1406.2661v2", "/arxiv/1406.2661v2"),
        ("/paper/arXiv:1406.2661", "/arxiv/1406.2661"),
        ("/overview/1406.2661", "/summary/1406.2661"),
        ("/arxiv/kimi?paper=1406.2661", "/summary/1406.2661"),
        ("/venue/kimi?paper=forumId_1@OpenReview", "/summary/forumId_1@OpenReview"),
        ("/forum?id=forumId_1", "/venue/forumId_1@OpenReview"),
        ("/pdf?id=forumId_1", "/venue/forumId_1@OpenReview"),
        ("/catchup/cs.CL/2026-03-02", "/arxiv/cs.CL?date=2026-03-02"),
        ("/catchup/math/2026-03-02?abs=True", "/arxiv/math?date=2026-03-02"),
        ("/catchup/cs.CL/yesterday", "/arxiv/cs.CL"),
        ("/catchup/cs.CL", "/arxiv/cs.CL"),
        ("/year/cs/24", "/arxiv/cs?from=2024-01-01&to=2024-12-31"),
        ("/year/hep-th/1999", "/arxiv/hep-th?from=1999-01-01&to=1999-12-31"),
        ("/year/cs/nonsense", "/arxiv/cs"),
        ("/archive/cs", "/arxiv/cs"),
        ("/archive", "/arxiv/"),
        ("/list/", "/arxiv/"),
        ("/catchup", "/arxiv/"),
        ("/category_taxonomy", "/arxiv/"),
        ("/rss/cs.CL", "/arxiv/cs.CL/feed?format=rss"),
        ("/rss/cs.CL+math.NA", "/arxiv/cs.CL,math.NA/feed?format=rss"),
        ("/atom/cs", "/arxiv/cs/feed"),
        ("/venue/latest", "/venue/ICLR.2025"),
        ("/list/cs.NA/new", "/arxiv/math.NA"),
    ],
)
def test_foreign_addresses_lead_to_ours(client: Client, address: str, place: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (302, place)
    assert client.get(place.partition("#")[0]).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/abs/2401.99999",
        "/abs/nonsense",
        "/pdf/2401.99999",
        "/bibtex/no",
        "/papers/x@ACL",
        "/list/cs.XX/new",
        "/html/2401.99999",
        "/overview/2401.99999",
        "/forum",
        "/forum?id=no",
        "/arxiv/kimi",
        "/rss/cs.XX",
        "/atom/x",
        "/year/cs.XX/24",
        "/catchup/x/2026-03-02",
    ],
)
def test_what_we_lack_is_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_bibtex_is_shown_as_text(client: Client) -> None:
    response = client.get("/bibtex/1406.2661")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "title={Adversarial Nets}" in response.content.decode().replace("{{", "{").replace("}}", "}")


def test_a_doi_with_its_source_named_is_that_paper_and_not_another_doi(client: Client) -> None:
    paper = make_venue_paper("10.1561/1500000019", source="doi", venue="FnTIR", year=2009)
    for kind in ("abs", "bibtex", "summary", "cite"):
        response = client.get(f"/{kind}/10.1561/1500000019@DOI")
        assert response.status_code in (200, 302), kind
    assert client.get("/abs/10.1561/1500000019@DOI")["Location"] == paper.get_absolute_url()


@pytest.mark.parametrize("moment", ["current", ""])
def test_this_month_and_this_year_follow_the_calendar(client: Client, moment: str) -> None:
    today = localdate()
    address, start = (
        ("/list/cs/current", today.replace(day=1)) if moment else ("/year/cs", today.replace(month=1, day=1))
    )
    assert client.get(address)["Location"].startswith(f"/arxiv/cs?from={start}")


def test_the_newest_papers_of_venues_have_a_feed(client: Client) -> None:
    make_venue_paper("newest_1", venue="ACL", year=2020)
    feed = feedparser.parse(client.get("/venue/latest/feed").content)
    assert [entry.title for entry in feed.entries] == ["Talk newest_1 about trees", "Talk forumId_1 about trees"]
    assert client.get("/venue/latest")["Location"] == "/venue/ACL.2020"


def test_a_library_without_venues_leads_to_their_index(client: Client) -> None:
    Paper.objects.filter(venue__isnull=False).delete()
    assert client.get("/venue/latest")["Location"] == "/venue/"
