"""Corner cases of the grammar; ``test_parser.py`` shows the language by example."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from search.errors import QuerySyntaxError, QueryTooLarge
from search.language.grammar import Parser, all_of
from search.language.lexer import Token, TokenKind, read_tokens
from search.language.parser import parse_query
from search.language.query import MAX_NESTING, And, Everything, Node, Not, Or, Term
from tests.search.examples import QUERIES
from tests.search.trees import NOW, all_but, word


def test_the_conjunction_of_no_nodes_is_none_and_of_negatives_adds_everything() -> None:
    assert all_of([]) is None
    assert all_of([word("a")]) == word("a")
    assert all_of([Not(word("a")), Not(word("b"))]) == all_but("a", "b")


def test_no_tokens_are_no_tree() -> None:
    assert Parser([], NOW).parse() is None
    assert Parser(read_tokens("& ()"), NOW).parse() is None


def test_a_name_ends_at_the_closing_parenthesis() -> None:
    root = parse_query("(G.) Hinton", now=NOW).root
    assert root == And((Term("G."), Term("Hinton")))


def test_deep_nesting_is_refused_before_recursion() -> None:
    opening = Token(TokenKind.OPEN, "(", 0)
    with pytest.raises(QueryTooLarge):
        Parser([opening] * 100_000, NOW).parse()
    with pytest.raises(QuerySyntaxError):
        Parser([opening] * MAX_NESTING, NOW).parse()


@settings(max_examples=300)
@given(QUERIES)
def test_the_tree_has_its_documented_invariants(text: str) -> None:
    try:
        root = parse_query(text, now=NOW).root
    except (QuerySyntaxError, QueryTooLarge):
        return
    assert not isinstance(root, Not)
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, And | Or):
            assert len(node.children) >= 2
            waiting.extend(node.children)
        if isinstance(node, And):
            assert not all(isinstance(child, Not) for child in node.children)
        if isinstance(node, Or):
            assert not any(isinstance(child, Not | Everything) for child in node.children)
        if isinstance(node, Not):
            assert not isinstance(node.child, Not | Everything)
            waiting.append(node.child)
