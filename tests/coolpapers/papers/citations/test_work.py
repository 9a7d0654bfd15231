from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.citations.work import Kind, describe_work
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper, make_work


def test_a_preprint_is_dated_by_its_newest_version() -> None:
    work = describe_work(make_paper())
    assert (work.kind, work.year, work.primary_class) == (Kind.PREPRINT, 2025, "cs.CL")


def test_a_venue_makes_a_conference_paper_even_when_arxiv_has_it_too() -> None:
    work = describe_work(make_paper(venue="ICLR", venue_year=2021, venue_text="ICLR 2021"))
    assert (work.kind, work.container, work.event, work.year) == (Kind.CONFERENCE, "ICLR 2021", "ICLR 2021", 2021)


def test_a_short_venue_text_gives_way_to_the_full_name_of_the_series() -> None:
    name = "International Conference on Learning Representations"
    work = describe_work(make_paper(venue="ICLR", venue_name=name, venue_year=2021, venue_text="ICLR 2021"))
    assert work.container == f"{name} (ICLR 2021)"


@pytest.mark.parametrize(
    ("track", "text"), [("Reject", "ICLR 2021"), ("Withdraw", "ICLR 2021"), ("", "ICLR 2021 submission")]
)
def test_a_paper_that_did_not_appear_is_not_cited_as_published(track: str, text: str) -> None:
    work = describe_work(make_paper(venue="ICLR", venue_year=2021, venue_text=text, track=track, arxiv_id=""))
    assert (work.kind, work.container, work.note) == (Kind.OTHER, "", "Submitted to ICLR 2021")


def test_a_journal_as_venue_gives_volume_and_issue() -> None:
    text = "Transactions of the Association for Computational Linguistics, Volume 8"
    work = describe_work(make_conference_paper(venue="TACL", venue_text=text))
    assert (work.kind, work.volume) == (Kind.JOURNAL, "8")
    assert work.container == "Transactions of the Association for Computational Linguistics"


def test_a_journal_reference_makes_an_article_of_its_year() -> None:
    work = describe_work(make_journal_paper())
    assert (work.kind, work.container, work.volume, work.year) == (Kind.JOURNAL, "Phys.Rev.", "D54", 1996)
    assert (work.first_page, work.last_page) == ("1234", "1240")


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({}, "https://arxiv.org/abs/2406.01234"),
        ({"page_url": ""}, "https://arxiv.org/abs/2406.01234"),
        ({"page_url": "https://aclanthology.org/2020.acl-main.1"}, "https://aclanthology.org/2020.acl-main.1"),
        ({"arxiv_id": "", "page_url": "", "doi": "10.1/x"}, "https://doi.org/10.1/x"),
        ({"arxiv_id": "", "page_url": ""}, ""),
    ],
)
def test_the_address_is_the_sources_own_page(fields: dict[str, str], url: str) -> None:
    assert describe_work(make_paper(**fields)).url == url


def test_a_bare_paper_is_described_too() -> None:
    fields: dict[str, Any] = {
        "authors": [],
        "abstract": "",
        "year": None,
        "submitted": None,
        "updated": None,
        "arxiv_id": "",
        "page_url": "",
    }
    work = describe_work(make_paper(**fields))
    assert (work.kind, work.year, work.date, work.authors) == (Kind.OTHER, None, None, ())


def test_a_journal_is_cited_by_its_full_name() -> None:
    work = make_work(
        venue="JMLR", venue_name="Journal of Machine Learning Research", venue_text="JMLR 2003", venue_year=2003
    )
    assert (work.kind, work.container, work.year) == (Kind.JOURNAL, "Journal of Machine Learning Research", 2003)


def test_a_magazine_without_an_entry_is_a_journal_by_its_name() -> None:
    work = make_work(
        venue="Acta-Numerica", venue_name="Acta Numerica", venue_text="Acta Numerica 1998", venue_year=1998
    )
    assert (work.kind, work.container) == (Kind.JOURNAL, "Acta Numerica")


@pytest.mark.parametrize("text", ["arXiv preprint arXiv:2406.01234", "CoRR abs/2406.01234", "ArXiv e-prints"])
def test_a_journal_reference_that_names_arxiv_is_none(text: str) -> None:
    work = make_work(journal_ref=text)
    assert (work.kind, work.container) == (Kind.PREPRINT, "")


def test_a_preprint_of_arxiv_always_has_its_pdf() -> None:
    assert make_work(pdf_url="").pdf_url == "https://arxiv.org/pdf/2406.01234"
