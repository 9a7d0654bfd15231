from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.identity.comparisons import Comparison, Weight, compare_fields
from tests.coolpapers.papers.identity.make import PEOPLE, evidence, preprint


def weights(one: Any, other: Any) -> dict[str, str]:
    return {row.field: row.weight.value for row in compare_fields(one, other)}


def test_each_field_is_shown_with_both_values() -> None:
    rows = compare_fields(preprint(), evidence(year=2024, venue="Journal of Baz", volume="3", pages="12-20"))
    assert rows[1] == Comparison("authors", ", ".join(PEOPLE), ", ".join(PEOPLE), Weight.SAME)
    assert rows[2:] == [
        Comparison("year", "2020", "2024", Weight.DIFFERENT),
        Comparison("venue", "", "Journal of Baz", Weight.NEITHER),
        Comparison("pages", "", "3, 12", Weight.NEITHER),
        Comparison("arxiv", "2005.00001", "", Weight.NEITHER),
    ]


@pytest.mark.parametrize(
    ("here", "there", "field", "weight"),
    [
        ({"title": "Seeing $W^+$ decay"}, {"title": "Seeing $W^-$ decay"}, "title", "different"),
        ({"authors": ["A. Bee"]}, {"authors": ["C. Dee"]}, "authors", "different"),
        ({"authors": []}, {}, "authors", "neither"),
        ({"year": None}, {}, "year", "neither"),
        ({"year": 2019}, {}, "year", "different"),
        ({"venue": "ICLR 2020"}, {"venue": "ICLR 2020"}, "venue", "same"),
        ({"venue": "ICLR 2020"}, {"venue": "ICML 2020"}, "venue", "different"),
        ({"volume": "1", "pages": "5-9"}, {"volume": "1", "pages": "5"}, "pages", "same"),
        ({"volume": "1"}, {"volume": "2"}, "pages", "different"),
        ({"doi": "10.1000/1"}, {"doi": "10.1000/1"}, "doi", "same"),
        ({"doi": "10.1000/1"}, {"doi": "10.1000/2"}, "doi", "different"),
        ({"doi": "10.48550/x"}, {"doi": "10.1000/2"}, "doi", "neither"),
        ({"kind": "thesis"}, {"kind": "journal"}, "kind", "different"),
        ({"abstract": "a b c"}, {"abstract": "d e f"}, "abstract", "neither"),
        ({"key": "acl:2020.a-1.1"}, {"key": "acl:2020.a-1.2"}, "entry", "different"),
        ({"key": "arxiv:2005.00001"}, {"arxiv_id": "2005.00001"}, "arxiv", "same"),
    ],
)
def test_what_a_field_speaks_for(here: dict[str, Any], there: dict[str, Any], field: str, weight: str) -> None:
    assert weights(evidence(**here), evidence(**there))[field] == weight
    assert weights(evidence(**there), evidence(**here))[field] == weight


def test_long_lists_of_authors_are_cut() -> None:
    rows = compare_fields(evidence(authors=[f"Name {letter}" for letter in "abcdefghijkl"]), evidence())
    assert rows[1].first.endswith("Name h …")
