from __future__ import annotations

from search.engines.clauses import (
    All,
    Bool,
    Constant,
    FuzzyMatch,
    Marks,
    PhraseMatch,
    PrefixMatch,
    TokenMatch,
    leaf_text,
    scored_leaves,
)

GRAPH = TokenMatch("title", "graph", 1.0)
ROW = PhraseMatch("title", ((0, "graph"), (1, "network")), 1.0)


def test_scored_leaves_are_those_that_can_add_to_a_score() -> None:
    clause = Bool(must=(Bool(should=(GRAPH, Marks(frozenset({"c:cs.cl"})))), All()), should=(ROW,), must_not=(GRAPH,))
    assert scored_leaves(clause) == [GRAPH, ROW]
    assert scored_leaves(All()) == []
    assert scored_leaves(Constant(GRAPH, 2.0)) == []  # its score belongs to no single word


def test_leaves_are_written_in_query_syntax() -> None:
    assert leaf_text(GRAPH) == "graph"
    assert leaf_text(ROW) == '"graph network"'
    assert leaf_text(PrefixMatch("title", "gra", 1.0)) == "gra*"
    assert leaf_text(FuzzyMatch("title", "grpah", 1, 1.0)) == "grpah~"
