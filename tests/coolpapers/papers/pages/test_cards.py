from __future__ import annotations

import pytest

from coolpapers.papers.models import PaperSource
from coolpapers.papers.pages.cards import AUTHORS_SHOWN, Card, make_cards
from tests.coolpapers.papers.library import MONDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def test_cards_are_numbered_through_the_whole_list() -> None:
    papers = [make_paper(), make_paper()]
    assert [card.number for card in make_cards(papers, start=50)] == [51, 52]


def test_authors_beyond_forty_are_folded() -> None:
    card = Card(make_paper(authors=[f"Author {n}" for n in range(41)]))
    assert len(card.authors) == AUTHORS_SHOWN
    assert [name for name, _path in card.folded_authors] == ["Author 40"]
    assert not Card(make_paper(authors=["A"] * 40)).folded_authors


def test_a_pdf_comes_from_the_paper_then_arxiv_then_its_sources() -> None:
    assert Card(make_paper(pdf_url="https://example.org/a.pdf")).pdf_url == "https://example.org/a.pdf"
    assert Card(make_paper(arxiv_id="2603.99999")).pdf_url == "https://arxiv.org/pdf/2603.99999"
    paper = make_venue_paper("a")
    PaperSource.objects.create(paper=paper, source="pmlr", ident="b", key="b", pdf_url="https://example.org/b.pdf")
    assert Card(paper).pdf_url == "https://example.org/b.pdf"
    assert Card(make_venue_paper("c")).pdf_url == ""


def test_unsafe_addresses_are_not_linked() -> None:
    card = Card(make_venue_paper("a", pdf_url="javascript:alert(1)", code_url="javascript:alert(2)"))
    assert (card.pdf_url, card.code_url) == ("", "")
    PaperSource.objects.filter(paper=card.paper).update(page_url="javascript:alert(3)")
    assert [place.page_url for place in card.places] == [""]


def test_places_begin_with_the_first_source() -> None:
    paper = make_venue_paper("first")
    PaperSource.objects.create(paper=paper, source="acl", ident="x", key="acl:x", page_url="https://example.org/x")
    assert [(place.label, place.ident) for place in Card(paper).places] == [("OpenReview", "first"), ("ACL", "x")]


def test_subjects_have_names_and_addresses() -> None:
    card = Card(make_paper(categories=["cs.CL", "68T50"]))
    assert card.subjects == [
        ("cs.CL", "Computation and Language", "/arxiv/cs.CL"),
        ("68T50", "", "/arxiv/68T50"),
    ]


def test_the_date_is_the_day_of_the_list() -> None:
    assert Card(make_paper(submitted=None)).date == MONDAY
    assert Card(make_paper(day=None)).date is None


def test_highlights_belong_to_their_paper() -> None:
    first, second = make_paper(), make_paper()
    cards = make_cards([first, second], highlights={second.key: {"title": "marked"}})
    assert [dict(card.highlights) for card in cards] == [{}, {"title": "marked"}]
    assert cards[0].venue_path == ""


def test_the_source_page_is_the_first_that_is_safe_to_link() -> None:
    assert Card(make_paper(page_url="https://example.org/a")).source_url == "https://example.org/a"
    paper = make_venue_paper("a", page_url="javascript:alert(1)")
    assert Card(paper).source_url == ""
    PaperSource.objects.create(paper=paper, source="pmlr", ident="b", key="b", page_url="https://example.org/b")
    assert Card(paper).source_url == "https://example.org/b"
