from __future__ import annotations

import pytest

from coolpapers.papers.files.ownids import own_ids

TITLE = "On the Shapes of Small Things"
PAGE = [
    "On the Shapes of",
    "Small Things",
    "Ada Lovelace",
    "Abstract",
    "We study shapes.",
    "1 Introduction",
    "They matter.",
]


def found(*lines: str, header: tuple[str, ...] = ()) -> tuple[str, str]:
    return own_ids([*header, *PAGE, *lines], TITLE)


@pytest.mark.parametrize(
    "line",
    [
        "arXiv:2406.01234v2 [cs.CL] 3 Jun 2024",
        "arXiv:2406.01234v2  [cs.CL]  3 Jun 2024",
        "arXiv:2406.01234 [stat.ML]",
        "arXiv:2406.01234v1",
        "Preprint arXiv:2406.01234",
    ],
)
def test_a_stamp_counts_wherever_it_stands_in_the_text(line: str) -> None:
    assert found(line)[0] == "2406.01234"
    assert found(header=(line,))[0] == "2406.01234"


@pytest.mark.parametrize(
    "line",
    [
        "https://doi.org/10.1145/3292500.3330701",
        "DOI: 10.1145/3292500.3330701",
        "doi:10.1145/3292500.3330701.",
        "Digital Object Identifier 10.1145/3292500.3330701",
        "© 2019 Association for Computing Machinery. ACM ISBN 978-1-4503-6201-6/19/08. 10.1145/3292500.3330701",
        "(c) 2019 The Authors. https://doi.org/10.1145/3292500.3330701",
        "4 pages. https://doi.org/10.1145/3292500.3330701",
        "Citation: Lovelace A (2019) On the Shapes of Small Things. https://doi.org/10.1145/3292500.3330701",
        "Published online: 3 June 2019, doi 10.1145/3292500.3330701",
        "ISSN 1234-5678 doi:10.1145/3292500.3330701",
    ],
)
def test_a_doi_counts_alone_on_its_line_and_in_the_imprint(line: str) -> None:
    assert found(line)[1] == "10.1145/3292500.3330701"


def test_the_header_counts_as_a_whole() -> None:
    header = ("Journal of Tests (2019) 12:34, https://doi.org/10.1007/s00001-019-0001-1", "RESEARCH ARTICLE")
    assert found(header=header)[1] == "10.1007/s00001-019-0001-1"
    assert own_ids([*header, "Nothing of the title"], TITLE) == ("", "")  # no title, no header


@pytest.mark.parametrize(
    "lines",
    [
        ("[1] R. Roe. Another paper. arXiv:1706.03762, 2017. doi:10.1000/other.paper",),
        ("[1] R. Roe. Another paper of many", "words. Journal of Foo.", "doi:10.1000/other.paper"),
        ("We extend Roe (arXiv:1706.03762; doi:10.1000/other.paper) to shapes.",),
        ("1 Code is in https://doi.org/10.1000/other.paper",),
        ("Our code and data are available at", "https://doi.org/10.1000/other.paper"),
        ("as was shown by Roe (2017),", "arXiv:1706.03762"),
        ("References", "R. Roe. Another paper.", "arXiv:1706.03762", "https://doi.org/10.1000/other.paper"),
    ],
)
def test_identifiers_of_cited_papers_do_not_count(lines: tuple[str, ...]) -> None:
    assert found(*lines) == ("", "")


def test_the_first_of_each_kind_counts() -> None:
    assert found("arXiv:2406.01234v2 [cs.CL] 3 Jun 2024", "arXiv:1706.03762", "doi:10.1000/b", "doi:10.1000/c") == (
        "2406.01234",
        "10.1000/b",
    )


@pytest.mark.parametrize(
    "before",
    [
        "They were first described in a paper of others, and doi",
        "as others show in a long sentence that goes on with the number",
        "see arXiv",
    ],
)
def test_an_identifier_that_ends_a_sentence_of_the_text_is_a_cited_one(before: str) -> None:
    assert found(before, "10.1145/3292500.3330701.") == ("", "")
    assert found(before, "arXiv:1706.03762") == ("", "")


def test_an_identifier_below_an_address_is_the_paper_s() -> None:
    assert found("E-mail addresses: jane.doe@example.org", "https://doi.org/10.1145/3292500.3330701")[1]
    assert found("The last sentence of the column.", "https://doi.org/10.1145/3292500.3330701")[1]
