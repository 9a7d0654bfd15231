"""Training data: graded lists read from files or made from papers, and batches with different labels.

A graded list is a query with texts and labels; only the order of the labels matters. A labelled pair is a list of one
text. CoSENT compares all texts of a batch, so pairs and lists are trained on in the same way.
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

OWN, HARD, FAR = 2.0, 1.0, 0.0  # labels of the paper that the query was made from, of a neighbour, of a random paper
HARD_DEPTH = 30  # number of neighbours that hard negatives are drawn from
TITLE_SHARE = 0.4  # share of queries that are whole titles; the rest are spans of 2 to 5 words
BARE_SHARE = 0.5  # share of texts without the title; with all titles, matching the title would suffice
N_FOLDS = 10  # of the papers, by hash


class Paper(NamedTuple):
    """The fields of a paper that training uses."""

    paper_id: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class GradedList:
    """A query with texts and their labels; a higher label means more relevant.

    Parameters
    ----------
    without
        Content hashes of texts that the query is not compared with, because they may be relevant too.
    """

    query: str
    texts: tuple[str, ...]
    labels: tuple[float, ...]
    without: frozenset[bytes] = frozenset()


def read_lists(path: Path) -> list[GradedList]:
    """Read graded lists from a JSON-lines file, compressed if its name ends in ``.gz``.

    A line is a labelled pair ``{"a", "b", "score"}`` or a list ``{"query", "texts", "labels"}``. A list may have
    ``repeat``, how often it occurs in an epoch, and ``without``, content hashes (hex) of texts that the query is not
    compared with.

    Raises
    ------
    TrainingDataError
        If a line is invalid (the error has its number), or the file is empty or unreadable.
    """
    lists = [item for line, row in _rows(path) for item in _to_lists(row, line=line, path=path)]
    if not lists:
        raise TrainingDataError(f"{path} contains no training data.")
    return lists


def read_papers(path: Path) -> list[Paper]:
    """Read papers from a JSON-lines file with ``id``, ``title`` and ``abstract``; incomplete ones are skipped."""
    rows = (row for _, row in _rows(path))
    papers = [Paper(str(row.get("id", "")), row.get("title") or "", row.get("abstract") or "") for row in rows]
    return [paper for paper in papers if paper.title and paper.abstract]


def fold_of(paper_id: str) -> int:
    """The fold of a paper, 0 to 9, by the hash of its id: keeps training and evaluation data apart.

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
    """Make graded lists without human labels.

    The query is a paper's title or a span of it. The paper itself has the label 2, neighbours (hard negatives) 1 and
    random papers 0.

    Parameters
    ----------
    vectors : float32, shape (n_papers, dim), unit rows
        If given, half of the hard negatives are the paper's neighbours by these; the others are the query's by BM25.

    Raises
    ------
    TrainingDataError
        If there are not more papers than texts of a list.
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
        texts = tuple(paper_text(papers[paper], bare=rng.random() < BARE_SHARE) for paper in rows)
        lists.append(GradedList(query, texts, tuple(labels)))
    return lists


def sample_query(title: str, *, rng: np.random.Generator, title_share: float = TITLE_SHARE) -> str:
    """The title, or a span of 2 to 5 of its words that does not start or end with a word of up to 3 letters."""
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
    """The text of a paper as input of a model: title and abstract, or the abstract alone if `bare`."""
    return paper.abstract if bare else f"{paper.title}. {paper.abstract}"


def mixed_batches(
    lists: Sequence[GradedList], *, size: int, rng: np.random.Generator, in_batch: bool = False
) -> list[list[GradedList]]:
    """Shuffled batches of `size` lists with evenly mixed labels, since a batch of equal labels has no gradient.

    Lists with the same mean label are shuffled and distributed evenly over the epoch. A last batch of less than `size`
    lists is joined to the one before it. With `in_batch`, texts of other lists are compared too, with the label FAR.

    Raises
    ------
    TrainingDataError
        If all labels that are compared are equal.
    """
    means = np.array([np.mean(item.labels) for item in lists])
    if len({label for item in lists for label in item.labels} | ({FAR} if in_batch else set())) < 2:
        raise TrainingDataError("All labels are equal: there is no order to learn.")
    position = np.empty(len(lists))  # in the epoch, from 0 to 1
    for mean in np.unique(means):
        rows = rng.permutation(np.flatnonzero(means == mean))
        position[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
    order = np.argsort(position, kind="stable")
    starts = range(0, len(lists), size)
    batches = [[lists[row] for row in order[start : start + size]] for start in starts]
    if len(batches) > 1 and len(batches[-1]) < size:
        batches[-2].extend(batches.pop())
    return batches


def data_hash(lists: Sequence[GradedList]) -> str:
    """SHA-256 of the training data, 64 hex digits."""
    digest = hashlib.sha256()
    for item in lists:
        excluded = [sorted(key.hex() for key in item.without)] if item.without else []
        digest.update(json.dumps([item.query, item.texts, item.labels, *excluded]).encode())
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
    """Hard negatives of a paper: neighbours by its vector and by BM25 of the query, drawn at random."""
    best = index.top(query, depth=HARD_DEPTH + 1)
    by_words = rng.permutation(best[best != row])
    by_vector = np.empty(0, dtype=np.int64)
    if vectors is not None:
        similarity = vectors @ vectors[row]  # (n_papers,)
        nearest = np.argpartition(-similarity, min(HARD_DEPTH + 1, len(similarity) - 1))[: HARD_DEPTH + 1]
        by_vector = rng.permutation(nearest[nearest != row])
    n_vector = min(len(by_vector), n_hard // 2 if len(by_words) >= n_hard - n_hard // 2 else n_hard)
    negatives = dict.fromkeys([*by_vector[:n_vector].tolist(), *by_words.tolist()])
    return list(negatives)[:n_hard]


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
        raise TrainingDataError(f"{path}, line {line}: expected an object, got {type(row).__name__}.", line=line)
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
            f"{path}, line {line}: expected a pair (a, b, score) or a list (query, texts, labels): {exc!r}.",
            line=line,
        ) from exc
    if len(item.texts) != len(item.labels) or not item.texts or not np.isfinite(item.labels).all() or repeat < 1:
        raise TrainingDataError(
            f"{path}, line {line}: expected as many finite labels as texts, at least one, and a repeat of at least 1.",
            line=line,
        )
    return [item] * repeat
