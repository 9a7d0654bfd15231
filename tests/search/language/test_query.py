from __future__ import annotations

from search.language.query import (
    And,
    Author,
    Everything,
    Exact,
    Keys,
    Not,
    Or,
    Phrase,
    Term,
    conjoin,
    conjuncts,
    positive_leaves,
    walk,
)
from tests.search.trees import all_of, any_of, without


def test_walking_gives_parents_first_from_left_to_right() -> None:
    tree = all_of("a", any_of("b", without("c")))
    kinds = [type(node).__name__ for node in walk(tree)]
    assert kinds == ["And", "Term", "Or", "Term", "Not", "Term"]


def test_walking_a_deep_tree_does_not_recurse() -> None:
    tree: And | Or | Not | Term = Term("a")
    for _ in range(5_000):
        tree = Not(tree)
    assert sum(1 for _node in walk(tree)) == 5_001


def test_positive_leaves_are_text_leaves_outside_not() -> None:
    tree = all_of("a", Everything(), without("b"), any_of(Phrase("c d"), Exact("category", "cs.CL")), Author("E", "F"))
    assert list(positive_leaves(tree)) == [Term("a"), Phrase("c d"), Author("E", "F")]


def test_conjuncts_are_what_a_tree_joins_by_and() -> None:
    assert conjuncts(all_of("a", "b")) == (Term("a"), Term("b"))
    assert conjuncts(any_of("a", "b")) == (any_of("a", "b"),)
    assert conjuncts(Everything()) == (Everything(),)


def test_conditions_are_joined_to_a_tree_in_one_flat_and() -> None:
    cl = Exact("category", "cs.CL")
    assert conjoin(Term("a"), []) == Term("a")
    assert conjoin(Term("a"), [cl]) == And((Term("a"), cl))
    assert conjoin(all_of("a", "b"), [cl, Keys(frozenset({"k"}))]) == all_of("a", "b", cl, Keys(frozenset({"k"})))
    assert conjoin(any_of("a", "b"), [cl]) == And((any_of("a", "b"), cl))


def test_everything_is_replaced_by_a_condition_but_stays_beside_exclusions() -> None:
    cl = Exact("category", "cs.CL")
    assert conjoin(Everything(), [cl]) == cl
    assert conjoin(Everything(), [cl, Not(Term("a"))]) == And((cl, Not(Term("a"))))
    assert conjoin(Everything(), [Not(cl)]) == And((Everything(), Not(cl)))
