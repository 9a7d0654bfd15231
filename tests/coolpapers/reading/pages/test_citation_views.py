from __future__ import annotations

import bibtexparser
import pytest
from django.test import Client

from tests.coolpapers.reading.made import make_paper

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_the_page_shows_every_format(client: Client) -> None:
    paper = make_paper(title="On <b>Sorting</b> & $x<y$")
    page = client.get(f"/cite/{paper.arxiv_id}").content.decode()
    for label in ("BibTeX", "RIS", "CSL-JSON", "EndNote", "Markdown", "Text"):
        assert f"<summary>{label}</summary>" in page
    assert "<b>Sorting" not in page
    assert 'name="robots" content="noindex"' in page


def test_in_a_card_it_is_a_panel(client: Client) -> None:
    paper = make_paper()
    fragment = client.get(f"/cite/{paper.arxiv_id}", headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert f'href="/cite/{paper.arxiv_id}?format=ris&amp;download=1"' in fragment


@pytest.mark.parametrize(
    ("name", "media_type", "saved_as"),
    [
        ("bibtex", "text/plain", "application/x-bibtex"),
        ("ris", "text/plain", "application/x-research-info-systems"),
        ("csl", "application/vnd.citationstyles.csl+json", "application/vnd.citationstyles.csl+json"),
        ("abstract", "text/plain", "text/plain"),
    ],
)
def test_one_format_is_shown_or_downloaded(client: Client, name: str, media_type: str, saved_as: str) -> None:
    paper = make_paper()
    shown = client.get(f"/cite/{paper.arxiv_id}?format={name}")
    saved = client.get(f"/cite/{paper.arxiv_id}?format={name}&download=1")
    assert shown.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert "Content-Disposition" not in shown.headers
    assert saved.headers["Content-Type"] == f"{saved_as}; charset=utf-8"
    assert saved.headers["Content-Disposition"].startswith(f"attachment; filename*=UTF-8''{paper.arxiv_id}.")
    assert shown.content == saved.content


def test_several_papers_make_one_file_in_the_given_order(client: Client) -> None:
    first, second = make_paper(), make_paper()
    response = client.get(f"/cite/{second.arxiv_id},{first.arxiv_id},{second.arxiv_id}?format=bibtex")
    library = bibtexparser.parse_string(response.content.decode())
    assert [entry["eprint"] for entry in library.entries] == [second.arxiv_id, first.arxiv_id]
    saved = client.get(f"/cite/{first.arxiv_id},{second.arxiv_id}?format=bibtex&download=1")
    assert "papers.bib" in saved.headers["Content-Disposition"]


def test_unknown_papers_are_left_out_and_only_unknown_ones_are_not_found(client: Client) -> None:
    paper = make_paper()
    assert client.get(f"/cite/{paper.arxiv_id},2601.99999?format=text").status_code == 200
    assert client.get("/cite/2601.99999").status_code == 404
    assert client.get("/cite/,,").status_code == 404


def test_an_unknown_format_names_the_known_ones(client: Client) -> None:
    response = client.get(f"/cite/{make_paper().arxiv_id}?format=word")
    assert response.status_code == 404
    assert b"bibtex, ris, csl" in response.content


def test_an_old_arxiv_id_keeps_its_slash(client: Client) -> None:
    make_paper(arxiv_id="hep-th/9901001", key="arxiv:hep-th/9901001")
    response = client.get("/cite/hep-th/9901001?format=bibtex&download=1")
    assert b"eprint={hep-th/9901001}" in response.content
    assert "hep-th-9901001.bib" in response.headers["Content-Disposition"]
