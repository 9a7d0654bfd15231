"""Data of the recall benches: papers, queries, and a cross-encoder's score of every pair, kept in a work folder.

Queries are titles, and spans of 2 to 5 words of titles, of papers that are neither scored nor trained on.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rerank.arrays import Float32s, Int32s
from rerank.budget.anchors import build_anchors
from rerank.budget.tiles import AnchorJob, Progress
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.encoders.tokens import TokenTable
from rerank.lexical import LexicalIndex, build_lexical_index
from rerank.research.soft_match import SoftIndex, build_soft_index
from rerank.stopping import Stop, never_stop
from rerank.training.training_data import Paper, fold_of, paper_text, read_papers, sample_query

MEASURED_FOLDS = (8, 9)  # `python -m rerank train` does not train on these
MAX_PAPERS = 4000  # queries are made of papers after these, so a smaller run is a subset of a larger one
MAX_TOKENS = 96  # title and first sentences; most of the time goes into the exact score matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusPlan:
    """Which papers and queries, scored by which cross-encoder.

    Parameters
    ----------
    encoder
        Of papers and queries; None: all-MiniLM-L6-v2. The vectors of a named encoder are not kept, because they take a
        minute, and the scores an hour.
    """

    papers_file: Path
    model: Path
    n_papers: int
    n_anchors: int
    n_queries: int
    seed: int = 0
    encoder: str | None = None


@dataclass(frozen=True)
class Corpus:
    """What the methods may use, and the exact scores that they are measured against."""

    papers: list[Paper]
    queries: list[str]
    n_anchors: int  # the first n_anchors queries are anchor queries, the others are held out
    scores: Float32s  # (n_queries, n_papers)
    paper_vectors: Float32s  # (n_papers, dim)
    query_vectors: Float32s  # (n_queries, dim)
    index: LexicalIndex
    soft: SoftIndex
    query_tokens: TokenTable

    def query_ids(self, query: int) -> Int32s:
        """Token ids of a query, without special tokens."""
        return self.query_tokens.ids[self.query_tokens.offsets[query] : self.query_tokens.offsets[query + 1]]


def choose(papers_file: Path, *, n_papers: int, n_queries: int, seed: int) -> tuple[list[Paper], list[str]]:
    """Papers to score, and queries made of other papers; they depend on the seed alone."""
    rng = np.random.default_rng(seed)
    unseen = [paper for paper in read_papers(papers_file) if fold_of(paper.paper_id) in MEASURED_FOLDS]
    order = rng.permutation(len(unseen))
    if n_papers > MAX_PAPERS or len(unseen) < MAX_PAPERS + n_queries:
        raise SystemExit(
            f"{papers_file} has {len(unseen)} papers in the measured folds; {MAX_PAPERS + n_queries} are needed,"
            f" at most {MAX_PAPERS} of them scored."
        )
    papers = [unseen[row] for row in order[:n_papers]]
    sources = [unseen[row] for row in order[MAX_PAPERS : MAX_PAPERS + n_queries]]
    return papers, [sample_query(paper.title, rng=rng) for paper in sources]


def load_corpus(plan: CorpusPlan, work: Path, *, stop: Stop = never_stop) -> Corpus:
    """Read the work folder and compute what is missing there; a stopped run is resumed."""
    n_queries = plan.n_anchors + plan.n_queries
    papers, queries = choose(plan.papers_file, n_papers=plan.n_papers, n_queries=n_queries, seed=plan.seed)
    texts = [paper_text(paper) for paper in papers]
    scorer = CrossEncoder(plan.model, max_tokens=MAX_TOKENS)
    anchors = build_anchors(
        [scorer], AnchorJob(queries=queries, texts=texts), folder=work / "scores", stop=stop, progress=_show
    )
    if anchors is None:
        raise SystemExit("Stopped. Run the same command again to resume.")
    if plan.encoder:
        encoder = Encoder(plan.encoder)
        paper_vectors, query_vectors = encoder.encode(texts), encoder.encode_queries(queries)
    else:
        paper_vectors, query_vectors = _vectors(work / "papers.npy", texts), _vectors(work / "queries.npy", queries)
    tokens = scorer.tokenize(texts)
    titles = scorer.tokenize([paper.title for paper in papers]).lengths
    return Corpus(
        soft=build_soft_index(scorer.word_vectors(), tokens, titles),
        query_tokens=scorer.tokenize(queries),
        papers=papers,
        queries=queries,
        n_anchors=plan.n_anchors,
        scores=np.array(anchors.scores),
        paper_vectors=paper_vectors,
        query_vectors=query_vectors,
        index=build_lexical_index([paper.title for paper in papers], [paper.abstract for paper in papers]),
    )


def _vectors(path: Path, texts: list[str]) -> Float32s:
    """Vectors of texts by the default encoder, read from a file that begins with them, or computed and written."""
    if path.exists():
        cached: Float32s = np.load(path)
        if len(cached) >= len(texts):
            return cached[: len(texts)]
    vectors = Encoder().encode(texts)
    np.save(path, vectors)
    return vectors


def _show(now: Progress) -> None:
    sys.stderr.write(f"\r{now.done / now.total:7.2%}  {now.pairs_per_s:.0f} pairs/s  {now.eta_s / 60:.0f} min left")
    sys.stderr.flush()
