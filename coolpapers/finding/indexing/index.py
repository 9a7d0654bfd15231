"""Rebuilds, updates and checks the index of the library."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coolpapers.finding.indexing.documents import iterate_documents, removed_keys
from coolpapers.papers.models import Paper, is_own_revision, latest_revision, revision_origin
from search.engines.base import SearchBackend
from search.engines.documents import Document
from search.errors import IndexDamaged, IndexMissing, IndexUnavailable, IndexUnreadable

logger = logging.getLogger(__name__)

# Papers per commit of an update: the most that a kill can lose.
UPDATE_BATCH = 20_000
# Changed papers from which on an update may be a rebuild.
REBUILD_FROM = 20_000
# Times that a rebuild is begun where search servers fail, and seconds between them.
REBUILD_ATTEMPTS = 3
REBUILD_PAUSE_S = 2.0
# Keys listed by a check.
MAX_NAMED = 10

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update did. ``is_rebuilt``: there was no usable index, so a new one was built."""

    written: int
    removed: int
    revision: int
    is_rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The comparison of an index with the database. ``problems`` are sentences; empty if there are none."""

    n_papers: int
    n_indexed: int
    problems: tuple[str, ...]


def rebuild_index(backend: SearchBackend, *, progress: Progress | None = None) -> IndexReport:
    """Build a new index from the database and replace the current one.

    Where servers were lost on the way, it starts anew. Raises IndexLocked, IndexUnavailable, IndexUnwritable.
    """
    for _ in range(REBUILD_ATTEMPTS - 1):
        try:
            return _rebuild_once(backend, progress)
        except IndexUnavailable as exc:
            if not exc.is_transient:
                raise
            logger.warning("The index is built from the beginning again: %s", exc)
            time.sleep(REBUILD_PAUSE_S)
    return _rebuild_once(backend, progress)


def _rebuild_once(backend: SearchBackend, progress: Progress | None) -> IndexReport:
    revision = latest_revision()  # read first: later changes have a higher revision, so the next update takes them
    origin = revision_origin(revision)
    written = backend.rebuild(_counted(iterate_documents(), progress), revision=revision, origin=origin)
    return IndexReport(written=written, removed=0, revision=revision, is_rebuilt=True)


def update_index(backend: SearchBackend, *, progress: Progress | None = None) -> IndexReport:
    """Update the index to the library's revision, or build one if there is no usable index of this library.

    An index of another library, or of this one before an older backup was restored, is rebuilt, and so is a damaged
    one or one of an older version. Each batch is committed, so a killed update resumes. After a large import the index
    is rebuilt too: it is in one part then, which takes two thirds of the time to search.

    Raises
    ------
    IndexLocked, IndexUnwritable
        If another process is writing, or the disk is full or read-only.
    """
    try:
        backend.count()
        if backend.is_outdated():
            logger.warning("An older version built the index; it is built anew.")
        elif is_own_index(backend) and not _is_most_of_it(after=backend.revision()):
            return _take_changes(backend, after=backend.revision(), progress=progress)
    except (IndexMissing, IndexDamaged) as exc:
        logger.warning("The index is built anew: %s", exc)
    return rebuild_index(backend, progress=progress)


def _is_most_of_it(*, after: int) -> bool:
    """Whether so many papers have changed since a revision that an update would write most of the index in parts."""
    n_changed = Paper.objects.filter(revision__gt=after).count()
    return n_changed >= REBUILD_FROM and 2 * n_changed > Paper.objects.count()


def _take_changes(backend: SearchBackend, *, after: int, progress: Progress | None) -> IndexReport:
    """Index what has changed since a revision. Raises also IndexDamaged."""
    revision = latest_revision()
    if revision == after:
        return IndexReport(written=0, removed=0, revision=revision)
    removed = removed_keys(after)
    written = 0
    batch: list[Document] = []
    reached = after
    for paper_revision, document in iterate_documents(after):
        if len(batch) >= UPDATE_BATCH and paper_revision > reached:
            written += backend.update(batch, revision=reached, origin=revision_origin(reached))
            batch = []
        reached = paper_revision
        batch.append(document)
        if progress:
            progress(written + len(batch))
    last = max(revision, reached)
    written += backend.update(batch, removed=removed, revision=last, origin=revision_origin(last))
    return IndexReport(written=written, removed=len(removed), revision=revision)


def is_own_index(backend: SearchBackend) -> bool:
    """Whether the index belongs to the current history of this library. Raises IndexDamaged."""
    return is_own_revision(backend.revision(), backend.origin())


def check_index(backend: SearchBackend) -> CheckReport:
    """Compare the keys of the index with those of the database, and its files with their checksums."""
    papers = set(Paper.objects.values_list("key", flat=True))
    try:
        damaged = backend.verify()
        if damaged:
            problem = f"Files of the index are damaged: {', '.join(damaged[:MAX_NAMED])}; run manage.py rebuild_index."
            return CheckReport(len(papers), 0, (problem,))
        indexed = backend.keys()
    except (IndexMissing, IndexDamaged, IndexUnreadable) as exc:
        return CheckReport(len(papers), 0, (str(exc),))
    problems = [
        *_difference(papers - indexed, "are missing from the index; run manage.py update_index."),
        *_difference(indexed - papers, "are in the index and not in the library; run manage.py update_index."),
    ]
    if backend.is_outdated():
        problem = "An older version built the index, which finds less than a new one; run manage.py rebuild_index."
        return CheckReport(len(papers), len(indexed), (*problems, problem))
    if not is_own_index(backend):
        problems.append("The index belongs to another state of the library; run manage.py update_index.")
        return CheckReport(len(papers), len(indexed), tuple(problems))
    behind = latest_revision() - backend.revision()
    if behind and not problems:
        problems.append("The index is older than the library; run manage.py update_index.")
    elif not behind and problems:
        # The index has the current revision, so an update would do nothing.
        problems = [problem.replace("update_index", "rebuild_index") for problem in problems]
    return CheckReport(len(papers), len(indexed), tuple(problems))


def _difference(keys: set[str], problem: str) -> list[str]:
    if not keys:
        return []
    listed = ", ".join(sorted(keys)[:MAX_NAMED])
    more = f" and {len(keys) - MAX_NAMED} more" if len(keys) > MAX_NAMED else ""
    return [f"{listed}{more} {problem}"]


def _counted(documents: Iterator[tuple[int, Document]], progress: Progress | None) -> Iterator[Document]:
    for number, (_, document) in enumerate(documents, start=1):
        if progress:
            progress(number)
        yield document
