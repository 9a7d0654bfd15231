from __future__ import annotations

import pytest
from django.test import Client

from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def get(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 404
    return response.content.decode()


def test_a_mistyped_identifier_shows_the_nearest_papers(client: Client) -> None:
    make_paper(arxiv_id="2603.01234", title="The wanted one")
    make_paper(arxiv_id="2501.99999", title="Another")
    html = get(client, "/arxiv/2603.01243")
    assert "The wanted one" in html
    assert "Another" not in html
    assert "https://arxiv.org/abs/2603.01243" in html


def test_a_mistyped_source_ident_shows_the_nearest_papers(client: Client) -> None:
    make_venue_paper("2020.acl-main.17", source="acl", title="The wanted one")
    assert "The wanted one" in get(client, "/venue/2020.acl-main.18@ACL")


def test_a_mistyped_category_shows_the_nearest(client: Client) -> None:
    make_paper(categories=["cs.CL"])
    html = get(client, "/arxiv/cs.C1")
    assert 'href="/arxiv/cs.CL"' in html
    assert "Unknown venue or category “cs.C1”" in html


def test_a_mistyped_venue_shows_the_nearest(client: Client) -> None:
    make_venue_paper("a", venue="NeurIPS", year=2023)
    assert 'href="/venue/NeurIPS.2023"' in get(client, "/venue/NeuIPS.2023")


def test_an_identifier_in_a_strange_address_leads_to_its_paper(client: Client) -> None:
    make_paper(arxiv_id="2603.01234", title="The wanted one")
    assert 'href="/arxiv/2603.01234">The wanted one' in get(client, "/strange/2603.01234v2")


def test_what_was_looked_for_stands_in_the_search_box(client: Client) -> None:
    assert 'value="some where"' in get(client, "/some%20where")


def test_foreign_text_is_escaped(client: Client) -> None:
    html = get(client, "/arxiv/%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in html
