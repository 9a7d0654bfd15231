"""Building the anchors of a library: choose queries, score their pairs, fit. Start at :meth:`AnchorBuild.run`.

k-means on the vectors selects papers from all parts of the library; the anchor queries are their titles and spans of
their titles. Each is scored against some similar and some random papers: without the random ones, scores of distant
papers cannot be learnt. :mod:`rerank.budget.fitting` fits the scores.

``plan.json`` in the folder holds the pairs, so that a stopped build resumes and a later one reuses its scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search.base.aliases import ShouldStop, never_stop
from search.base.files import read_json, write_json
from search.errors import AnchorsBroken
from search.neural.anchors import PAPERS, build_stamp, state_checksum
from search.neural.dense import VectorRetriever
from search.neural.texts import reranking_text
from search.neural.vector_search import VectorSearch

if TYPE_CHECKING:
    from rerank.budget.tiles import Progress, TileScorer
    from search.base.aliases import Floats, Rows

    ReportProgress = Callable[[Progress], None]

PLAN = "plan.json"
MAX_CLUSTERED = 20_000  # papers given to k-means: more do not spread 64 queries better
PATIENCE_S = 60.0  # wait for the encoder to load

Plan = dict[str, list[str]]  # anchor query → keys of the papers it is scored against


@dataclass(frozen=True, slots=True)
class AnchorPaper:
    """What a build reads of a paper."""

    key: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built; ``is_finished`` False: it was stopped, and the next run resumes it."""

    n_queries: int
    n_papers: int
    n_pairs: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class _Library:
    """The papers that have a vector: ``vectors`` is (n_papers, dim)."""

    papers: Sequence[AnchorPaper]
    vectors: Floats


@dataclass(frozen=True)
class AnchorBuild:
    """A build of anchors in a folder.

    Attributes
    ----------
    folder : the scores, the plan and the fit
    dense : vectors of the papers, and the encoder of queries
    scorer : the cross-encoder
    n_queries, n_per_query : anchor queries, and papers scored for each
    rng : chooses queries and papers
    revision, origin : of the library whose papers are scored
    """

    folder: Path
    dense: VectorRetriever
    scorer: TileScorer
    n_queries: int
    n_per_query: int
    rng: np.random.Generator
    revision: int = 0
    origin: str = ""

    @cached_property
    def vectors(self) -> VectorSearch:
        """The vectors of one moment and their encoder: other ones may take their place during a build."""
        return VectorSearch(self.dense, PATIENCE_S)

    def run(
        self,
        papers: Iterable[AnchorPaper],
        *,
        should_stop: ShouldStop = never_stop,
        progress: ReportProgress | None = None,
    ) -> BuildReport:
        """Score the anchor pairs that have no score yet, and fit.

        Raises
        ------
        DenseUnavailable
            If there are no vectors, or the encoder does not load.
        AnchorsBroken
            If the library is too small, another process is building, or a score is not finite.
        """
        from rerank.artifacts import build_lock
        from rerank.errors import RerankError

        try:
            with build_lock(self.folder):
                return self._run(papers, should_stop, progress)
        except RerankError as exc:
            raise AnchorsBroken(str(exc)) from exc

    def _run(
        self, papers: Iterable[AnchorPaper], should_stop: ShouldStop, progress: ReportProgress | None
    ) -> BuildReport:
        from rerank.budget.anchors import build_anchors
        from rerank.budget.tiles import AnchorJob

        library = self._library(papers)
        plan = self._plan(library)
        row_of = {paper.key: row for row, paper in enumerate(library.papers)}
        pairs = np.array([[row_of[key] for key in keys] for keys in plan.values()])  # (n_queries, n_per_query)
        rows, items = np.unique(pairs, return_inverse=True)
        texts = [reranking_text(library.papers[row].title, library.papers[row].abstract) for row in rows]
        job = AnchorJob(queries=list(plan), texts=texts, items=items.reshape(pairs.shape).astype(np.int32))
        report = BuildReport(len(plan), len(library.papers), pairs.size, is_finished=True)
        anchors = build_anchors([self.scorer], job, folder=self.folder / "scores", stop=should_stop, progress=progress)
        if anchors is None:
            return replace(report, is_finished=False)
        scores = np.full((len(plan), len(library.papers)), np.nan, dtype=np.float32)
        np.put_along_axis(scores, pairs, np.asarray(anchors.scores), axis=1)
        self._fit(library, list(plan), scores)
        return report

    @staticmethod
    def stored_plan(folder: Path) -> Plan:
        """The plan of the last build in a folder; {} if there is none that can be read."""
        stored = read_json(folder / PLAN)
        is_plan = isinstance(stored, dict) and all(isinstance(keys, list) for keys in stored.values())
        return stored if is_plan else {}

    def _library(self, papers: Iterable[AnchorPaper]) -> _Library:
        by_key = {paper.key: paper for paper in papers}
        keys, vectors = self.vectors.reader.vectors_of(list(by_key))
        if len(keys) < max(4, self.n_queries):
            raise AnchorsBroken(
                f"{len(keys)} papers have vectors; {self.n_queries} anchor queries need at least as many."
            )
        return _Library([by_key[key] for key in keys], vectors)

    def _plan(self, library: _Library) -> Plan:
        """The plan of the folder if it is still valid, else a new one."""
        n_per_query = min(self.n_per_query, len(library.papers))
        keys = {paper.key for paper in library.papers}
        stored = self.stored_plan(self.folder)
        if len(stored) == self.n_queries:
            fits = (len(chosen) == n_per_query and keys.issuperset(chosen) for chosen in stored.values())
            if all(fits):
                return stored
        plan = {}
        # Sorted, because write_json sorts keys: in another order a stopped build would start again.
        for query in sorted(self._choose_queries(library)):
            similar = [key for key, _score in self.vectors.retrieve(query, depth=n_per_query // 2) if key in keys]
            dissimilar = sorted(keys.difference(similar))
            random_rows = self.rng.choice(len(dissimilar), size=n_per_query - len(similar), replace=False)
            plan[query] = [*similar, *(dissimilar[row] for row in random_rows)]
        write_json(self.folder / PLAN, plan)
        return plan

    def _choose_queries(self, library: _Library) -> list[str]:
        """Titles and spans of titles of papers spread over the library, each text once."""
        from rerank.budget.selection import kmeans
        from rerank.training.training_data import sample_query

        sample = self.rng.permutation(len(library.papers))[:MAX_CLUSTERED]
        spread = sample[kmeans(np.asarray(library.vectors)[sample], n_anchors=self.n_queries, rng=self.rng)]
        queries = dict.fromkeys(sample_query(library.papers[row].title, rng=self.rng) for row in spread)
        for row in sample:  # whole titles replace duplicate spans
            if len(queries) >= self.n_queries:
                break
            queries.setdefault(library.papers[row].title)
        return list(queries)

    def _fit(self, library: _Library, queries: Sequence[str], scores: Floats) -> None:
        """Fit to the scores, (n_queries, n_papers) with NaN for unscored pairs, and publish the build."""
        from rerank.budget.fitting import calibrate
        from rerank.budget.prior import pair_features
        from rerank.lexical import build_lexical_index

        titles, abstracts = [paper.title for paper in library.papers], [paper.abstract for paper in library.papers]
        lexical = build_lexical_index(titles, abstracts)
        query_vectors = self.vectors.encode_queries(queries)  # (n_queries, dim)

        def features(query: int, rows: Rows) -> Floats:
            return pair_features(library.vectors[rows] @ query_vectors[query], lexical.match(queries[query], rows))

        calibration = calibrate(
            scores,
            features,
            query_vectors,
            library.vectors,
            rng=self.rng,
            model=self.scorer.name,
            model_hash=self.scorer.model_hash,
        )
        lexical.save(self.folder / "lexical")
        calibration.save(self.folder / "calibration")
        keys = [paper.key for paper in library.papers]
        state = {
            "build": build_stamp(self.folder),
            "encoder_hash": self.vectors.query_hash(),
            "keys": keys,
            "texts": self.dense.text_hashes(keys),
            "revision": self.revision,
            "origin": self.origin,
        }
        write_json(self.folder / PAPERS, {**state, "crc": state_checksum(state)})
