"""Which texts a query of a batch is compared with."""

from __future__ import annotations

import numpy as np

from rerank.artifacts import content_hash
from rerank.training.comparisons import OTHER, label_matrix, row_matrix
from rerank.training.training_data import GradedList

LISTS = [
    GradedList("graph networks", ("graph attention network", "prime gaps"), (2.0, 1.0)),
    GradedList("prime", ("prime numbers", "speech translation"), (2.0, 1.0)),
    GradedList("prime", ("prime gaps theorem", "quantum field"), (2.0, 0.5)),
    GradedList("prime gaps", ("gaps of prime numbers",), (2.0,)),
]


def test_texts_of_other_lists_count_but_not_those_of_the_same_query_or_of_its_own() -> None:
    labels, used = label_matrix(LISTS, in_batch=True)
    assert labels.tolist() == [
        [2, 1, OTHER, OTHER, OTHER, OTHER, OTHER],
        [OTHER, OTHER, 2, 1, OTHER, OTHER, OTHER],
        [OTHER, OTHER, OTHER, OTHER, 2, 0.5, OTHER],
        [OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, 2],
    ]
    assert used.astype(int).tolist() == [
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 0, 0, 1],
        [1, 1, 0, 0, 1, 1, 1],
        [1, 0, 1, 1, 1, 1, 1],  # "prime gaps" is that query itself
    ]


def test_without_in_batch_each_query_has_its_own_texts() -> None:
    _, used = label_matrix(LISTS, in_batch=False)
    assert used.sum(axis=1).tolist() == [2, 2, 2, 1]
    assert used.sum(axis=0).tolist() == [1] * 7


def test_rows_of_a_table_are_compared_as_the_texts_themselves_are() -> None:
    table = list(dict.fromkeys(text for item in LISTS for text in item.texts))
    own = [np.array([table.index(text) for text in item.texts]) for item in LISTS]
    held = [np.array([table.index(item.query) if item.query in table else -1]) for item in LISTS]
    columns, labels, used = row_matrix(LISTS, own, held, np.empty(0, dtype=np.int64))
    expected_labels, expected_used = label_matrix(LISTS, in_batch=True)
    assert [table[row] for row in columns] == [text for item in LISTS for text in item.texts]
    assert used.tolist() == expected_used.tolist()
    assert np.where(used, labels, 9).tolist() == np.where(expected_used, expected_labels, 9).tolist()


def test_other_rows_are_negatives_and_a_repeated_row_is_one_column() -> None:
    batch = [GradedList("prime", ("numbers",), (2.0,)), GradedList("graph", ("network", "numbers"), (1.0, 2.0))]
    own = [np.array([4]), np.array([7, 4])]
    columns, labels, used = row_matrix(batch, own, [np.array([-1]), np.array([9])], np.array([9, 4, 2]))
    assert columns.tolist() == [2, 4, 7, 9]
    assert labels.tolist() == [[OTHER, 2, OTHER, OTHER], [OTHER, 2, 1, OTHER]]
    assert used.tolist() == [[True, True, True, True], [True, True, True, False]]  # row 9 is the second query itself


def test_excluded_texts_are_never_compared_with_their_query() -> None:
    near = GradedList("prime", ("numbers",), (2.0,), without=frozenset({content_hash("network"), content_hash("gaps")}))
    batch = [near, GradedList("graph", ("network", "attention"), (2.0, 1.0))]
    _, used = label_matrix(batch, in_batch=True)
    assert used.tolist() == [[True, False, True], [True, True, True]]
    rows = row_matrix(batch, [np.array([0]), np.array([1, 2])], [np.array([1, -1]), np.array([-1])], np.array([3]))
    assert rows[2].tolist() == [[True, False, True, True], [True, True, True, True]]
