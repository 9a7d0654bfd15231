"""Celery tasks that keep index and vectors up to date."""

from __future__ import annotations

import logging

from celery import shared_task

from coolpapers.finding.indexing.embedding import embed_papers, is_own
from coolpapers.finding.indexing.index import is_own_index, rebuild_index, update_index
from coolpapers.papers.models import latest_revision
from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.errors import (
    DenseUnavailable,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexUnreadable,
    IndexUnwritable,
)
from search.neural.dense import retrievers

logger = logging.getLogger(__name__)

# Papers embedded per run: some seconds of CPU. Their vectors are published together.
PAPERS_A_RUN = 256


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]  # celery ships no types
def follow_library() -> None:
    """Take new and changed papers into the index and the vectors, where an administrator has built them once.

    Building them in the first place is a command's work: it takes long, and not every site wants vectors. What
    cannot be done now (another process is at it, the model is missing) the next run does.
    """
    follow_index()
    follow_vectors()


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]
def verify_index() -> None:
    """Compare the files of index and vectors with their checksums; rebuild what is damaged."""
    if _is_index_damaged():
        follow_index()
    if _are_vectors_damaged():
        follow_vectors()


def _is_index_damaged() -> bool:
    try:
        return bool(search_backend().verify())
    except (IndexMissing, IndexUnreadable):
        return False
    except IndexDamaged as exc:
        logger.warning("%s", exc)
        return True


def _are_vectors_damaged() -> bool:
    retriever = retrievers["default"]
    if not retriever.was_built():
        return False
    try:
        return bool(retriever.verify())
    except DenseUnavailable as exc:
        return not exc.is_transient


def follow_index() -> int:
    """Update the index if it is there and behind, rebuild it if it is damaged; return how many papers were written."""
    engine = search_backend()
    try:
        engine.count()
        is_current = engine.revision() == latest_revision() and is_own_index(engine) and not engine.is_outdated()
        return 0 if is_current else update_index(engine).written
    except (IndexMissing, IndexLocked) as exc:
        logger.info("The index is left as it is: %s", exc)
    except (IndexUnreadable, IndexUnwritable) as exc:
        logger.warning("The index cannot follow the library: %s", exc)
    except IndexDamaged as exc:
        logger.warning("The index is rebuilt: %s", exc)
        return _rebuild(engine)
    return 0


def _rebuild(engine: SearchBackend) -> int:
    try:
        return rebuild_index(engine).written
    except (IndexLocked, IndexUnwritable) as exc:
        logger.warning("The index cannot be rebuilt: %s", exc)
        return 0


def follow_vectors() -> int:
    """Embed some of what changed, or was damaged, if there are vectors; return how many texts were embedded."""
    retriever = retrievers["default"]
    if not retriever.count():
        damage = retriever.damage()
        if not damage:  # nobody has built vectors of this encoder
            return 0
        logger.warning("The vectors are repaired: %s", damage)
    elif retriever.revision() == latest_revision() and is_own(retriever):
        return 0
    try:
        return embed_papers(retriever, limit=PAPERS_A_RUN, yields_to_searches=True).n_embedded
    except DenseUnavailable as exc:
        logger.log(logging.INFO if exc.is_transient else logging.WARNING, "The vectors are left as they are: %s", exc)
        return 0
