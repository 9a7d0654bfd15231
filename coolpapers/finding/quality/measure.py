"""Measures the site's ranking on judged queries, through the site's own pipeline. Start at :func:`evaluate`.

A search of the site requires all words and is relaxed only if no paper has them. Judged queries are searched for any of
their words, because test collections measure rankings. A mode that falls back to another one is an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from coolpapers.finding.catalogue import site_stages, subject_of
from coolpapers.finding.quality.datasets import Dataset, Entry, JudgedQuery
from coolpapers.papers.models import Paper, PaperSource
from search import fusion
from search.base.aliases import Rankings, ShouldStop, never_stop
from search.engines.base import SearchBackend
from search.engines.documents import bare_document
from search.engines.registry import search_backend
from search.engines.results import Request
from search.errors import EvaluationFailed, StageUnavailable
from search.language.meaning import free_words
from search.language.parser import parse_plain
from search.language.query import And, Everything, Keys, Node
from search.neural.dense import VectorRetriever
from search.neural.measures import Measured, measure_rankings
from search.neural.rerankers import rerankers
from search.neural.texts import embedding_text, reranking_text
from search.ranking.pipeline import rank
from search.ranking.pools import PoolSearch
from search.ranking.related import RelatedRequest, Subject, related_papers
from search.ranking.relaxing import relax
from search.ranking.stages import Stages

DEPTH = 100  # length of the measured rankings
PATIENCE_S = 3600.0  # a measurement may wait long for a model; the machine may even be suspended


@dataclass(frozen=True, slots=True)
class Library:
    """A searchable collection: an index, the stages over it, and its papers as subjects, by key."""

    engine: SearchBackend
    stages: Stages
    subject: Callable[[str], Subject | None]
    n_documents: int

    def search(self, root: Node, words: str) -> PoolSearch:
        return PoolSearch(self.engine, root, words, self.stages)


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The measures of one mode on one set of queries. Times are milliseconds per ranking."""

    dataset: str
    mode: str
    pool: str
    n_queries: int
    n_documents: int
    measures: Mapping[str, Measured]
    mean_ms: float
    p95_ms: float


def evaluate(
    dataset: Dataset,
    library: Library,
    *,
    mode: str,
    pool: str = "all",
    progress: Callable[[int], None] | None = None,
) -> EvaluationReport:
    """Rank every query and measure.

    Parameters
    ----------
    mode : one of ``search.ranking.pipeline.MODES``
    pool : "all" papers, or "judged" to rank only the papers judged for the query
    progress : called with the number of finished queries

    Raises
    ------
    EvaluationFailed
        If a stage of the mode cannot run.
    """
    rankings: dict[str, list[str]] = {}
    times_ms: list[float] = []
    for number, query in enumerate(dataset.queries, start=1):
        began = time.perf_counter()
        keys = frozenset(dataset.qrels[query.query_id]) if pool == "judged" else None
        rankings[query.query_id] = rank_query(query, library, mode=mode, keys=keys)
        times_ms.append((time.perf_counter() - began) * 1e3)
        if progress is not None:
            progress(number)
    return EvaluationReport(
        dataset=dataset.name,
        mode=mode,
        pool=pool,
        n_queries=len(dataset.queries),
        n_documents=library.n_documents,
        measures=measure_rankings(rankings, dataset.qrels),
        mean_ms=sum(times_ms) / len(times_ms),
        p95_ms=sorted(times_ms)[int(0.95 * (len(times_ms) - 1))],
    )


def rank_query(
    query: JudgedQuery, library: Library, *, mode: str, keys: frozenset[str] | None = None, as_typed: bool = False
) -> list[str]:
    """Keys for one query, best first.

    ``keys`` restricts the ranking to these papers; unranked ones come last. ``as_typed`` requires all words if a paper
    has them, as the search box does.

    Raises
    ------
    EvaluationFailed
        If a stage of the mode cannot run.
    """
    conditions: list[Node] = [Keys(keys)] if keys is not None else []
    if query.paper_id:
        ranking = _related(query, library, mode, conditions)
    else:
        ranking = _searched(query, library, mode, conditions, as_typed=as_typed)
    return ranking if keys is None else [*ranking, *sorted(keys.difference(ranking, {query.paper_id}))]


def fit_fusion(dataset: Dataset, library: Library) -> dict[str, float]:
    """Weights of BM25 and similarity for fusion by score, fitted to the judged searches of a dataset.

    Raises
    ------
    EvaluationFailed
        If the similarities cannot be computed, or no query has both relevant and other candidates.
    """
    judged = [
        fusion.JudgedQuery(_rankings(query, library), dataset.qrels[query.query_id])
        for query in dataset.queries
        if not query.paper_id
    ]
    try:
        return fusion.fit_weights(judged)
    except ValueError as exc:
        raise EvaluationFailed(str(exc)) from exc


def _rankings(query: JudgedQuery, library: Library) -> Rankings:
    """The rankings to fuse for a query. Raises EvaluationFailed if the similarities cannot be computed."""
    root = parse_plain(query.text).root
    if isinstance(root, Everything):
        return {}
    try:
        return library.search(_any_word(root, library), free_words(root)).gather().rankings
    except StageUnavailable as exc:
        raise EvaluationFailed(f"This mode cannot be measured here. {exc}") from exc


def _searched(
    query: JudgedQuery, library: Library, mode: str, conditions: Sequence[Node], *, as_typed: bool
) -> list[str]:
    words = parse_plain(query.text).root
    if isinstance(words, Everything):
        return []
    has_hits = as_typed and library.engine.search(words, Request(top_k=1)).total
    tree = words if has_hits else _any_word(words, library)
    root = And((tree, *conditions)) if conditions else tree
    request = Request(top_k=DEPTH, with_total=False)
    ranked = rank(library.search(root, free_words(words)), request, mode=mode)
    _refuse_fallback(ranked.notes)
    return [hit.key for hit in ranked.result.hits]


def _any_word(words: Node, library: Library) -> Node:
    return relax(words, library.engine) or words


def _related(query: JudgedQuery, library: Library, mode: str, conditions: Sequence[Node]) -> list[str]:
    subject = library.subject(query.paper_id)
    if subject is None:
        return []
    request = RelatedRequest(top_k=DEPTH, mode=mode, conditions=tuple(conditions))
    page = related_papers(subject, request, engine=library.engine, stages=library.stages)
    _refuse_fallback(page.notes)
    return [hit.key for hit in page.hits]


def _refuse_fallback(notes: Sequence[str]) -> None:
    if notes:
        raise EvaluationFailed(f"This mode cannot be measured here. {' '.join(notes)}")


# ---- libraries ---------------------------------------------------------------------------------------


def open_library(dataset: Dataset, *, folder: Path) -> Library:
    """The library of a dataset: its own documents, indexed in ``folder``, or the papers of the site."""
    return _own_library(dataset.corpus, folder) if dataset.corpus is not None else _site_library()


def to_paper_keys(dataset: Dataset) -> Dataset:
    """A dataset about the site's papers, with ids of records replaced by the keys of their works."""
    judged = {doc for grades in dataset.qrels.values() for doc in grades}
    ids = sorted((judged | {query.paper_id for query in dataset.queries}) - {""})
    key_of: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        rows = PaperSource.objects.filter(key__in=ids[start : start + 500]).values_list("key", "paper__key")
        key_of.update(rows)
    qrels = {
        query: {key_of.get(doc, doc): grade for doc, grade in grades.items()} for query, grades in dataset.qrels.items()
    }
    queries = tuple(replace(query, paper_id=key_of.get(query.paper_id, query.paper_id)) for query in dataset.queries)
    return Dataset(dataset.name, queries, qrels, dataset.corpus)


def embed_corpus(library: Library, corpus: Sequence[Entry], *, should_stop: ShouldStop = never_stop) -> None:
    """Embed the documents of a dataset that have no current vector.

    Raises
    ------
    EvaluationFailed
        If the encoder cannot be loaded.
    """
    texts = [embedding_text(entry.title, entry.text) for entry in corpus]
    try:
        library.stages.dense.update(
            [entry.key for entry in corpus], texts, removed=(), revision=1, should_stop=should_stop
        )
    except StageUnavailable as exc:
        raise EvaluationFailed(str(exc)) from exc


def _site_library() -> Library:
    engine = search_backend()
    stages = site_stages(wait_s=PATIENCE_S)

    def subject(key: str) -> Subject | None:
        paper = Paper.objects.filter(key=key).first()
        return subject_of(paper) if paper else None

    return Library(engine, stages, subject, engine.count())


def _own_library(corpus: Sequence[Entry], folder: Path) -> Library:
    entries = {entry.key: entry for entry in corpus}
    engine = _own_engine(folder / "index")
    engine.rebuild(
        (bare_document(entry.key, title=entry.title, abstract=entry.text) for entry in entries.values()), revision=1
    )
    dense = _own_retriever(folder / "vectors")

    def texts(keys: Sequence[str]) -> Mapping[str, str]:
        return {key: reranking_text(entries[key].title, entries[key].text) for key in keys}

    def subject(key: str) -> Subject | None:
        entry = entries.get(key)
        return Subject(key, entry.title, entry.text) if entry else None

    return Library(engine, Stages(dense, rerankers["default"], texts, PATIENCE_S), subject, len(entries))


def _own_retriever(path: Path) -> VectorRetriever:
    """A retriever as in the settings, with another folder; vectors on servers are the library's."""
    entry = settings.DENSE_RETRIEVERS["default"]
    options = {**entry.get("OPTIONS", {}), "path": path}
    if options.pop("servers", None):
        return VectorRetriever(**options)
    retriever: VectorRetriever = import_string(entry["BACKEND"])(**options)
    return retriever


def _own_engine(path: Path) -> SearchBackend:
    """An engine as in the settings, with another folder.

    An engine on servers has no folder, and its index there is the library's: tantivy, which ranks the same, is used.
    """
    entry = settings.SEARCH_BACKENDS[settings.SEARCH_BACKEND]
    if "urls" in entry.get("OPTIONS", {}):
        entry = settings.SEARCH_BACKENDS["tantivy"]
    options = dict(entry.get("OPTIONS", {}))
    if "path" in options:
        options["path"] = path
    engine: SearchBackend = import_string(entry["BACKEND"])(**options)
    return engine
