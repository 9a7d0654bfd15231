"""Celery tasks that keep index, vectors and anchors up to date."""

from __future__ import annotations

import logging
import time

from celery import shared_task

from coolpapers.finding.indexing.anchors import AnchorSize, build_anchors, why_rebuild
from coolpapers.finding.indexing.embedding import embed_papers, is_own
from coolpapers.finding.indexing.index import is_own_index, rebuild_index, update_index
from coolpapers.papers.models import latest_revision
from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.errors import (
    AnchorsBroken,
    DenseUnavailable,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexUnavailable,
    IndexUnreadable,
    IndexUnwritable,
)
from search.neural.dense import retrievers
from search.neural.rerankers import AnchorReranker, rerankers

logger = logging.getLogger(__name__)

# Papers embedded per run: some seconds of CPU. Their vectors are published together.
PAPERS_A_RUN = 256
# Seconds of one run that scores anchors, which takes all cores; a build of 19,200 pairs takes one minute or some.
ANCHORS_RUN_S = 60.0


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


@shared_task(ignore_result=True, time_limit=3600)  # type: ignore[untyped-decorator]
def follow_anchors() -> None:
    """Build the anchors again where they are damaged, or too old for the library, some pairs in each run.

    Not before the vectors have followed the library, which takes many runs after a large import. The older anchors are
    used until the new ones are complete. One process builds at a time. While vectors of a former encoder are in use,
    none are built: they would soon be of no use.
    """
    reranker, retriever = rerankers["default"], retrievers["default"]
    if not isinstance(reranker, AnchorReranker) or not reranker.is_configured:
        return
    if retriever.revision() != latest_revision() or not is_own(retriever) or retriever.former() is not None:
        return
    reason = why_rebuild(reranker, retriever)
    if not reason:
        return
    logger.warning("The anchors are rebuilt: %s", reason)
    end = time.monotonic() + ANCHORS_RUN_S
    try:
        size = AnchorSize.of_build(reranker)
        build_anchors(reranker, retriever, size, should_stop=lambda: time.monotonic() > end)
    except (AnchorsBroken, DenseUnavailable) as exc:
        logger.warning("The anchors are left as they are: %s", exc)


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
    except (IndexLocked, IndexUnavailable, IndexUnwritable) as exc:
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
    elif retriever.former() is None and retriever.revision() == latest_revision() and is_own(retriever):
        return 0
    try:
        return embed_papers(retriever, limit=PAPERS_A_RUN, yields_to_searches=True).n_embedded
    except DenseUnavailable as exc:
        logger.log(logging.INFO if exc.is_transient else logging.WARNING, "The vectors are left as they are: %s", exc)
        return 0
