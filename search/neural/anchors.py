"""What anchor scores teach the reranking stage: built by a command, opened by the stage. Start at :func:`build`.

A door to the neural library (the fourth, beside ``search.neural.dense``, ``search.neural.rerankers`` and
``search.neural.measures``): reranking a page and preparing for it offline are two subjects.

Anchor queries are titles and spans of titles of papers spread over the library by k-means on their vectors; each is
scored against some papers near it and some drawn at random (without those, far papers' scores cannot be learnt). From
the scores :mod:`rerank.budget.calibration` fits what a query's budget of calls starts from. Papers that came later
have no row; the stage scores them first.

The folder holds ``scores/``, ``lexical/`` and ``calibration/``, each replaced whole, ``plan.json`` (which pairs; so
that a stopped build goes on and a later one keeps its scores) and ``papers.json``, written last: without it, or where
it speaks of another build, the folder counts as half written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search.base.aliases import Ranking, ShouldStop, never_stop
from search.base.files import read_json, write_json
from search.errors import AnchorsBroken
from search.neural.dense import VectorRetriever
from search.neural.texts import reranking_text
from search.neural.vector_search import VectorSearch

if TYPE_CHECKING:
    from rerank.budget.calibration import Calibration
    from rerank.budget.correlations import RowCorrelations
    from rerank.budget.retrieval import Estimate
    from rerank.budget.tiles import Progress, TileScorer
    from rerank.lexical import LexicalIndex, Matches
    from search.base.aliases import Floats, Mask, Rows

PAPERS = "papers.json"
PLAN = "plan.json"
CLUSTERED = 20_000  # papers that k-means looks at: more do not spread 64 queries better
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class AnchorPaper:
    """What a build reads of a paper."""

    key: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built; ``is_finished`` False: it was stopped, and the next run goes on."""

    n_queries: int
    n_papers: int
    n_pairs: int
    is_finished: bool


@dataclass(frozen=True)
class Anchors:
    """A finished build, opened."""

    calibration: Calibration
    lexical: LexicalIndex
    row_of: Mapping[str, int]

    @cached_property
    def _correlations(self) -> RowCorrelations:
        """Prepared at the first request; its memory is bounded (``rerank.budget.correlations.MAX_TABLE_BYTES``)."""
        from rerank.budget.correlations import RowCorrelations

        return RowCorrelations(self.calibration.residuals)

    @cached_property
    def _keys(self) -> list[str]:
        return list(self.row_of)

    def neighbours(self, key: str, *, depth: int) -> Ranking:
        """Papers that the anchor queries scored like a paper: (key, correlation of residuals), best first.

        Residuals are compared instead of scores, because the ranking by words and vectors already contains what the
        prior explains. A paper that came after the build has no row and no neighbours.
        """
        if key not in self.row_of:
            return []
        rows, correlations = self._correlations.nearest(self.row_of[key], depth=depth)
        return [(self._keys[row], value) for row, value in zip(rows.tolist(), correlations.tolist(), strict=True)]

    def estimate(
        self, query: str, query_vector: Floats, keys: Sequence[str], similarity: Floats, vectors: Floats
    ) -> tuple[Estimate, Rows]:
        """What is believed of a pool before any call, and which of its rows the build did not know.

        Parameters
        ----------
        query_vector : (dim,)
        similarity : (n_keys,)
        vectors : (n_keys, dim)
        """
        from rerank.budget.prior import pair_features

        rows = np.array([self.row_of.get(key, -1) for key in keys], dtype=np.int64)
        known = rows >= 0
        matches = _spread(self.lexical.match(query, rows[known]), known)
        pool = replace(
            self.calibration,
            residuals=_rows_of(self.calibration.residuals, rows, known),
            loo_residuals=_rows_of(self.calibration.loo_residuals, rows, known),
        )
        features = pair_features(similarity, matches)
        return pool.estimate(features, query_vector, vectors, np.arange(len(keys))), np.flatnonzero(~known)


def open_anchors(folder: Path, *, model_hash: str, encoder_hash: str) -> Anchors | None:
    """The build in a folder; None where there is none.

    Raises
    ------
    AnchorsBroken
        If it is half written, or of another cross-encoder or encoder.
    """
    from rerank.budget.calibration import Calibration
    from rerank.errors import ArtifactError
    from rerank.lexical import LexicalIndex

    if not (folder / PAPERS).exists():
        return None
    state = read_json(folder / PAPERS)
    cure = "run manage.py build_anchors"
    if not isinstance(state, dict) or state.get("build") != build_stamp(folder):
        raise AnchorsBroken(f"The anchors in {folder} are half written; {cure}.")
    if state.get("encoder_hash") != encoder_hash:
        raise AnchorsBroken(f"The anchors in {folder} were built with another encoder; {cure}.")
    try:
        calibration = Calibration.load(folder / "calibration", model_hash=model_hash)
        lexical = LexicalIndex.load(folder / "lexical")
    except (ArtifactError, OSError) as exc:
        raise AnchorsBroken(f"{exc} ({cure})") from exc
    return Anchors(calibration, lexical, {key: row for row, key in enumerate(state["keys"])})


def build(
    folder: Path,
    papers: Iterable[AnchorPaper],
    *,
    dense: VectorRetriever,
    scorer: TileScorer,
    n_queries: int,
    n_per_query: int,
    rng: np.random.Generator,
    should_stop: ShouldStop = never_stop,
    progress: Callable[[Progress], None] | None = None,
) -> BuildReport:
    """Score the anchor pairs and fit to them; what is scored already is not again.

    Raises
    ------
    DenseUnavailable
        If there are no vectors, or the encoder does not load.
    AnchorsBroken
        If the library is too small, another process is building, or the model answers nonsense.
    """
    from rerank.budget.anchors import build_anchors
    from rerank.budget.tiles import AnchorJob
    from rerank.errors import RerankError

    by_key = {paper.key: paper for paper in papers}
    keys, vectors = dense.vectors_of(list(by_key))
    if len(keys) < max(4, n_queries):
        raise AnchorsBroken(f"{len(keys)} papers have vectors; {n_queries} anchor queries want at least as many.")
    library = [by_key[key] for key in keys]
    plan = _plan(folder, library, vectors, dense, n_queries=n_queries, n_per_query=n_per_query, rng=rng)
    row_of = {key: row for row, key in enumerate(keys)}
    planned = np.array([[row_of[key] for key in chosen] for chosen in plan.values()])  # (n_queries, n_per_query)
    used, items = np.unique(planned, return_inverse=True)
    texts = [reranking_text(library[row].title, library[row].abstract) for row in used]
    job = AnchorJob(queries=list(plan), texts=texts, items=items.reshape(planned.shape).astype(np.int32))
    report = BuildReport(len(plan), len(keys), planned.size, is_finished=True)
    try:
        anchors = build_anchors([scorer], job, folder=folder / "scores", stop=should_stop, progress=progress)
        if anchors is None:
            return replace(report, is_finished=False)
        scores = np.full((len(plan), len(keys)), np.nan, dtype=np.float32)
        np.put_along_axis(scores, planned, np.asarray(anchors.scores), axis=1)
        _fit(folder, library, list(plan), scores, vectors, dense=dense, scorer=scorer, rng=rng)
    except RerankError as exc:
        raise AnchorsBroken(str(exc)) from exc
    return report


def _fit(
    folder: Path,
    library: Sequence[AnchorPaper],
    queries: Sequence[str],
    scores: Floats,
    vectors: Floats,
    *,
    dense: VectorRetriever,
    scorer: TileScorer,
    rng: np.random.Generator,
) -> None:
    from rerank.budget.calibration import calibrate
    from rerank.budget.prior import pair_features
    from rerank.lexical import build_lexical_index

    lexical = build_lexical_index([paper.title for paper in library], [paper.abstract for paper in library])
    query_vectors = VectorSearch(dense, PATIENCE_S).encode_queries(queries)  # (n_queries, dim)

    def features(anchor: int, rows: Rows) -> Floats:
        return pair_features(vectors[rows] @ query_vectors[anchor], lexical.match(queries[anchor], rows))

    calibration = calibrate(
        scores, features, query_vectors, vectors, rng=rng, model=scorer.name, model_hash=scorer.model_hash
    )
    lexical.save(folder / "lexical")
    calibration.save(folder / "calibration")
    keys = [paper.key for paper in library]
    write_json(folder / PAPERS, {"build": build_stamp(folder), "encoder_hash": dense.query_hash(), "keys": keys})


def build_stamp(folder: Path) -> list[int]:
    """Which build of each part lies there; zeros where a part is missing."""
    from rerank.artifacts import MANIFEST

    manifests = (folder / part / MANIFEST for part in ("lexical", "calibration"))
    return [path.stat().st_mtime_ns if path.exists() else 0 for path in manifests]


def _plan(
    folder: Path,
    library: Sequence[AnchorPaper],
    vectors: Floats,
    dense: VectorRetriever,
    *,
    n_queries: int,
    n_per_query: int,
    rng: np.random.Generator,
) -> dict[str, list[str]]:
    """Anchor queries and the keys of the papers each is scored against; the plan before, where it still fits."""
    n_per_query = min(n_per_query, len(library))
    keys = {paper.key for paper in library}
    kept = read_json(folder / PLAN)
    if isinstance(kept, dict) and len(kept) == n_queries:
        fits = (len(chosen) == n_per_query and keys.issuperset(chosen) for chosen in kept.values())
        if all(fits):
            return kept
    queries = _choose_queries(library, vectors, n_queries=n_queries, rng=rng)
    plan = {}
    vector_search = VectorSearch(dense, PATIENCE_S)
    for query in sorted(queries):  # as the file gives them back: in another order a stopped build would begin anew
        near = [key for key, _score in vector_search.retrieve(query, depth=n_per_query // 2) if key in keys]
        others = sorted(keys.difference(near))
        drawn = rng.choice(len(others), size=n_per_query - len(near), replace=False)
        plan[query] = [*near, *(others[row] for row in drawn)]
    write_json(folder / PLAN, plan)
    return plan


def _choose_queries(
    library: Sequence[AnchorPaper], vectors: Floats, *, n_queries: int, rng: np.random.Generator
) -> list[str]:
    """Titles and spans of titles of papers spread over the library, each text once."""
    from rerank.budget.selection import kmeans
    from rerank.training.training_data import sample_query

    looked_at = rng.permutation(len(library))[:CLUSTERED]
    spread = looked_at[kmeans(np.asarray(vectors)[looked_at], n_anchors=n_queries, rng=rng)]
    queries = dict.fromkeys(sample_query(library[row].title, rng=rng) for row in spread)
    for row in looked_at:  # spans that came twice are made up for by whole titles
        if len(queries) >= n_queries:
            break
        queries.setdefault(library[row].title)
    return list(queries)


def _spread(matches: Matches, known: Mask) -> Matches:
    """Matches of the known rows at their places in the pool, 0 elsewhere."""
    columns = {}
    for name in ("bm25", "title_bm25", "title_coverage", "text_coverage"):
        column = np.zeros(len(known), dtype=np.float32)
        column[known] = getattr(matches, name)
        columns[name] = column
    return replace(matches, **columns)


def _rows_of(table: Floats, rows: Rows, known: Mask) -> Floats:
    """The pool's rows of a table over the library, 0 where the build did not know the paper."""
    found = np.zeros((len(rows), table.shape[1]), dtype=np.float32)
    found[known] = table[rows[known]]
    return found
