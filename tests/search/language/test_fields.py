from __future__ import annotations

import pytest

from search.language.fields import COMPARISON, FIELDS, FLAG_VALUES, Kind, may_be_field, may_be_spaced, nearest_field
from search.language.query import DATE_FIELDS, EXACT_FIELDS, TEXT_FIELDS


def test_every_field_of_the_tree_has_a_name_in_the_language() -> None:
    by_kind = {kind: {field.name for field in FIELDS.values() if field.kind is kind} for kind in Kind}
    assert by_kind[Kind.TEXT] == {*TEXT_FIELDS, None}
    assert by_kind[Kind.EXACT] >= {"category", "id", "doi"}
    assert by_kind[Kind.EXACT] <= set(EXACT_FIELDS)
    assert by_kind[Kind.DATE] == set(DATE_FIELDS)
    assert by_kind[Kind.FLAG] == {*FLAG_VALUES, "in"}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("ti", "title"),
        ("TI", "title"),
        ("Title", "title"),
        ("au", "author"),
        ("Authors", "author"),
        ("cat", "category"),
        ("arXiv", "id"),
        ("submittedDate", "date"),
        ("lastUpdatedDate", "updated"),
        ("rn", "report"),
        ("aff", "affiliation"),
        ("all", None),
    ],
)
def test_names_of_ours_and_of_arxiv_s_api(name: str, field: str | None) -> None:
    assert FIELDS[name].name == field


@pytest.mark.parametrize("name", ["Co", "In", "Has", "Is", "Ti", "Cat", "All"])
def test_short_words_with_a_capital_are_no_fields(name: str) -> None:
    assert name not in FIELDS


def test_only_some_field_names_may_be_followed_by_a_space() -> None:
    assert may_be_spaced("title")
    assert not any(map(may_be_spaced, ("all", "in", "is", "has", "note", "comment")))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("titel", "title"),
        ("abstrct", "abstract"),
        ("categoy", "category"),
        ("Titel", "title"),
        ("TITEL", "title"),
        ("tItle", "title"),
        ("autor", "author"),
        ("auteur", "author"),
        ("intitle", "title"),
        ("jahr", "year"),
        ("标题", "title"),
        ("conference", "venue"),
        ("university", "affiliation"),
        ("reportno", "report"),
        ("theory", None),
        ("data", None),
        ("Co", None),
        ("http", None),
        ("foo", None),
        ("title", None),
    ],
)
def test_a_misspelt_name_suggests_a_field(typed: str, meant: str | None) -> None:
    assert nearest_field(typed) == meant


@pytest.mark.parametrize(
    ("name", "is_meant"), [("gene", True), ("https", False), ("Co", False), ("ab", False), ("x_y", False)]
)
def test_which_names_probably_mean_fields(name: str, is_meant: bool) -> None:
    assert may_be_field(name) is is_meant


@pytest.mark.parametrize(
    ("text", "is_comparison"),
    [
        ("year>2020", True),
        ("year > 2020", True),
        ("submittedDate<=2020", True),
        ("year >2020", False),
        ("year>x", False),
    ],
)
def test_a_comparison_has_blanks_on_both_sides_or_none(text: str, is_comparison: bool) -> None:
    assert (COMPARISON.match(text) is not None) is is_comparison
