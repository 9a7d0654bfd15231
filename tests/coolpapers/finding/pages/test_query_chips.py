from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.finding.pages.query_chips import split_query
from search.language.parser import parse_query
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.papers.pages.narrowing.test_refinements import chips
from tests.coolpapers.papers.pages.test_views import get

PARTS = ["graph", '"neural net"', "ti:sketch", "cat:cs.CL", "-cat:cs.CV", "year:2020..2022", 'au:"Ho, J"', "has:code"]


@pytest.mark.parametrize(
    ("text", "words", "conditions"),
    [
        ("graph", "graph", []),
        ("graph cat:cs.CL", "graph", ["cat:cs.CL"]),
        ("cat:cs.CL", "", ["cat:cs.CL"]),
        ("ti:graph -cat:cs.CV", "ti:graph", ["-cat:cs.CV"]),
        ("graph year:2020..2022 has:code", "graph", ["year:2020..2022", "has:code"]),
        ("graph author:Hinton", "graph", ["au:Hinton"]),
        ('graph author:"Geoffrey Hinton"', "graph", ['au:"Geoffrey Hinton"']),
        ("graph cat:cs.CL,cs.CV", "graph", ["cat:cs.CL,cs.CV"]),
        ("graph is:starred", "graph", ["is:starred"]),
        ("graph 2017", "graph 2017", []),  # a word or a year
        ("graph OR cat:cs.CL", "graph OR cat:cs.CL", []),  # one alternative of two
        ('"unclosed', '"unclosed', []),
        ("", "", []),
    ],
)
def test_conditions_are_told_from_words(text: str, words: str, conditions: list[str]) -> None:
    found, split = split_query(text)
    assert (found, [one.text for one in split]) == (words, conditions)


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=5, unique=True))
def test_a_condition_is_removed_and_the_rest_stays(parts: list[str]) -> None:
    text = " ".join(parts)
    _, conditions = split_query(text)
    for condition in conditions:
        rest = " ".join(part for part in parts if part != condition.text)
        assert parse_query(condition.query_without).root == parse_query(rest).root


@pytest.mark.django_db
def test_a_typed_condition_is_a_chip(client: Client, index_papers: object) -> None:
    make_paper(title="Zebra", categories=["cs.CL"])
    index_papers()  # type: ignore[operator]
    html = get(client, "/search?q=zebra+cat:cs.CL&sort=newest")
    assert chips(html) == {"cat:cs.CL": "?q=zebra&sort=newest"}
    assert "for <em>zebra</em>" in html
