"""Judged queries, and the vectors of the documents that they search, from a library.

A library holds vectors of ``SHARED/papers.jsonl.gz`` and, in its folder ``evaluation``, of the sets with their own
documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings

from bench.search.search_corpus import JUDGED_ONLY, PAPERS_AS_QUERIES, Qrels, read_qrels, read_queries
from rerank.arrays import Float32s, Rows
from rerank.encoders.encoder import Encoder
from rerank.evaluation import top_rows
from rerank.vectors.index import VectorIndex, open_vectors


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries that have a relevant document, their judgements, and the vectors of all documents."""

    name: str
    queries: dict[str, str]
    qrels: Qrels
    vectors: VectorIndex


def read_judged(name: str, *, model_hash: str) -> Judged:
    """A judged set with its vectors from the library in COOLPAPERS_DATA_DIR."""
    own = settings.DATA_DIR / "evaluation" / name / "vectors"
    folder: Path = own if own.is_dir() else settings.DATA_DIR / "vectors"
    qrels = read_qrels(name)
    queries = {key: text for key, text in read_queries(name).items() if any(qrels.get(key, {}).values())}
    return Judged(name, queries, qrels, open_vectors(folder, model_hash=model_hash))


def shares_above(judged: Judged, encoder: Encoder, floor: float) -> tuple[float, float]:
    """Mean shares of the relevant documents, and of all documents, with a cosine of at least `floor`."""
    vectors, of_relevant, of_all = judged.vectors, list[float](), list[float]()
    for query, vector in zip(judged.queries, encoder.encode_queries(list(judged.queries.values())), strict=True):
        is_above = np.asarray(vectors.vectors) @ vector >= floor
        relevant = vectors.rows_of([key for key, grade in judged.qrels[query].items() if grade])
        of_relevant.append(float(is_above[relevant[relevant >= 0]].mean()))
        of_all.append(float(is_above[vectors.alive].mean()))
    return float(np.mean(of_relevant)), float(np.mean(of_all))


def nearest(judged: Judged, encoder: Encoder, *, depth: int, dim: int | None = None) -> dict[str, Sequence[str]]:
    """The nearest documents of each query by exact cosine of vectors truncated to ``dim``.

    A paper that is a query has its own vector, and is not among its results.
    """
    is_paper = judged.name in PAPERS_AS_QUERIES  # in other sets, a query and a document may have the same id
    vectors = judged.vectors
    rows = np.asarray(vectors.vectors)[:, :dim]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    paper_vectors = {query: vectors.vector(query) if is_paper else None for query in judged.queries}
    texts = [text for query, text in judged.queries.items() if paper_vectors[query] is None]
    embedded = iter(encoder.encode_queries(texts))
    rankings: dict[str, Sequence[str]] = {}
    for query, vector in paper_vectors.items():
        cosines = rows @ (next(embedded) if vector is None else vector)[:dim]
        cosines = np.where(vectors.alive, cosines, -np.inf)
        if vector is not None:
            cosines[vectors.rows_of([query])] = -np.inf
        rankings[query] = vectors.ids_of(_best(judged, query, cosines, depth))
    return rankings


def _best(judged: Judged, query: str, cosines: Float32s, depth: int) -> Rows:
    """Rows of the nearest documents; in some sets, only judged documents are ranked."""
    if judged.name not in JUDGED_ONLY:
        return top_rows(cosines, k=depth)
    rows = judged.vectors.rows_of(list(judged.qrels[query]))
    rows = rows[rows >= 0]
    return rows[np.argsort(-cosines[rows], kind="stable")]
