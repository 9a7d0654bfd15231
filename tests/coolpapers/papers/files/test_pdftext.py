from __future__ import annotations

from pathlib import Path

import pytest

from coolpapers.papers.files.pdftext import PdfText, PdfUnreadable, read_pdf
from tests.pdf_files import make_paper_pdf, make_pdf


def read(tmp_path: Path, content: bytes) -> PdfText:
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    return read_pdf(path)


def test_the_first_page_gives_title_authors_and_abstract(tmp_path: Path) -> None:
    found = read(tmp_path, make_paper_pdf())
    assert found.title == "A Long Title About the Shapes of Small Things"
    assert found.authors == ("Ada Lovelace", "Ludwig van der Vaart")
    assert found.abstract.startswith("We study the shapes of small things")
    assert found.abstract.endswith("nothing but counting.")
    assert found.has_text


PAGE = [
    (72.0, 700.0, 18.0, "Printed Title of the Paper"),
    (72.0, 670.0, 12.0, "Grace Hopper and Alan Turing"),
    (72.0, 600.0, 10.0, "Abstract"),
    (72.0, 588.0, 10.0, "and some text below it"),
]


@pytest.mark.parametrize(
    "title",
    [
        "",
        "untitled",
        "Microsoft Word - draft3.docx",
        "main.dvi",
        "paper_final.pdf",
        "Proceedings Template - WORD",
        "No Job Name",
        "PowerPoint Presentation",
        "PII: S0022-2836(98)92354-9",
        "Paper Title (use style: paper title)",
        "Another paper altogether",
    ],
)
def test_a_metadata_title_that_the_page_does_not_print_gives_way(tmp_path: Path, title: str) -> None:
    assert read(tmp_path, make_pdf([PAGE], title=title)).title == "Printed Title of the Paper"


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("", ("Grace Hopper", "Alan Turing")),
        ("Grace Hopper", ("Grace Hopper", "Alan Turing")),
        ("Someone Else", ("Grace Hopper", "Alan Turing")),
        ("Someone Else; Another One; Third Person", ("Grace Hopper", "Alan Turing")),
        ("IEEE", ("Grace Hopper", "Alan Turing")),
        ("Alan Turing; Grace Hopper", ("Alan Turing", "Grace Hopper")),
    ],
)
def test_metadata_authors_count_where_the_page_prints_them_and_no_more(
    tmp_path: Path, author: str, authors: tuple[str, ...]
) -> None:
    assert read(tmp_path, make_pdf([PAGE], author=author)).authors == authors


def test_metadata_authors_count_where_the_page_has_none(tmp_path: Path) -> None:
    page = [(72.0, 700.0, 18.0, "Printed Title of the Paper")]
    assert read(tmp_path, make_pdf([page], author="Grace Hopper; Alan Turing")).authors == (
        "Grace Hopper",
        "Alan Turing",
    )


@pytest.mark.parametrize(
    "head", ["JOURNAL OF FOO STUDIES", "CONFIDENTIAL DRAFT", "Proceedings of Tests", "Vol. 3, No. 4"]
)
def test_running_heads_and_watermarks_are_no_titles(tmp_path: Path, head: str) -> None:
    for y in (740.0, 300.0):
        assert read(tmp_path, make_pdf([[*PAGE, (72.0, y, 40.0, head)]])).title == "Printed Title of the Paper"


def test_a_short_paper_is_no_scan(tmp_path: Path) -> None:
    assert read(tmp_path, make_pdf([[(72.0, 700.0, 18.0, "A note of one line")]])).has_text


def test_an_arxiv_stamp_and_a_doi_are_found(tmp_path: Path) -> None:
    stamp = "arXiv:2406.01234v2 [cs.CL] 3 Jun 2024, https://doi.org/10.1000/XYZ.12."
    found = read(tmp_path, make_paper_pdf(stamp=stamp))
    assert (found.arxiv_id, found.doi) == ("2406.01234", "10.1000/xyz.12")


def test_the_whole_text_is_read_page_by_page(tmp_path: Path) -> None:
    found = read(tmp_path, make_paper_pdf(n_pages=3))
    assert found.n_pages == 3
    assert "Page 2 line 39" in found.text


def test_a_word_hyphenated_at_a_line_end_is_whole_again(tmp_path: Path) -> None:
    page = [(72.0, 700.0, 10.0, "this is about gene-"), (72.0, 688.0, 10.0, "ralised words of co-authors")]
    assert "generalised words of co-authors" in read(tmp_path, make_pdf([page])).text


def test_a_scan_has_no_text_layer(tmp_path: Path) -> None:
    found = read(tmp_path, make_pdf([[], []]))
    assert not found.has_text
    assert (found.title, found.n_pages) == ("", 2)


def test_text_without_an_abstract_gives_none(tmp_path: Path) -> None:
    page = [(72.0, 700.0, 18.0, "Notes on a Subject"), (72.0, 600.0, 10.0, "Only running text here.")]
    assert read(tmp_path, make_pdf([page])).abstract == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a PDF"),
        (b"<html>not found</html>", "not a PDF"),
        (make_paper_pdf()[:200], "damaged"),
        (b"%PDF-1.4\n" + b"\x00" * 500, "damaged"),
    ],
)
def test_what_is_no_pdf_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(PdfUnreadable, match=reason):
        read(tmp_path, content)


def test_a_damaged_table_of_contents_is_built_anew(tmp_path: Path) -> None:
    content = make_paper_pdf().replace(b"startxref\n", b"startxref\n9")
    assert read(tmp_path, content).authors == ("Ada Lovelace", "Ludwig van der Vaart")
