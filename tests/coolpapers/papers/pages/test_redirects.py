from __future__ import annotations

import pytest
from django.test import Client

from coolpapers.papers.models import PaperSource
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
        ("/list/cs.NA/new", "/arxiv/math.NA"),
    ],
)
def test_foreign_addresses_lead_to_ours(client: Client, address: str, place: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (302, place)
    assert client.get(place.partition("#")[0]).status_code == 200


@pytest.mark.parametrize(
    "address", ["/abs/2401.99999", "/abs/nonsense", "/pdf/2401.99999", "/bibtex/no", "/papers/x@ACL", "/list/cs.XX/new"]
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
