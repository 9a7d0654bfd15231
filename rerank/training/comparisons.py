"""Which texts a query of a batch is compared with, and what each counts for.

Texts of other lists count as :data:`OTHER`: an encoder gets these comparisons for one matrix product. Left out of them
are a query's own texts, those of its other lists, the query itself, and what its list says to leave out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rerank.arrays import Float32s, Mask, Rows
from rerank.artifacts import content_hash
from rerank.training.training_data import FAR, GradedList

OTHER = FAR  # label of a text of another list: as far as a random one, which it is


def label_matrix(batch: Sequence[GradedList], *, in_batch: bool) -> tuple[Float32s, Mask]:
    """Labels of every text of a batch for every query of it, and which of them count.

    Returns
    -------
    labels : float32, shape (n_lists, n_texts)
        A list's own texts have its labels, all others :data:`OTHER`.
    used : bool, same shape
        Own texts; with `in_batch` also texts of lists with other queries, unless the query has that text itself.
    """
    owners = owners_of(batch)
    own = owners[None, :] == np.arange(len(batch))[:, None]  # (n_lists, n_texts)
    labels = np.where(own, np.array(labels_of(batch), dtype=np.float32)[None, :], np.float32(OTHER))
    if not in_batch:
        return labels, own
    texts = [text for item in batch for text in item.texts]
    numbers = {query: number for number, query in enumerate(dict.fromkeys(item.query for item in batch))}
    queries = np.array([numbers[item.query] for item in batch])
    used = own | (queries[:, None] != queries[owners][None, :])
    for row, item in enumerate(batch):
        held = {*item.texts, item.query}
        used[row] &= own[row] | np.array([text not in held for text in texts])
        if item.without:
            used[row] &= own[row] | np.array([content_hash(text) not in item.without for text in texts])
    return labels, used


def row_matrix(
    batch: Sequence[GradedList], own: Sequence[Rows], held: Sequence[Rows], others: Rows
) -> tuple[Rows, Float32s, Mask]:
    """:func:`label_matrix` for texts that are rows of one table, beside other rows of it.

    Parameters
    ----------
    own : one array of rows a list
        Where its texts are.
    held : one array of rows a list
        What the query is not compared with, itself for example; −1 is no row.
    others : int64, any length
        Rows that every query is compared with too.

    Returns
    -------
    rows : int64, shape (n_columns,)
        All rows of the batch and the others, each once.
    labels, used : shape (n_lists, n_columns)
    """
    columns = np.unique(np.concatenate([*own, others]))
    labels = np.full((len(batch), len(columns)), OTHER, dtype=np.float32)
    used = np.ones(labels.shape, dtype=bool)
    same: dict[str, list[Rows]] = {}
    for item, rows in zip(batch, own, strict=True):
        same.setdefault(item.query, []).append(rows)
    for at, (item, rows) in enumerate(zip(batch, own, strict=True)):
        used[at, np.searchsorted(columns, np.concatenate(same[item.query]))] = False
        used[at, np.isin(columns, held[at])] = False
        places = np.searchsorted(columns, rows)
        labels[at, places] = item.labels
        used[at, places] = True
    return columns, labels, used


def owners_of(batch: Sequence[GradedList]) -> Rows:
    """The list that each text of a batch belongs to."""
    return np.repeat(np.arange(len(batch)), [len(item.texts) for item in batch])


def labels_of(batch: Sequence[GradedList]) -> list[float]:
    """Labels of all texts of a batch, in order."""
    return [label for item in batch for label in item.labels]
