from __future__ import annotations

from coolpapers.papers.citations.embedded.highwire import highwire_tags
from coolpapers.papers.citations.work import describe_work
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def test_every_author_has_a_tag_of_its_own_in_order() -> None:
    tags = highwire_tags(describe_work(make_paper()))
    assert [value for name, value in tags if name == "citation_author"] == ["Lovelace, Ada", "van der Vaart, Ludwig"]


def test_a_preprint_has_date_arxiv_id_and_file() -> None:
    tags = dict(highwire_tags(describe_work(make_paper()), page_url="https://papers.test/arxiv/2406.01234"))
    assert tags["citation_publication_date"] == "2025/01/09"
    assert tags["citation_arxiv_id"] == "2406.01234"
    assert tags["citation_pdf_url"] == "https://arxiv.org/pdf/2406.01234"
    assert tags["citation_abstract_html_url"] == "https://papers.test/arxiv/2406.01234"


def test_the_sites_own_file_comes_before_the_sources() -> None:
    tags = dict(highwire_tags(describe_work(make_paper()), pdf_url="https://papers.test/pdf/1"))
    assert tags["citation_pdf_url"] == "https://papers.test/pdf/1"


def test_conference_and_journal_are_told_apart() -> None:
    conference = dict(highwire_tags(describe_work(make_conference_paper())))
    journal = dict(highwire_tags(describe_work(make_journal_paper())))
    assert conference["citation_conference_title"].startswith("Proceedings")
    assert "citation_journal_title" not in conference
    assert (journal["citation_journal_title"], journal["citation_firstpage"]) == ("Phys.Rev.", "1234")


def test_empty_values_give_no_tag() -> None:
    assert all(value for _, value in highwire_tags(describe_work(make_paper(abstract="", authors=[]))))
