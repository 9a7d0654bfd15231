"""The data of bench_recall: papers, queries, and every score of a cross-encoder between them, kept in a work folder.

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

MEASURED_FOLDS = (8, 9)  # `python -m rerank train` keeps away from these
MOST_PAPERS = 4000  # queries are made of papers after these, so a smaller run is a part of a larger one
MAX_TOKENS = 96  # title and the first sentences; the exact matrix is what the bench costs


@dataclass(frozen=True)
class Corpus:
    """Everything the methods may look at, and the exact scores that they are judged by."""

    papers: list[Paper]
    queries: list[str]
    n_anchors: int  # the first so many queries are anchor queries, the others are held out
    scores: Float32s  # (n_queries, n_papers)
    paper_vectors: Float32s
    query_vectors: Float32s
    index: LexicalIndex
    soft: SoftIndex
    query_tokens: TokenTable

    def query_ids(self, query: int) -> Int32s:
        """Word pieces of a query."""
        return self.query_tokens.ids[self.query_tokens.offsets[query] : self.query_tokens.offsets[query + 1]]


def choose(papers_file: Path, *, n_papers: int, n_queries: int, seed: int) -> tuple[list[Paper], list[str]]:
    """Papers to score and queries of other papers, by the seed alone."""
    rng = np.random.default_rng(seed)
    unseen = [paper for paper in read_papers(papers_file) if fold_of(paper.paper_id) in MEASURED_FOLDS]
    order = rng.permutation(len(unseen))
    if n_papers > MOST_PAPERS or len(unseen) < MOST_PAPERS + n_queries:
        raise SystemExit(
            f"{papers_file} has {len(unseen)} papers in the measured folds; {MOST_PAPERS + n_queries} are needed,"
            f" at most {MOST_PAPERS} of them scored."
        )
    papers = [unseen[row] for row in order[:n_papers]]
    sources = [unseen[row] for row in order[MOST_PAPERS : MOST_PAPERS + n_queries]]
    return papers, [sample_query(paper.title, rng=rng) for paper in sources]


def load_corpus(
    papers_file: Path,
    model: Path,
    work: Path,
    *,
    n_papers: int,
    n_anchors: int,
    n_queries: int,
    seed: int,
    encoder: str | None = None,
    stop: Stop = never_stop,
) -> Corpus:
    """Read the work folder, and compute what it lacks; a run that was stopped goes on where it was.

    Of an ``encoder`` that is named, the vectors are not kept: they take a minute, the scores an hour.
    """
    papers, queries = choose(papers_file, n_papers=n_papers, n_queries=n_anchors + n_queries, seed=seed)
    texts = [paper_text(paper) for paper in papers]
    scorer = CrossEncoder(model, max_tokens=MAX_TOKENS)
    anchors = build_anchors(
        [scorer], AnchorJob(queries=queries, texts=texts), folder=work / "scores", stop=stop, progress=_show
    )
    if anchors is None:
        raise SystemExit("Stopped; run again to go on.")
    tokens = scorer.tokenize(texts)
    titles = scorer.tokenize([paper.title for paper in papers]).lengths
    return Corpus(
        soft=build_soft_index(scorer.word_vectors(), tokens, titles),
        query_tokens=scorer.tokenize(queries),
        papers=papers,
        queries=queries,
        n_anchors=n_anchors,
        scores=np.array(anchors.scores),
        paper_vectors=Encoder(encoder).encode(texts) if encoder else _vectors(work / "papers.npy", texts),
        query_vectors=Encoder(encoder).encode_queries(queries) if encoder else _vectors(work / "queries.npy", queries),
        index=build_lexical_index([paper.title for paper in papers], [paper.abstract for paper in papers]),
    )


def _vectors(path: Path, texts: list[str]) -> Float32s:
    if path.exists():
        found: Float32s = np.load(path)
        if len(found) >= len(texts):
            return found[: len(texts)]
    vectors = Encoder().encode(texts)
    np.save(path, vectors)
    return vectors


def _show(now: Progress) -> None:
    sys.stderr.write(f"\r{now.done / now.total:7.2%}  {now.pairs_per_s:.0f} pairs/s  {now.eta_s / 60:.0f} min left")
    sys.stderr.flush()
