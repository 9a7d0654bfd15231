"""In-batch comparisons: the texts that each query of a batch is compared with, and their labels.

Texts of other lists have the label :data:`OTHER`; for an encoder these comparisons cost one matrix product. A query is
not compared with texts of its other lists, with texts equal to itself or to its own texts, and with the texts that its
list excludes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rerank.arrays import Float32s, Mask, Rows
from rerank.artifacts import content_hash
from rerank.training.training_data import FAR, GradedList

OTHER = FAR  # label of a text of another list: it is a random text


def label_matrix(batch: Sequence[GradedList], *, in_batch: bool) -> tuple[Float32s, Mask]:
    """Labels of every text of a batch for every query, and which of them are compared.

    Returns
    -------
    labels : float32, shape (n_lists, n_texts)
        The labels of a list's own texts; :data:`OTHER` for all others.
    used : bool, same shape
        Own texts; with `in_batch` also texts of other queries' lists that are not excluded.
    """
    owners = owners_of(batch)
    own = owners[None, :] == np.arange(len(batch))[:, None]  # (n_lists, n_texts)
    labels = np.where(own, np.array(labels_of(batch), dtype=np.float32)[None, :], np.float32(OTHER))
    if not in_batch:
        return labels, own
    texts = [text for item in batch for text in item.texts]
    number_of = {query: number for number, query in enumerate(dict.fromkeys(item.query for item in batch))}
    queries = np.array([number_of[item.query] for item in batch])
    used = own | (queries[:, None] != queries[owners][None, :])
    for row, item in enumerate(batch):
        excluded = {*item.texts, item.query}
        used[row] &= own[row] | np.array([text not in excluded for text in texts])
        if item.without:
            used[row] &= own[row] | np.array([content_hash(text) not in item.without for text in texts])
    return labels, used


def row_matrix(
    batch: Sequence[GradedList], own: Sequence[Rows], excluded: Sequence[Rows], others: Rows
) -> tuple[Rows, Float32s, Mask]:
    """:func:`label_matrix` for texts that are rows of one table, with further rows of it as negatives.

    Parameters
    ----------
    own : one array per list
        Rows of its texts.
    excluded : one array per list
        Rows that its query is not compared with, such as that of the query itself; −1 is ignored.
    others : int64, shape (n_others,)
        Rows that every query is compared with as well.

    Returns
    -------
    rows : int64, shape (n_columns,)
        The rows of the batch and the others, each once.
    labels, used : shape (n_lists, n_columns)
    """
    columns = np.unique(np.concatenate([*own, others]))
    labels = np.full((len(batch), len(columns)), OTHER, dtype=np.float32)
    used = np.ones(labels.shape, dtype=bool)
    rows_of_query: dict[str, list[Rows]] = {}
    for item, rows in zip(batch, own, strict=True):
        rows_of_query.setdefault(item.query, []).append(rows)
    for number, (item, rows) in enumerate(zip(batch, own, strict=True)):
        used[number, np.searchsorted(columns, np.concatenate(rows_of_query[item.query]))] = False
        used[number, np.isin(columns, excluded[number])] = False
        positions = np.searchsorted(columns, rows)
        labels[number, positions] = item.labels
        used[number, positions] = True
    return columns, labels, used


def owners_of(batch: Sequence[GradedList]) -> Rows:
    """For each text of a batch, the number of its list, shape (n_texts,)."""
    return np.repeat(np.arange(len(batch)), [len(item.texts) for item in batch])


def labels_of(batch: Sequence[GradedList]) -> list[float]:
    """Labels of all texts of a batch, list by list."""
    return [label for item in batch for label in item.labels]
