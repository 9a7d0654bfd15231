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
    assert (work.kind, work.event, work.year) == (Kind.CONFERENCE, "ICLR 2021", 2021)
    assert work.container == "International Conference on Learning Representations (ICLR 2021)"


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


def test_a_series_of_two_words_has_a_short_name() -> None:
    work = describe_work(
        make_paper(venue="MT-Summit", venue_year=2021, venue_text="1st Workshop on Odd Things in MT", arxiv_id="")
    )
    assert (work.container, work.event) == ("1st Workshop on Odd Things in MT", "MT Summit 2021")


def test_a_submission_to_a_workshop_is_no_submission_to_its_conference() -> None:
    text = "ICML 2024 Workshop FM-Wild"
    work = describe_work(make_paper(venue="ICML", venue_year=2024, venue_text=text, track="Rejected", arxiv_id=""))
    assert work.note == "Submitted to ICML 2024 Workshop FM-Wild"


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


@pytest.mark.parametrize("kind", ["book", "proceedings", "thesis", "report", "software", "dataset"])
def test_what_stands_alone_has_the_kind_that_its_source_says(kind: str) -> None:
    work = make_work(kind=kind, arxiv_id="", page_url="", publisher="Example University", submitted=None, updated=None)
    assert (work.kind, work.container, work.publisher, work.year) == (Kind(kind), "", "Example University", 2024)


def test_a_web_page_of_arxiv_is_a_preprint() -> None:
    assert make_work(kind="webpage").kind is Kind.PREPRINT
    assert make_work(kind="webpage", arxiv_id="", page_url="https://example.org").kind is Kind.WEBPAGE


def test_a_chapter_stands_in_its_book() -> None:
    work = make_work(kind="chapter", venue="Odd-Books", venue_text="Odd Books of 2020")
    assert (work.kind, work.container, work.event) == (Kind.CHAPTER, "Odd Books of 2020", "")


def test_a_series_that_is_only_known_by_its_words_is_not_named_twice() -> None:
    work = make_work(venue="Foo-Workshop", venue_name="Foo Workshop", venue_year=2020, venue_text="Foo Workshop 2020")
    assert (work.container, work.event) == ("Foo Workshop 2020", "")


def test_the_number_of_a_report_is_no_issue() -> None:
    work = make_work(kind="report", issue="7", report_numbers=[])
    assert (work.issue, work.report_number) == ("", "7")
    assert make_work(kind="report", report_numbers=["TR-1", "TR-2"]).report_number == "TR-1, TR-2"


def test_a_symbol_outside_formulas_becomes_a_formula() -> None:
    work = make_work(title=r"On \alpha-stable laws in \mathbb{R}^{2} and $\beta$")
    assert work.title == r"On $\alpha$-stable laws in $\mathbb{R}^{2}$ and $\beta$"


@pytest.mark.parametrize(
    ("arxiv_id", "comment", "note"),
    [
        ("", "Invited talk", "Invited talk"),
        ("2406.01234", "12 pages, 3 figures", ""),
        ("2406.01234", "Submitted to ICLR 2024", "Submitted to ICLR 2024"),
    ],
)
def test_the_note_of_an_own_file_is_cited_and_arxivs_comment_is_not(arxiv_id: str, comment: str, note: str) -> None:
    assert make_work(arxiv_id=arxiv_id, page_url="", comment=comment).note == note


def test_a_journal_of_the_catalogue_is_one_whatever_a_source_calls_it() -> None:
    work = make_work(venue="TACL", venue_text="TACL", kind="conference", arxiv_id="")
    assert (work.kind, work.container) == (
        Kind.JOURNAL, "Transactions of the Association for Computational Linguistics"
    )  # fmt: skip
