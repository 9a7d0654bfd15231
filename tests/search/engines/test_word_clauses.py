from __future__ import annotations

from search.engines.clauses import (
    Bool,
    Clause,
    FuzzyMatch,
    KeyIn,
    NameMatch,
    Nothing,
    PhraseMatch,
    PrefixMatch,
    TokenMatch,
)
from search.engines.compiling import compile_query
from search.engines.streams import ABSTRACT, AUTHOR, FIELDS, TITLE
from search.engines.word_clauses import Alternatives, any_of
from search.language.query import Author, Fuzzy, Phrase, Prefix, Term


def test_alternatives_are_one_flat_list_with_summed_weights() -> None:
    tree, wood = TokenMatch("title", "tree", 1.0), TokenMatch("title", "wood", 0.5)
    keys = KeyIn(frozenset({"p:0"}))
    nested: list[Clause] = [tree, Bool(should=(wood, keys)), Nothing(), TokenMatch("title", "tree", 2.0)]
    assert any_of(nested) == Bool(should=(TokenMatch("title", "tree", 3.0), wood, keys))


def test_one_alternative_stands_alone_and_none_matches_nothing() -> None:
    required = Bool(must=(KeyIn(frozenset({"p:0"})),))
    assert (any_of([required]), Alternatives().clause()) == (required, Nothing())


def test_a_word_of_several_tokens_requires_all_and_scores_adjacent_ones_higher() -> None:
    clause = compile_query(Term("state/of/the/art", "title"))
    assert isinstance(clause, Bool)
    assert len(clause.must) == 2  # of and the are stop words
    (phrase,) = clause.should
    assert isinstance(phrase, PhraseMatch)
    assert [token for _, token in phrase.tokens] == ["state", "of", "the", "art"]
    assert 0 < phrase.weight < TITLE.weight


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


def test_a_hyphen_in_a_phrase_separates_tokens() -> None:
    clause = compile_query(Phrase("multi-task learning", "title"))
    assert isinstance(clause, Bool)
    assert clause.must == (PhraseMatch("title", ((0, "multi"), (1, "task"), (2, "learn")), TITLE.weight),)


def test_a_phrase_must_be_in_one_field() -> None:
    clause = compile_query(Phrase("neural networks"))
    assert isinstance(clause, Bool)
    (phrases,) = clause.must
    assert isinstance(phrases, Bool)
    assert {phrase.stream for phrase in phrases.should if isinstance(phrase, PhraseMatch)} == set(FIELDS)


def test_a_prefix_is_looked_up_among_unstemmed_words() -> None:
    exact = PrefixMatch("title_exact", "networ", TITLE.weight)
    closed = PrefixMatch("title_closed", "networ", TITLE.closed_weight)
    assert compile_query(Prefix("networ", "title")) == Bool(should=(exact, closed))
    assert compile_query(Prefix("深", "title")) == PrefixMatch("title", "深", TITLE.weight)
    clause = compile_query(Prefix("non/invas", "title"))
    assert isinstance(clause, Bool)
    last = clause.must[-1]
    assert isinstance(last, Bool)
    assert PrefixMatch("title_exact", "invas", TITLE.weight) in last.should


def test_a_fuzzy_word_matches_similar_words_and_scores_itself_in_addition() -> None:
    clause = compile_query(Fuzzy("grpah", "title", distance=9))
    assert isinstance(clause, Bool)
    assert FuzzyMatch("title_exact", "grpah", 2, TITLE.weight) in clause.should
    assert TokenMatch("title_exact", "grpah", TITLE.exact_weight) in clause.should


def test_an_author_matches_by_name_and_scores_by_its_words() -> None:
    clause = compile_query(Author("Hinton", "G"))
    assert clause == Bool(must=(NameMatch("hinton|g", ""),), should=(TokenMatch("author", "hinton", AUTHOR.weight),))
    assert compile_query(Author("?", "!")) == Nothing()


def test_a_phrase_has_the_weight_of_its_field() -> None:
    clause = compile_query(Phrase("neural networks", "abstract"))
    assert isinstance(clause, Bool)
    assert clause.must == (PhraseMatch("abstract", ((0, "neural"), (1, "network")), ABSTRACT.weight),)
