"""Judged queries and the vectors of what they search, as a library keeps them.

A library holds vectors of ``SHARED/papers.jsonl.gz`` and, in its folder ``evaluation``, of the sets with documents of
their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings

from bench.search.search_corpus import JUDGED_ONLY, OF_PAPERS_ASKED, Qrels, read_qrels, read_queries
from rerank.arrays import Float32s, Ints
from rerank.encoders.encoder import Encoder
from rerank.evaluation import top_rows
from rerank.vectors.index import VectorIndex, open_vectors


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries with something relevant, their judgments, and the vectors of all documents."""

    name: str
    queries: dict[str, str]
    qrels: Qrels
    vectors: VectorIndex


def read_judged(name: str, *, model_hash: str) -> Judged:
    """A judged set with the vectors of the library COOLPAPERS_DATA_DIR."""
    own = settings.DATA_DIR / "evaluation" / name / "vectors"
    folder: Path = own if own.is_dir() else settings.DATA_DIR / "vectors"
    qrels = read_qrels(name)
    queries = {key: text for key, text in read_queries(name).items() if any(qrels.get(key, {}).values())}
    return Judged(name, queries, qrels, open_vectors(folder, model_hash=model_hash))


def shares_above(judged: Judged, encoder: Encoder, floor: float) -> tuple[float, float]:
    """Which share of the relevant documents, and of all, is at least that near to a query; means over queries."""
    vectors, known, everything = judged.vectors, list[float](), list[float]()
    for query, vector in zip(judged.queries, encoder.encode_queries(list(judged.queries.values())), strict=True):
        is_above = vectors.vectors @ vector >= floor
        relevant = [
            vectors.row_of[key] for key, grade in judged.qrels[query].items() if grade and key in vectors.row_of
        ]
        known.append(float(is_above[relevant].mean()))
        everything.append(float(is_above[vectors.alive].mean()))
    return float(np.mean(known)), float(np.mean(everything))


def nearest(judged: Judged, encoder: Encoder, *, depth: int, dim: int | None = None) -> dict[str, Sequence[str]]:
    """The nearest documents of each query by exact cosine, of the first ``dim`` numbers of the vectors.

    A paper as the query has its own vector, and is left out.
    """
    is_of_papers = judged.name in OF_PAPERS_ASKED  # elsewhere a query and a document may have the same id
    vectors = judged.vectors
    rows = vectors.vectors[:, :dim]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    papers = {query: vectors.vector(query) if is_of_papers else None for query in judged.queries}
    asked = [text for query, text in judged.queries.items() if papers[query] is None]
    embedded = iter(encoder.encode_queries(asked))
    found: dict[str, Sequence[str]] = {}
    for query, paper in papers.items():
        cosines = rows @ (next(embedded) if paper is None else paper)[:dim]
        cosines = np.where(vectors.alive, cosines, -np.inf)
        if paper is not None:
            cosines[vectors.row_of[query]] = -np.inf
        found[query] = vectors.ids_of(_best(judged, query, cosines, depth))
    return found


def _best(judged: Judged, query: str, cosines: Float32s, depth: int) -> Ints:
    if judged.name not in JUDGED_ONLY:
        return top_rows(cosines, k=depth)
    row_of = judged.vectors.row_of
    rows = np.array([row_of[key] for key in judged.qrels[query] if key in row_of], dtype=np.int64)
    return rows[np.argsort(-cosines[rows], kind="stable")]
