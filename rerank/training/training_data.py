"""Training data: graded lists from files, from papers, and batches whose labels differ.

A graded list is one query with texts and labels; only the order of labels counts. A labelled pair is a list of one
text, so files of pairs and files of lists are trained on alike: CoSENT compares all pairs of a batch.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rerank.arrays import Float32s
from rerank.errors import TrainingDataError
from rerank.lexical import LexicalIndex, build_lexical_index

OWN, HARD, FAR = 2.0, 1.0, 0.0  # the paper the query was made from, a neighbour, a random one
HARD_DEPTH = 30  # hard negatives are drawn from so many neighbours
TITLE_SHARE = 0.4  # of queries that are whole titles; the rest are spans of 2 to 5 words
BARE_SHARE = 0.5  # of texts without their title: else matching the title would be all there is to learn
N_FOLDS = 10


class Paper(NamedTuple):
    """The part of a paper that training needs."""

    paper_id: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class GradedList:
    """One query with texts and their labels, higher = better.

    Parameters
    ----------
    without
        Content hashes of texts that may belong to the query too, so that it is not compared with them.
    """

    query: str
    texts: tuple[str, ...]
    labels: tuple[float, ...]
    without: frozenset[bytes] = frozenset()


def read_lists(path: Path) -> list[GradedList]:
    """Graded lists of a JSON-lines file (``.gz`` read as it is).

    Lines are ``{"a", "b", "score"}`` (a labelled pair) or ``{"query", "texts", "labels"}``, where these may also have
    ``repeat``, how often an epoch takes the list, and ``without``, content hashes (hex) of texts to leave out.

    Raises
    ------
    TrainingDataError
        With the line that cannot be used, or if there are none.
    """
    lists = [item for line, row in _rows(path) for item in _to_lists(row, line=line, path=path)]
    if not lists:
        raise TrainingDataError(f"{path} holds no training data.")
    return lists


def read_papers(path: Path) -> list[Paper]:
    """Papers of a JSON-lines file with ``id``, ``title`` and ``abstract``; those without either text are left out."""
    rows = (row for _, row in _rows(path))
    papers = [Paper(str(row.get("id", "")), row.get("title") or "", row.get("abstract") or "") for row in rows]
    return [paper for paper in papers if paper.title and paper.abstract]


def fold_of(paper_id: str) -> int:
    """A number from 0 to 9 that stays with a paper: how training and measuring keep apart.

    >>> fold_of("arxiv:2405.15730") == fold_of("arxiv:2405.15730") < N_FOLDS
    True
    """
    return hashlib.blake2b(paper_id.encode(), digest_size=8).digest()[0] % N_FOLDS


def lists_from_papers(
    papers: Sequence[Paper],
    *,
    n_lists: int,
    rng: np.random.Generator,
    n_hard: int = 3,
    n_random: int = 3,
    vectors: Float32s | None = None,
    lexical: LexicalIndex | None = None,
) -> list[GradedList]:
    """Graded lists without human labels: a title or a span of it as the query; own text 2, neighbours 1, random 0.

    Parameters
    ----------
    vectors : float32, shape (n_papers, dim), unit rows
        If given, half of the neighbours are by embedding of the paper; the others are by BM25 of the query.

    Raises
    ------
    TrainingDataError
        If there are too few papers to draw from.
    """
    if len(papers) <= n_hard + n_random + 1:
        raise TrainingDataError(f"{len(papers)} papers are too few for lists of {1 + n_hard + n_random} texts.")
    index = lexical or build_lexical_index([paper.title for paper in papers], [paper.abstract for paper in papers])
    lists = []
    for row in rng.choice(len(papers), size=n_lists, replace=n_lists > len(papers)):
        query = sample_query(papers[row].title, rng=rng)
        near = _neighbours(int(row), query, index, vectors, n_hard=n_hard, rng=rng)
        far = rng.integers(len(papers), size=n_random)
        rows = [int(row), *near, *(int(other) for other in far if other != row and other not in near)]
        labels = [OWN] + [HARD] * len(near) + [FAR] * (len(rows) - 1 - len(near))
        texts = tuple(paper_text(papers[at], bare=rng.random() < BARE_SHARE) for at in rows)
        lists.append(GradedList(query, texts, tuple(labels)))
    return lists


def sample_query(title: str, *, rng: np.random.Generator, title_share: float = TITLE_SHARE) -> str:
    """The title, or a span of 2 to 5 of its words that neither begins nor ends with a short one."""
    words = title.split()
    if len(words) <= 3 or rng.random() < title_share:
        return title
    for _ in range(8):
        size = int(rng.integers(2, 6))
        start = int(rng.integers(0, max(1, len(words) - size + 1)))
        span = words[start : start + size]
        if len(span[0]) > 3 and len(span[-1]) > 3:
            return " ".join(span).strip(".,:;")
    return title


def paper_text(paper: Paper, *, bare: bool = False) -> str:
    """The text of a paper that models read: title and abstract, or the abstract alone."""
    return paper.abstract if bare else f"{paper.title}. {paper.abstract}"


def mixed_batches(
    lists: Sequence[GradedList], *, size: int, rng: np.random.Generator, in_batch: bool = False
) -> list[list[GradedList]]:
    """Batches of `size` lists in which labels are spread evenly, because a batch with one label teaches nothing.

    Each kind of list (by its mean label) is shuffled and dealt out over the whole epoch; the last short batch joins the
    one before it. With `in_batch` texts of other lists are compared too, as far ones.

    Raises
    ------
    TrainingDataError
        If all labels that are compared are equal.
    """
    means = np.array([np.mean(item.labels) for item in lists])
    if len({label for item in lists for label in item.labels} | ({FAR} if in_batch else set())) < 2:
        raise TrainingDataError("All labels are equal: there is no order to learn.")
    place = np.empty(len(lists))
    for value in np.unique(means):
        rows = rng.permutation(np.flatnonzero(means == value))
        place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
    order = np.argsort(place, kind="stable")
    cuts = range(0, len(lists), size)
    batches = [[lists[row] for row in order[at : at + size]] for at in cuts]
    if len(batches) > 1 and len(batches[-1]) < size:
        batches[-2].extend(batches.pop())
    return batches


def data_hash(lists: Sequence[GradedList]) -> str:
    """Hash of the training data, written beside the weights."""
    digest = hashlib.sha256()
    for item in lists:
        left_out = [sorted(key.hex() for key in item.without)] if item.without else []
        digest.update(json.dumps([item.query, item.texts, item.labels, *left_out]).encode())
    return digest.hexdigest()


def _neighbours(
    row: int,
    query: str,
    index: LexicalIndex,
    vectors: Float32s | None,
    *,
    n_hard: int,
    rng: np.random.Generator,
) -> list[int]:
    lexical = index.top(query, depth=HARD_DEPTH + 1)
    by_words = rng.permutation(lexical[lexical != row])
    by_vector = np.empty(0, dtype=np.int64)
    if vectors is not None:
        similarity = vectors @ vectors[row]  # (n_papers,)
        nearest = np.argpartition(-similarity, min(HARD_DEPTH + 1, len(similarity) - 1))[: HARD_DEPTH + 1]
        by_vector = rng.permutation(nearest[nearest != row])
    n_vector = min(len(by_vector), n_hard // 2 if len(by_words) >= n_hard - n_hard // 2 else n_hard)
    chosen = dict.fromkeys([*by_vector[:n_vector].tolist(), *by_words.tolist()])
    return list(chosen)[:n_hard]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            for line, text in enumerate(stream, start=1):
                if text.strip():
                    yield line, _parse(text, line=line, path=path)
    except (OSError, EOFError, UnicodeDecodeError) as exc:
        raise TrainingDataError(f"{path} cannot be read ({exc}).") from exc


def _parse(text: str, *, line: int, path: Path) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError as exc:
        raise TrainingDataError(f"{path}, line {line}: not JSON ({exc}).", line=line) from exc
    if not isinstance(row, dict):
        raise TrainingDataError(f"{path}, line {line}: an object is wanted, not {type(row).__name__}.", line=line)
    return row


def _to_lists(row: dict[str, Any], *, line: int, path: Path) -> list[GradedList]:
    try:
        if "texts" in row:
            without = frozenset(bytes.fromhex(key) for key in row.get("without", ()))
            item = GradedList(
                str(row["query"]), tuple(map(str, row["texts"])), tuple(map(float, row["labels"])), without
            )
        else:
            item = GradedList(str(row["a"]), (str(row["b"]),), (float(row["score"]),))
        repeat = int(row.get("repeat", 1))
    except (KeyError, TypeError, ValueError) as exc:
        raise TrainingDataError(
            f"{path}, line {line}: a pair (a, b, score) or a list (query, texts, labels) is wanted ({exc!r}).",
            line=line,
        ) from exc
    if len(item.texts) != len(item.labels) or not item.texts or not np.isfinite(item.labels).all() or repeat < 1:
        raise TrainingDataError(f"{path}, line {line}: as many finite labels as texts are wanted.", line=line)
    return [item] * repeat
