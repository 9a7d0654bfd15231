from __future__ import annotations

import pytest

from search.errors import QueryTooLarge
from search.language.guards import check_prefix, check_size
from search.language.query import MAX_NESTING, MAX_TERMS, Keys, Node, Not, Or, Phrase, Term
from search.text.analysis import query_tokens


def test_ordinary_queries_are_within_the_limits() -> None:
    check_size(Or(tuple(Term(f"word{n}") for n in range(MAX_TERMS))))
    check_prefix("ab", query_tokens("ab"))


@pytest.mark.parametrize(
    "root",
    [
        Or(tuple(Term(f"word{n}") for n in range(MAX_TERMS + 1))),
        Term("-".join(["word"] * 10_000)),
        Phrase(" ".join(["word"] * 10_000)),
    ],
)
def test_more_words_are_refused(root: Node) -> None:
    with pytest.raises(QueryTooLarge, match="more than 256 words; shorten it"):
        check_size(root)


def test_keys_do_not_count_as_words() -> None:
    check_size(Or((Term("graph"), *(Keys(frozenset({str(n)})) for n in range(1_000)))))


def test_ten_thousand_parentheses_are_refused_without_recursion() -> None:
    deep: Node = Term("graph")
    for _ in range(10_000):
        deep = Not(deep)
    with pytest.raises(QueryTooLarge, match="nested more than 32 levels deep"):
        check_size(deep)
    assert MAX_NESTING == 32


@pytest.mark.parametrize("text", ["a", "é"])
def test_a_prefix_of_one_letter_is_refused(text: str) -> None:
    with pytest.raises(QueryTooLarge, match="at least 2 letters"):
        check_prefix(text, query_tokens(text))


def test_one_chinese_character_is_a_beginning() -> None:
    check_prefix("学", query_tokens("学"))
