"""How good the ranking is, measured on judged queries through the site's own pipeline. Start at :func:`evaluate`.

A search of the site wants all words and relaxes only where nothing has them; a test collection asks for a ranking, so
here any of the words is enough. A mode that falls back is an error: figures of one mode must not be those of another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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

DEPTH = 100  # ranks that the measures look at
PATIENCE_S = 3600.0  # nobody waits for a page here, and a machine may be put to sleep


@dataclass(frozen=True, slots=True)
class Library:
    """What is searched: an index, the stages over it, and a paper's text by its key."""

    engine: SearchBackend
    stages: Stages
    subject: Callable[[str], Subject | None]
    n_documents: int

    def search(self, root: Node, words: str) -> PoolSearch:
        return PoolSearch(self.engine, root, words, self.stages)


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The measures of one mode on one set of queries; times are of whole rankings, in milliseconds."""

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
    pool : "all" papers, or "judged" to rank only what is judged for the query
    progress : called with the number of queries done

    Raises
    ------
    EvaluationFailed
        If a stage of the mode cannot run.
    """
    rankings: dict[str, list[str]] = {}
    times_ms: list[float] = []
    for number, query in enumerate(dataset.queries, start=1):
        began = time.perf_counter()
        among = frozenset(dataset.qrels[query.query_id]) if pool == "judged" else None
        rankings[query.query_id] = rank_query(query, library, mode=mode, among=among)
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
    query: JudgedQuery, library: Library, *, mode: str, among: frozenset[str] | None = None, as_typed: bool = False
) -> list[str]:
    """Keys for one query, best first; ``among`` bounds them, and what no stage ranked then stands last.

    ``as_typed`` wants all words where a paper has them, as the search box does.

    Raises
    ------
    EvaluationFailed
        If a stage of the mode cannot run.
    """
    conditions: list[Node] = [Keys(among)] if among is not None else []
    if query.paper_id:
        found = _related(query, library, mode, conditions)
    else:
        found = _searched(query, library, mode, conditions, as_typed=as_typed)
    return found if among is None else [*found, *sorted(among.difference(found, {query.paper_id}))]


def fit_fusion(dataset: Dataset, library: Library) -> dict[str, float]:
    """Weights of BM25 and similarity for fusion by score, fitted to the judged searches of a dataset.

    Raises
    ------
    EvaluationFailed
        If there is no similarity to fit, or no query teaches anything.
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
    """What is fused for a query. Raises EvaluationFailed where nothing can be said of its meaning."""
    asked = parse_plain(query.text).root
    if isinstance(asked, Everything):
        return {}
    try:
        return library.search(_any_word(asked, library), free_words(asked)).gather().rankings
    except StageUnavailable as exc:
        raise EvaluationFailed(f"This mode cannot be measured here. {exc}") from exc


def _searched(
    query: JudgedQuery, library: Library, mode: str, conditions: Sequence[Node], *, as_typed: bool
) -> list[str]:
    asked = parse_plain(query.text).root
    if isinstance(asked, Everything):
        return []
    is_answered = as_typed and library.engine.search(asked, Request(top_k=1)).total
    wanted = asked if is_answered else _any_word(asked, library)
    root = And((wanted, *conditions)) if conditions else wanted
    request = Request(top_k=DEPTH, with_total=False)
    ranked = rank(library.search(root, free_words(asked)), request, mode=mode)
    _refuse_fallback(ranked.notes)
    return [hit.key for hit in ranked.result.hits]


def _any_word(asked: Node, library: Library) -> Node:
    return relax(asked, library.engine) or asked


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


# ---- what is searched --------------------------------------------------------------------------------


def open_library(dataset: Dataset, *, folder: Path) -> Library:
    """The library that a dataset is about: its own documents, indexed in ``folder``, or the site's papers."""
    return _own_library(dataset.corpus, folder) if dataset.corpus is not None else _site_library()


def to_paper_keys(dataset: Dataset) -> Dataset:
    """A dataset about the site's papers, with each id replaced by the key of the work it is a record of."""
    ids = {doc for grades in dataset.qrels.values() for doc in grades} | {one.paper_id for one in dataset.queries}
    wanted = sorted(ids - {""})
    key_of: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        rows = PaperSource.objects.filter(key__in=wanted[start : start + 500]).values_list("key", "paper__key")
        key_of.update(rows)
    qrels = {
        query: {key_of.get(doc, doc): grade for doc, grade in grades.items()} for query, grades in dataset.qrels.items()
    }
    queries = tuple(
        JudgedQuery(one.query_id, one.text, key_of.get(one.paper_id, one.paper_id)) for one in dataset.queries
    )
    return Dataset(dataset.name, queries, qrels, dataset.corpus)


def embed_corpus(library: Library, corpus: Sequence[Entry], *, should_stop: ShouldStop = never_stop) -> None:
    """Bring the vectors of a dataset's own documents up to date; what is embedded already is not again.

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
    options = settings.DENSE_RETRIEVERS["default"]
    dense: VectorRetriever = import_string(options["BACKEND"])(
        **{**options.get("OPTIONS", {}), "path": folder / "vectors"}
    )

    def texts(keys: Sequence[str]) -> Mapping[str, str]:
        return {key: reranking_text(entries[key].title, entries[key].text) for key in keys}

    def subject(key: str) -> Subject | None:
        entry = entries.get(key)
        return Subject(key, entry.title, entry.text) if entry else None

    return Library(engine, Stages(dense, rerankers["default"], texts, PATIENCE_S), subject, len(entries))


def _own_engine(path: Path) -> SearchBackend:
    """An engine like the site's, on another folder."""
    entry = settings.SEARCH_BACKENDS[settings.SEARCH_BACKEND]
    options = dict(entry.get("OPTIONS", {}))
    if "path" in options:
        options["path"] = path
    engine: SearchBackend = import_string(entry["BACKEND"])(**options)
    return engine
