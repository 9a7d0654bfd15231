"""Updates the vectors of the library: embeds what changed since the last update."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from coolpapers.finding.indexing.documents import removed_keys
from coolpapers.papers.models import Paper, is_own_revision, latest_revision, revision_origin
from search.base.aliases import ShouldStop, never_stop
from search.errors import DenseUnavailable
from search.neural.dense import VectorRetriever
from search.neural.texts import embedding_text

# Papers per batch. A stopped run keeps what it embedded.
BATCH_SIZE = 20_000

Row = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What a run did. ``is_finished=False``: it was stopped or limited, and the next run resumes."""

    n_changed: int
    n_embedded: int
    n_removed: int
    revision: int
    is_finished: bool = True


def count_pending(retriever: VectorRetriever) -> int:
    """The number of papers that changed since the last update of the vectors."""
    return Paper.objects.filter(revision__gt=_reached_revision(retriever)).count()


def count_to_embed(retriever: VectorRetriever) -> int:
    """As :func:`count_pending`; all papers, less those embedded aside, while vectors of a former encoder are in use."""
    return count_pending(retriever.writer())


def is_own(retriever: VectorRetriever) -> bool:
    """Whether the vectors belong to the current history of this library."""
    return is_own_revision(retriever.revision(), retriever.origin())


def embed_papers(
    retriever: VectorRetriever,
    *,
    limit: int | None = None,
    should_stop: ShouldStop = never_stop,
    progress: Callable[[int], None] | None = None,
    yields_to_searches: bool = False,
) -> EmbedReport:
    """Embed new and changed papers, and remove the vectors of deleted ones. Idempotent.

    Each batch is published, so a kill loses at most one chunk of embeddings. Vectors of another library, or of this one
    before an older backup was restored, are compared text by text, and only different texts are embedded.

    While vectors of a former encoder are in use, the papers are embedded aside; when all are, their vectors take the
    place of the former ones.

    ``limit`` bounds the texts that are embedded: papers whose text has a vector already do not count.
    ``yields_to_searches`` lets searches of the same process use the encoder in between.

    Raises
    ------
    DenseUnavailable
        If the encoder cannot be loaded, or another process is embedding.
    """
    retriever.settle()
    writer = retriever.writer()
    after = _reached_revision(writer)
    target = latest_revision()
    removed = removed_keys(after) if after else _foreign_keys(writer)
    if target == after and not removed and not writer.has_old_layout():
        retriever.take_over(writer)
        return EmbedReport(0, 0, 0, after)
    n_changed = n_embedded = 0
    is_last = False
    with closing(_changed(after)) as rows:  # closed here, because a failing command closes its database first
        for batch, is_last in _batches(rows, limit=limit, has_vector=_has_vector(writer, limit)):
            done_before = n_embedded

            def report_progress(done: int, _total: int, done_before: int = done_before) -> None:
                if progress is not None:
                    progress(done_before + done)

            reached = max(target, batch[-1][0] if batch else 0) if is_last else batch[-1][0]
            report = writer.update(
                [row[1] for row in batch],
                [embedding_text(row[2], row[3]) for row in batch],
                removed=removed,
                revision=reached,
                origin=revision_origin(reached),
                should_stop=should_stop,
                progress=report_progress,
                yields_to_searches=yields_to_searches,
            )
            n_embedded += report.embedded
            n_changed += len(batch)
            if not report.finished:
                return EmbedReport(n_changed, n_embedded, 0, writer.revision(), is_finished=False)
    revision = writer.revision()
    if is_last:
        writer.discard_salvaged()
        retriever.take_over(writer)
    return EmbedReport(n_changed, n_embedded, len(removed), revision, is_finished=is_last)


def _reached_revision(retriever: VectorRetriever) -> int:
    """The revision that the vectors have reached; 0 if they belong to another history."""
    return retriever.revision() if is_own(retriever) else 0


def _foreign_keys(retriever: VectorRetriever) -> list[str]:
    """Keys that have a vector but no paper in the library. Raises DenseUnavailable if they cannot be read now."""
    try:
        embedded = set(retriever.keys())
    except DenseUnavailable as exc:
        if exc.is_transient:  # with an empty list, vectors of deleted papers would stay for ever
            raise
        return []
    return sorted(embedded - set(Paper.objects.values_list("key", flat=True)))


def _has_vector(retriever: VectorRetriever, limit: int | None) -> Callable[[Row], bool]:
    """Whether the text of a paper has a vector already; asked only where there is a limit."""
    if limit is None:
        return lambda _row: True
    is_embedded = retriever.text_lookup()
    return lambda row: is_embedded(embedding_text(row[2], row[3]))


def _batches(
    rows: Iterator[Row], *, limit: int | None, has_vector: Callable[[Row], bool]
) -> Iterator[tuple[list[Row], bool]]:
    """Batches in order of revision, and whether each is the last. Papers of one revision stay together."""
    n_to_embed = 0
    following = next(rows, None)
    while True:
        batch: list[Row] = []
        while following is not None:
            is_new = not has_vector(following)
            has_room = len(batch) < BATCH_SIZE and not (is_new and limit is not None and n_to_embed >= limit)
            if not has_room and not (batch and following[0] == batch[-1][0]):
                break
            n_to_embed += is_new
            batch.append(following)
            following = next(rows, None)
        if not batch and following is not None:
            return
        yield batch, following is None
        if following is None:
            return


def _changed(after: int) -> Generator[Row, None, None]:
    rows = Paper.objects.filter(revision__gt=after).order_by("revision", "pk")
    yield from rows.values_list("revision", "key", "title", "abstract").iterator(chunk_size=2_000)
