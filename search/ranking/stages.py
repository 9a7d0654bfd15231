"""The optional stages of a ranking, each run within its time limit and without failing the search.

Every failure of a stage (missing model, vectors of another model, timeout, a bug) becomes one
:class:`~search.errors.StageUnavailable`, logged once per outage and counted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from search.base.aliases import Ranking
from search.errors import IndexUnavailable, StageUnavailable
from search.neural.dense import VectorRetriever, retrievers
from search.neural.rerankers import Candidate, Reranker, rerankers
from search.neural.vector_search import VectorSearch

T = TypeVar("T")

logger = logging.getLogger(__name__)

# Stages that run at once; a third search waits within its own time limit. Models hold a lock anyway.
N_WORKERS = 2
_workers = ThreadPoolExecutor(max_workers=N_WORKERS, thread_name_prefix="search-stage")
_ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="query-ahead")
_lock = threading.Lock()
_counts: Counter[tuple[str, str]] = Counter()
_down: dict[str, str] = {}  # stage → outcome of its current outage; a new outcome is logged again
_abandoned: set[Future[object]] = set()  # stages still running after their timeout
_running_ahead: set[Future[object]] = set()  # at most one


Texts = Callable[[Sequence[str]], Mapping[str, str]]  # keys of papers → a text of each
Observer = Callable[[str, str, float], None]  # is told the stage, its outcome and its seconds
_observers: list[Observer] = []


def no_works(_keys: Sequence[str]) -> Mapping[str, str]:
    """No two papers are known to be copies of one work."""
    return {}


@dataclass(frozen=True)
class Stages:
    """The stages that rank after BM25.

    Attributes
    ----------
    texts : the texts that a cross-encoder reads, by key of the paper
    wait_s : seconds to wait for a model that is still loading; a page does not wait
    works : the work that a paper is a record of, by key; papers of the same work are copies
    """

    dense: VectorRetriever
    reranker: Reranker
    texts: Texts
    wait_s: float = 0.0
    works: Texts = no_works

    @classmethod
    def of_settings(cls, texts: Texts, *, works: Texts = no_works, wait_s: float = 0.0) -> Stages:
        """The stages that the settings name."""
        return cls(retrievers["default"], rerankers["default"], texts, wait_s, works)

    def of_one_search(self) -> Stages:
        """These stages, with the vectors as they are at their first use: no search mixes those of two encoders."""
        return replace(self)

    @cached_property
    def vectors(self) -> VectorSearch:
        return VectorSearch(self.dense, self.wait_s)

    def embed_ahead(self, query: str) -> None:
        """Begin to embed a query in another thread, so that its vector is there when the index has answered.

        Nothing is begun while the query of another search is embedded so. A failure is reported by the stage that needs
        the vector: it tries again.
        """
        vectors = self.vectors

        def embed() -> None:
            with suppress(Exception):
                vectors.query_vector(query)

        with _lock:
            _running_ahead.difference_update([future for future in _running_ahead if future.done()])
            if not _running_ahead:
                _running_ahead.add(_ahead.submit(embed))

    def run(self, name: str, stage: Callable[[], T]) -> T:
        """A stage's result within its time limit and the wait for its model. Raises StageUnavailable."""
        return run_stage(name, stage, wait_s=self.wait_s)

    def rerank_head(self, ordered: Ranking, query: str, similarity: Mapping[str, float]) -> Ranking:
        """The ranking with its first RERANK_POOL papers in the order of the reranker. Raises StageUnavailable."""
        head = ordered[: settings.RERANK_POOL]
        contents = self.texts([key for key, _score in head])
        candidates = [
            Candidate(key=key, text=contents.get(key, ""), score=score, similarity=similarity.get(key, 0.0))
            for key, score in head
        ]
        reordered = self.run("rerank", lambda: self.reranker.rerank(query, candidates, self.vectors))
        return [*reordered, *ordered[len(head) :]]


def run_stage(name: str, stage: Callable[[], T], *, wait_s: float = 0.0) -> T:
    """The result of a stage within SEARCH_STAGE_BUDGETS_MS, plus ``wait_s`` for a loading model.

    A stage that times out runs to its end in the background. Its result is dropped, but the next search
    uses the files and models that it has opened. While such stages occupy all workers, further stages fail at once.

    Raises
    ------
    StageUnavailable
        If the stage fails or times out.
    """
    budget_s = settings.SEARCH_STAGE_BUDGETS_MS[name] / 1000 + wait_s
    started = time.perf_counter()

    def count(outcome: str, exc: BaseException) -> None:
        _count(name, outcome, exc)
        _tell(name, outcome, started)

    if _all_workers_are_busy():
        busy = StageUnavailable(f"{name} is busy with earlier searches", is_transient=True)
        count("late", busy)
        raise busy
    future = _workers.submit(stage)
    try:
        result = future.result(timeout=budget_s)
    except StageUnavailable as exc:
        is_outage = isinstance(exc.__cause__, IndexUnavailable)  # the servers of the vectors
        count("loading" if exc.is_transient and not is_outage else "unavailable", exc)
        raise
    except TimeoutError as exc:
        _abandon(future)
        count("late", exc)
        raise StageUnavailable(f"{name} took more than {budget_s:.1f} s", is_transient=True) from exc
    except Exception as exc:  # a failure of an optional stage must not fail the page
        count("failed", exc)
        raise StageUnavailable(f"{name} failed: {exc}") from exc
    with _lock:
        _counts[name, "ok"] += 1
        _down.pop(name, None)
    _tell(name, "ok", started)
    return result


def observe_stages(observer: Observer) -> None:
    """Tell an observer each stage that ends from now on. Naming it again changes nothing."""
    if observer not in _observers:
        _observers.append(observer)


@contextmanager
def timed_stage(name: str) -> Iterator[None]:
    """Tell the observers of a stage that is not optional; its errors pass."""
    started = time.perf_counter()
    try:
        yield
    except Exception:
        _tell(name, "failed", started)
        raise
    _tell(name, "ok", started)


def degradation_note(effect: str, exc: StageUnavailable) -> str:
    """A sentence for the reader: the effect of a failed stage, and whether to retry. The log has the reason."""
    if exc.is_transient:
        return _("{what}: the model is not ready yet; try again in a moment.").format(what=effect)
    return _("{what}: the model is not available now.").format(what=effect)


def stage_counts() -> dict[tuple[str, str], int]:
    """(stage, outcome) → count since the process started; outcomes are ok, late, failed, unavailable and loading."""
    with _lock:
        return dict(_counts)


def _tell(name: str, outcome: str, started: float) -> None:
    for observer in _observers:
        observer(name, outcome, time.perf_counter() - started)


def _all_workers_are_busy() -> bool:
    with _lock:
        _abandoned.difference_update([future for future in _abandoned if future.done()])
        return len(_abandoned) >= N_WORKERS


def _abandon(future: Future[T]) -> None:
    if not future.cancel():  # it is running
        with _lock:
            _abandoned.add(future)  # type: ignore[arg-type]  # the type of its result does not matter


def _count(name: str, outcome: str, exc: BaseException) -> None:
    with _lock:
        _counts[name, outcome] += 1
        is_new = _down.get(name) != outcome
        _down[name] = outcome
    if is_new:
        reason = str(exc) or "timeout"
        logger.warning(
            "Search continues without stage %s (%s): %s", name, outcome, reason, exc_info=outcome == "failed"
        )
