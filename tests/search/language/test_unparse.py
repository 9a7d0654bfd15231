from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings

from search.errors import QuerySyntaxError, QueryTooLarge
from search.language.parser import parse_leniently, parse_plain, parse_query
from search.language.query import Keys
from search.language.unparse import unparse
from tests.search.examples import ARXIV, AUTHORS, CJK, DATES, EXACT, FIELDS, OPERATORS, QUERIES, WORDS
from tests.search.trees import NOW

# Saved searches are stored in this form, so text and tree must both stay the same.
STORED = [
    ("", ""),
    ("graph   neural", "graph neural"),
    ('ti:(graph "neural networks") -survey', '(ti:graph ti:"neural networks") -survey'),
    ("a AND (b OR c) ANDNOT d", "a (b OR c) -d"),
    ("a OR b c", "a OR b c"),
    ("NOT (a b)", "-(a b)"),
    ("au:Hinton_G", 'au:"Hinton, G"'),
    ("G. Hinton distillation", "Hinton_G distillation"),
    ("au:del_maestro", 'au:"del maestro"'),
    ("exactauthor:Plato EXACTAUTHOR:Ada", "ea:Plato ea:Ada"),
    ('exactauthor:"Wang,  Wei"', 'ea:"Wang, Wei"'),
    ("cat:cs.*", "cat:cs"),
    ("cat:cs.AI,cs.CL OR cat:cs.NA", "cat:cs.AI,cs.CL OR cat:math.NA"),
    ("id:arXiv:2406.01234v2", "id:2406.01234"),
    ("2024", "year:2024"),
    ("bert 2024", "bert 2024"),
    ("all:2024 all:OR", "all:2024 all:OR"),
    ("submittedDate:[202301010600 TO 202401010600]", "date:2023-01-01..2024-01-01"),
    ("year>2020 date:2024-05", "year:2021.. date:2024-05"),
    ('date:"past week"', 'date:"past week"'),  # and not the dates of the week in which it was saved
    ("venue:ICLR.2025 has:code in:to-read", 'venue:"ICLR 2025" has:code in:to-read'),
    ("transf* transfomer~2 transfomer~", "transf* transfomer~2 transfomer~"),
    ("（注意力 OR 机制）", "注意力 OR 机制"),
]


@pytest.mark.parametrize(("query", "text"), STORED)
def test_a_saved_search_is_stored_as(query: str, text: str) -> None:
    assert unparse(parse_query(query, now=NOW).root) == text


@pytest.mark.parametrize(
    "query", [query for query, _tree in WORDS + OPERATORS + FIELDS + EXACT + CJK + AUTHORS + DATES + ARXIV]
)
def test_every_example_survives_a_round_trip(query: str) -> None:
    root = parse_query(query, now=NOW).root
    assert parse_query(unparse(root), now=NOW).root == root


@settings(max_examples=600)
@given(QUERIES)
def test_a_written_tree_parses_to_itself(text: str) -> None:
    roots = [parse_leniently(text, now=NOW).root, parse_plain(text).root]
    with suppress(QuerySyntaxError, QueryTooLarge):
        roots.append(parse_query(text, now=NOW).root)
    for root in roots:
        written = unparse(root)
        assert parse_query(written, now=NOW).root == root
        assert unparse(parse_query(written, now=NOW).root) == written


def test_a_set_of_keys_has_no_written_form() -> None:
    with pytest.raises(TypeError, match="Keys"):
        unparse(Keys(frozenset({"arxiv:1"})))
