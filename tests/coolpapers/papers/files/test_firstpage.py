from __future__ import annotations

import pytest

from coolpapers.papers.files.firstpage import authors_of, is_name, title_of
from coolpapers.papers.files.pdflines import Line


def page(*lines: tuple[str, float]) -> list[Line]:
    return [Line(text, size, 72.0, 700.0 - 14.0 * place) for place, (text, size) in enumerate(lines)]


def test_the_title_is_the_largest_text_above_the_abstract() -> None:
    lines = page(
        ("Journal of Tests (2020) 1:2", 8),
        ("RESEARCH ARTICLE", 9),
        ("A title on two lines that", 18),
        ("go together", 18),
        ("Jane Doe", 12),
        ("Abstract", 12),
        ("LARGE TEXT BELOW", 30),
    )
    assert title_of(lines, "") == ("A title on two lines that go together", 4)


def test_a_title_of_the_metadata_is_found_in_smaller_type() -> None:
    lines = page(("THE PUBLISHER PRESS", 20), ("On small", 10), ("things", 10), ("Abstract", 10))
    assert title_of(lines, "On Small Things")[0] == "On small things"
    assert title_of(lines, "Something else")[0] == "THE PUBLISHER PRESS"


def test_the_metadata_s_spacing_wins_where_the_page_lost_its_own() -> None:
    assert title_of(page(("OnSmall Things", 18)), "On Small Things")[0] == "On Small Things"
    assert title_of(page(("On Small", 18), ("Things", 18)), "On SmallThings")[0] == "On Small Things"


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        (
            [("Ann One1,2, Bob Two2 and Cy Three1", 12), ("1 University of Tests", 9)],
            ["Ann One", "Bob Two", "Cy Three"],
        ),
        ([("Ann One1 · Bob Two2 ·", 9), ("Cy Three3 · Dan Four4", 9)], ["Ann One", "Bob Two", "Cy Three", "Dan Four"]),
        ([("Ann One1 Ana Maria da", 12), ("Silva1 Cy Three2", 12)], ["Ann One", "Ana Maria da Silva", "Cy Three"]),
        ([("Ann One", 12), ("North Lab", 12), ("Bob Two", 12), ("UC X", 12), ("UC X", 12)], ["Ann One", "Bob Two"]),
        ([("Ann One • University of Tests, Italy", 11), ("Bob Two • IRISA, France", 11)], ["Ann One", "Bob Two"]),
        ([("How small things affect people", 11), ("ANN ONE AND BOB TWO", 10)], ["ANN ONE", "BOB TWO"]),
        ([("A subtitle in words", 11)], []),
    ],
)
def test_authors_stand_in_the_type_of_the_first_line_of_names(
    lines: list[tuple[str, float]], authors: list[str]
) -> None:
    assert list(authors_of(page(*lines), "")) == authors


def test_what_reads_like_a_name() -> None:
    for name in ("Ada Lovelace", "Ludwig van der Vaart", "J.-P. Serre", "Seán O’Neil", "JANE DOE", "Jane A. Doe"):
        assert is_name(name)
    for text in (
        "Lovelace",
        "University of Tests",
        "an example",
        "Jane 2 Doe",
        "jane@doe.org",
        "Google Research",
        "A B C D E F G",
    ):
        assert not is_name(text)


@pytest.mark.parametrize(
    "head",
    [
        ("Scientific Reports",),
        ("nature communications",),
        ("Frontiers in Psychology",),
        ("Physics Letters B 716 (2012)", "1–29"),
        ("International Workshop on Small", "Things, NeurIPS 2022"),
        ("IEEE ACCESS",),
        ("Author’s personal copy",),
        ("Advances in Mathematics",),
        ("THE ASTROPHYSICAL JOURNAL",),
    ],
)
def test_where_a_paper_appears_is_no_title_however_large(head: tuple[str, ...]) -> None:
    lines = [*((text, 25.0) for text in head), ("Learning small things from tables", 17.0), ("Jane Doe", 12.0)]
    assert title_of(page(*lines), "")[0] == "Learning small things from tables"


@pytest.mark.parametrize(
    "title",
    [
        "Cell types of mice",
        "Advances in neural rendering",
        "The nature of code",
        "Overview of the Foo workshop in 2022",
    ],
)
def test_titles_with_words_of_journals_are_titles(title: str) -> None:
    assert title_of(page((title, 18.0), ("Jane Doe", 12.0)), "")[0] == title
