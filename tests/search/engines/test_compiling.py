from __future__ import annotations

from datetime import date

import pytest

from search.engines.clauses import (
    All,
    Bool,
    Clause,
    KeyIn,
    Marks,
    Nothing,
    NumberIn,
    PhraseMatch,
    TokenMatch,
)
from search.engines.compiling import compile_query, is_scored
from search.engines.streams import AUTHOR, TITLE
from search.errors import QueryTooLarge
from search.language.query import (
    And,
    Everything,
    Exact,
    Flag,
    Keys,
    Node,
    Not,
    Or,
    Prefix,
    Range,
    Term,
)


def words(clause: Clause) -> set[tuple[str, str]]:
    """Stream and token of the words of a flat list."""
    assert isinstance(clause, Bool)
    assert not clause.must
    return {(leaf.stream, leaf.token) for leaf in clause.should if isinstance(leaf, TokenMatch)}


def test_a_word_without_field_is_one_flat_list_over_all_fields() -> None:
    lookups = words(compile_query(Term("networks")))
    stemmed = {("title", "network"), ("abstract", "network")}
    folded = {(name, "networks") for name in ("author", "venue", "comment", "journal")}
    closed = {("title_closed", "network"), ("abstract_closed", "network")}
    assert lookups == stemmed | folded | closed | {("title_exact", "networks"), ("abstract_exact", "networks")}


def test_a_word_with_a_field_stays_in_it() -> None:
    streams = {("title", "network"), ("title_exact", "networks"), ("title_closed", "network")}
    assert words(compile_query(Term("networks", "title"))) == streams
    assert compile_query(Term("Hinton", "author")) == TokenMatch("author", "hinton", AUTHOR.weight)


def test_a_word_with_an_accent_is_also_looked_up_as_typed() -> None:
    assert ("title_exact", "schrödinger") in words(compile_query(Term("Schrödinger")))
    assert words(compile_query(Term("Díaz", "author"))) == {("author", "diaz"), ("author_exact", "díaz")}


def test_an_or_of_words_is_one_flat_list() -> None:
    clause = compile_query(Or((Term("graph"), Or((Term("tree"), Term("wood"))))))
    assert {token for _, token in words(clause)} == {"graph", "tree", "wood"}


def test_a_repeated_word_is_looked_up_once_at_twice_the_weight() -> None:
    clause = compile_query(Or((Term("graph", "title"), Term("graphs", "title"))))
    assert isinstance(clause, Bool)
    stem = [leaf for leaf in clause.should if isinstance(leaf, TokenMatch) and leaf.stream == "title"]
    assert stem == [TokenMatch("title", "graph", 2 * TITLE.weight)]


def test_adjacent_words_of_a_title_score_higher_with_their_stop_words() -> None:
    clause = compile_query(And((Term("attention"), Term("is"), Term("all"), Term("you"), Term("need"))))
    assert isinstance(clause, Bool)
    assert len(clause.must) == 2
    (phrase,) = clause.should
    assert isinstance(phrase, PhraseMatch)
    assert [token for _, token in phrase.tokens] == ["attent", "is", "all", "you", "need"]


@pytest.mark.parametrize(
    "root",
    [
        And((Term("graph"), Term("networks", "abstract"))),
        And((Term("graph"), Exact("category", "cs.LG"))),
        And(tuple(Term(f"word{n}") for n in range(13))),
    ],
)
def test_other_queries_are_not_tried_as_a_title(root: Node) -> None:
    clause = compile_query(root)
    assert isinstance(clause, Bool)
    assert clause.should == ()


@pytest.mark.parametrize(
    ("node", "clause"),
    [
        (Exact("category", "cs.LG"), Marks(frozenset({"c:cs.lg"}))),
        (Exact("category", "cs.", is_prefix=True), Marks(frozenset(), prefix="c:cs.")),
        (Exact("venue", "ICLR 2025"), Marks(frozenset({"v:iclr 2025"}))),
        (Exact("id", "2406.01234"), Marks(frozenset({"i:2406.01234"}))),
        (Exact("doi", "10.1/\ud800"), Marks(frozenset({"d:10.1/?"}))),
        (Flag("has", "code"), Marks(frozenset({"f:code"}))),
        (Flag("is", "starred"), Nothing()),
        (Keys(frozenset({"p:0"})), KeyIn(frozenset({"p:0"}))),
        (Everything(), All()),
        (Term("?!"), Nothing()),
        (Term("graph", "note"), Nothing()),
        (Range("year", date(2019, 1, 1), date(2021, 12, 31)), NumberIn("year", 2019, 2021)),
        (Range("date", date(2024, 2, 2), date(2024, 2, 1)), Nothing()),
    ],
)
def test_filters(node: Node, clause: Clause) -> None:
    assert compile_query(node) == clause
    assert not is_scored(compile_query(node))


def test_a_range_within_a_year_excludes_papers_with_only_that_year() -> None:
    first, last = date(2024, 2, 1), date(2024, 2, 29)
    assert compile_query(Range("date", first, last)) == NumberIn("date", first.toordinal(), last.toordinal())


def test_a_range_over_a_whole_year_includes_papers_with_only_that_year() -> None:
    clause = compile_query(Range("date", date(2023, 7, 1), date(2024, 12, 31)))
    assert isinstance(clause, Bool)
    assert clause.should[1] == Bool(must=(NumberIn("date", 0, 0), NumberIn("year", 2024, 2024)))


def test_not_excludes_from_its_group_or_from_all_papers() -> None:
    clause = compile_query(And((Exact("id", "a"), Not(Exact("id", "b")))))
    assert clause == Bool(must=(Marks(frozenset({"i:a"})),), must_not=(Marks(frozenset({"i:b"})),))
    assert compile_query(Not(Exact("id", "b"))) == Bool(must=(All(),), must_not=(Marks(frozenset({"i:b"})),))


def test_stop_words_remain_under_not_and_where_there_are_no_other_words() -> None:
    assert compile_query(And((Term("graph"), Not(Term("the"))))) != compile_query(Term("graph"))
    clause = compile_query(And((Term("to"), Term("be"))))
    assert isinstance(clause, Bool)
    assert len(clause.must) == 2


def test_too_large_queries_are_refused_before_the_engine() -> None:
    with pytest.raises(QueryTooLarge):
        compile_query(Prefix("a"))
    with pytest.raises(QueryTooLarge):
        compile_query(Or(tuple(Term(f"word{n}") for n in range(10_000))))
