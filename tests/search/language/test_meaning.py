"""The words that an encoder reads, and the conditions for papers found by meaning."""

from __future__ import annotations

from datetime import date

import pytest

from search.language.meaning import filters_of, free_words
from search.language.parser import parse_query
from search.language.query import And, Everything, Exact, Not, Phrase, Prefix, Range, Term


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("graph neural network", "graph neural network"),
        ("ti:graph au:Hinton networks", "graph networks"),
        ('"deep learning" survey -vision', "deep learning survey"),
        ("convol* OR pool~", "convol pool"),
        ("cat:cs.CL year:2020", ""),
        ("au:Hinton", ""),
        ("", ""),
    ],
)
def test_free_words(text: str, words: str) -> None:
    assert free_words(parse_query(text).root) == words


@pytest.mark.parametrize("text", ["graph", "graph network", "graph OR network", "a (b OR c)", "graph~", ""])
def test_plain_words_filter_nothing(text: str) -> None:
    assert filters_of(parse_query(text).root) == Everything()


def test_explicit_conditions_are_filters() -> None:
    root = parse_query('graph "deep learning" pool* ti:survey cat:cs.CL year:2020 -vision').root
    conditions = filters_of(root)
    assert isinstance(conditions, And)
    assert set(conditions.children) == {
        Phrase("deep learning"),
        Prefix("pool"),
        Term("survey", "title"),
        Exact("category", "cs.CL"),
        Range("year", date(2020, 1, 1), date(2020, 12, 31)),
        Not(Term("vision")),
    }


def test_an_or_that_contains_a_condition_is_a_condition() -> None:
    root = parse_query("graph (tree OR cat:cs.CL)").root
    assert filters_of(root) == parse_query("tree OR cat:cs.CL").root


def test_exclusions_alone_stand_beside_everything() -> None:
    assert filters_of(parse_query("graph -tree").root) == And((Everything(), Not(Term("tree"))))
