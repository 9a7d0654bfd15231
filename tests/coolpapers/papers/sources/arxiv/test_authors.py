from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.sources.arxiv.authors import AuthorLine, is_name, read_author_line


@pytest.mark.parametrize(
    ("line", "names", "affiliations"),
    [
        ("A. One, B. Two and C. Three", ["A. One", "B. Two", "C. Three"], []),
        ("A. One, B. Two, and C. Three", ["A. One", "B. Two", "C. Three"], []),
        ("A. One & B. Two, et al", ["A. One", "B. Two"], []),
        ("A. One (U. of X (Dept. Y), Z), J. Doe, Jr.", ["A. One", "J. Doe Jr."], ["U. of X (Dept. Y), Z"]),
        ("A. Sand", ["A. Sand"], []),
        ("A. One;\n  B. Two", ["A. One", "B. Two"], []),
        ("", [], []),
        ("A. One (unclosed", ["A. One"], ["unclosed"]),
        ("Alpha Collaboration: A. One, B. Two", ["Alpha Collaboration", "A. One", "B. Two"], []),
        ("The Alpha and Beta Collaborations", ["The Alpha and Beta Collaborations"], []),
        (
            "Test collaboration: S. One (1), P. Two (1,2), et al. ((1) Some University, (2) Other Lab)",
            ["Test collaboration", "S. One", "P. Two"],
            ["Some University", "Other Lab"],
        ),
        ("A. One (1 and 2) and B.Two (3) ((1) X-Lab, (2) Y-Lab)", ["A. One", "B. Two"], ["X-Lab", "Y-Lab"]),
        ("A. One (for the Alpha Collaboration)", ["A. One", "Alpha Collaboration"], []),
        ("A. One et al. (Alpha and Beta Collaborations)", ["A. One", "Alpha and Beta Collaborations"], []),
        (
            "A. One (Alpha Scientific Collaboration and the Beta Collaboration)",
            ["A. One", "Alpha Scientific Collaboration", "Beta Collaboration"],
            [],
        ),
        ("H.E.S.S. Collaboration: F. One, for the H.E.S.S. Collaboration", ["H.E.S.S. Collaboration", "F. One"], []),
        ("Doe, J. and Roe, R. M.", ["J. Doe", "R. M. Roe"], []),
        ("J. Doe [1], R. Roe [2] ([1] X-Lab, [2] Y-Lab)", ["J. Doe", "R. Roe"], ["X-Lab", "Y-Lab"]),
        ("A. One &amp; B. Two and the Alpha collaboration", ["A. One", "B. Two", "Alpha collaboration"], []),
        ("Jane One (née Two)", ["Jane One"], []),
        ("A. One, Alpha, Beta and Gamma Collaborations", ["A. One", "Alpha, Beta and Gamma Collaborations"], []),
        ("Jane Doe and Alpha Collaborations", ["Jane Doe", "Alpha Collaborations"], []),
        ("J.-P. One (Lab), S.M. Two (Lab)", ["J.-P. One", "S.M. Two"], ["Lab"]),
    ],
)
def test_author_lines_are_read(line: str, names: list[str], affiliations: list[str]) -> None:
    found = read_author_line(line)
    assert (list(found.names), list(found.affiliations)) == (names, affiliations)


def test_what_is_no_name() -> None:
    assert not any(map(is_name, (":", "", "et al.", "(1)", "et al")))
    assert is_name("O")


@pytest.mark.parametrize("mark", ["(", "A, ", "A and ", "((1) x", " ", ")("])
def test_long_lines_take_linear_time(mark: str) -> None:
    began = time.process_time()
    read_author_line(mark * (200_000 // len(mark)))
    assert time.process_time() - began < 3


@given(st.text(alphabet="Aa.,;:()12& and", max_size=60))
def test_any_line_is_read(line: str) -> None:
    assert all(is_name(name) for name in read_author_line(line).names)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Jane Doe for the ALICE Collaboration", ("Jane Doe", "ALICE Collaboration")),
        ("J. Doe, R. Roe on behalf of the Belle II Collaboration", ("J. Doe", "R. Roe", "Belle II Collaboration")),
        ("D0 Collaboration: V. A., et al. (413 additional authors not shown)", ("D0 Collaboration", "V. A.")),
    ],
)
def test_collaborations_that_people_write_for_and_people_not_shown(line: str, names: tuple[str, ...]) -> None:
    assert read_author_line(line) == AuthorLine(names, ())
