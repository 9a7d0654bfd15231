from __future__ import annotations

from datetime import date

import pytest

from search.engines.clauses import (
    All,
    Bool,
    Clause,
    FuzzyMatch,
    KeyIn,
    Marks,
    NameMatch,
    Nothing,
    NumberIn,
    PhraseMatch,
    PrefixMatch,
    TokenMatch,
)
from search.engines.compiling import compile_query, is_scored
from search.engines.streams import ABSTRACT, AUTHOR, FIELDS, TITLE
from search.errors import QueryTooLarge
from search.language.query import (
    And,
    Author,
    Everything,
    Exact,
    Flag,
    Fuzzy,
    Keys,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
)


def words(clause: Clause) -> set[tuple[str, str]]:
    """Stream and token of the words of a flat choice."""
    assert isinstance(clause, Bool)
    assert not clause.must
    return {(leaf.stream, leaf.token) for leaf in clause.should if isinstance(leaf, TokenMatch)}


def test_a_word_without_field_is_one_flat_choice_over_all_fields() -> None:
    found = words(compile_query(Term("networks")))
    stemmed = {("title", "network"), ("abstract", "network")}
    folded = {(name, "networks") for name in ("author", "venue", "comment", "journal")}
    closed = {("title_closed", "network"), ("abstract_closed", "network")}
    assert found == stemmed | folded | closed | {("title_exact", "networks"), ("abstract_exact", "networks")}


def test_a_word_with_a_field_stays_in_it() -> None:
    streams = {("title", "network"), ("title_exact", "networks"), ("title_closed", "network")}
    assert words(compile_query(Term("networks", "title"))) == streams
    assert compile_query(Term("Hinton", "author")) == TokenMatch("author", "hinton", AUTHOR.weight)


def test_an_accent_is_looked_for_as_an_extra() -> None:
    assert ("title_exact", "schrödinger") in words(compile_query(Term("Schrödinger")))
    assert words(compile_query(Term("Díaz", "author"))) == {("author", "diaz"), ("author_exact", "díaz")}


def test_an_or_of_words_is_one_flat_list() -> None:
    either = compile_query(Or((Term("graph"), Or((Term("tree"), Term("wood"))))))
    assert {token for _, token in words(either)} == {"graph", "tree", "wood"}


def test_a_word_said_twice_counts_twice_and_is_asked_once() -> None:
    either = compile_query(Or((Term("graph", "title"), Term("graphs", "title"))))
    assert isinstance(either, Bool)
    stem = [leaf for leaf in either.should if isinstance(leaf, TokenMatch) and leaf.stream == "title"]
    assert stem == [TokenMatch("title", "graph", 2 * TITLE.weight)]


def test_words_side_by_side_in_a_title_are_a_bonus_with_their_stop_words() -> None:
    clause = compile_query(And((Term("attention"), Term("is"), Term("all"), Term("you"), Term("need"))))
    assert isinstance(clause, Bool)
    assert len(clause.must) == 2
    (row,) = clause.should
    assert isinstance(row, PhraseMatch)
    assert [token for _, token in row.tokens] == ["attent", "is", "all", "you", "need"]


@pytest.mark.parametrize(
    "root",
    [
        And((Term("graph"), Term("networks", "abstract"))),
        And((Term("graph"), Exact("category", "cs.LG"))),
        And(tuple(Term(f"word{n}") for n in range(13))),
    ],
)
def test_other_queries_are_no_title(root: Node) -> None:
    clause = compile_query(root)
    assert isinstance(clause, Bool)
    assert clause.should == ()


def test_a_word_of_several_tokens_wants_all_and_prefers_them_side_by_side() -> None:
    clause = compile_query(Term("state/of/the/art", "title"))
    assert isinstance(clause, Bool)
    assert len(clause.must) == 2  # of and the say nothing
    (row,) = clause.should
    assert isinstance(row, PhraseMatch)
    assert [token for _, token in row.tokens] == ["state", "of", "the", "art"]
    assert 0 < row.weight < TITLE.weight


def test_a_hyphenated_word_is_as_typed_or_closed_at_a_lower_weight() -> None:
    clause = compile_query(Term("multi-task", "title"))
    assert isinstance(clause, Bool)
    *closed, typed = clause.should
    assert isinstance(typed, Bool)
    assert len(typed.must) == 2
    assert {(leaf.stream, leaf.token) for leaf in closed if isinstance(leaf, TokenMatch)} == {
        ("title", "multitask"),
        ("title_exact", "multitask"),
        ("title_closed", "multitask"),
    }
    assert all(leaf.weight < TITLE.weight / 2 for leaf in closed if isinstance(leaf, TokenMatch))


def test_a_phrase_is_taken_as_written() -> None:
    clause = compile_query(Phrase("multi-task learning", "title"))
    assert isinstance(clause, Bool)
    assert clause.must == (PhraseMatch("title", ((0, "multi"), (1, "task"), (2, "learn")), TITLE.weight),)


def test_a_phrase_wants_the_row_in_one_field() -> None:
    clause = compile_query(Phrase("neural networks"))
    assert isinstance(clause, Bool)
    (rows,) = clause.must
    assert isinstance(rows, Bool)
    assert {row.stream for row in rows.should if isinstance(row, PhraseMatch)} == set(FIELDS)


def test_a_beginning_is_looked_for_among_words_as_written() -> None:
    written = PrefixMatch("title_exact", "networ", TITLE.weight)
    closed = PrefixMatch("title_closed", "networ", TITLE.closed_weight)
    assert compile_query(Prefix("networ", "title")) == Bool(should=(written, closed))
    assert compile_query(Prefix("深", "title")) == PrefixMatch("title", "深", TITLE.weight)
    clause = compile_query(Prefix("non/invas", "title"))
    assert isinstance(clause, Bool)
    last = clause.must[-1]
    assert isinstance(last, Bool)
    assert PrefixMatch("title_exact", "invas", TITLE.weight) in last.should


def test_a_fuzzy_word_is_near_ones_and_itself() -> None:
    clause = compile_query(Fuzzy("grpah", "title", distance=9))
    assert isinstance(clause, Bool)
    assert FuzzyMatch("title_exact", "grpah", 2, TITLE.weight) in clause.should
    assert TokenMatch("title_exact", "grpah", TITLE.exact_weight) in clause.should


def test_an_author_is_a_reading_of_a_name_that_scores_by_its_words() -> None:
    clause = compile_query(Author("Hinton", "G"))
    assert clause == Bool(must=(NameMatch("hinton|g", ""),), should=(TokenMatch("author", "hinton", AUTHOR.weight),))
    assert compile_query(Author("?", "!")) == Nothing()


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


def test_days_of_a_month_leave_out_papers_with_only_a_year() -> None:
    first, last = date(2024, 2, 1), date(2024, 2, 29)
    assert compile_query(Range("date", first, last)) == NumberIn("date", first.toordinal(), last.toordinal())


def test_a_whole_year_of_days_has_papers_with_only_that_year() -> None:
    clause = compile_query(Range("date", date(2023, 7, 1), date(2024, 12, 31)))
    assert isinstance(clause, Bool)
    assert clause.should[1] == Bool(must=(NumberIn("date", 0, 0), NumberIn("year", 2024, 2024)))


def test_not_takes_away_beside_others_and_from_everything_alone() -> None:
    clause = compile_query(And((Exact("id", "a"), Not(Exact("id", "b")))))
    assert clause == Bool(must=(Marks(frozenset({"i:a"})),), must_not=(Marks(frozenset({"i:b"})),))
    assert compile_query(Not(Exact("id", "b"))) == Bool(must=(All(),), must_not=(Marks(frozenset({"i:b"})),))


def test_stop_words_stay_under_not_and_where_nothing_else_is_said() -> None:
    assert compile_query(And((Term("graph"), Not(Term("the"))))) != compile_query(Term("graph"))
    clause = compile_query(And((Term("to"), Term("be"))))
    assert isinstance(clause, Bool)
    assert len(clause.must) == 2


def test_guards_stand_before_the_engine() -> None:
    with pytest.raises(QueryTooLarge):
        compile_query(Prefix("a"))
    with pytest.raises(QueryTooLarge):
        compile_query(Or(tuple(Term(f"word{n}") for n in range(10_000))))


def test_phrase_parts_weigh_by_field() -> None:
    clause = compile_query(Phrase("neural networks", "abstract"))
    assert isinstance(clause, Bool)
    assert clause.must == (PhraseMatch("abstract", ((0, "neural"), (1, "network")), ABSTRACT.weight),)
