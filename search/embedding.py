"""Keeping the vectors at the library's state: what changed since they were last brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from coolpapers.papers.models import Paper, latest_revision
from search.dense import VectorRetriever, embedding_text
from search.documents import removed_keys

# Papers handed to the encoder at once; a run that is stopped keeps what it embedded.
BATCH_SIZE = 20_000

Row = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What a run did. ``is_finished`` False: it was stopped or limited; the next run goes on."""

    n_changed: int
    n_embedded: int
    n_removed: int
    revision: int
    is_finished: bool = True


def count_pending(retriever: VectorRetriever) -> int:
    """How many papers changed since the vectors were last brought up to date."""
    return Paper.objects.filter(revision__gt=_revision_taken(retriever)).count()


def embed_papers(
    retriever: VectorRetriever,
    *,
    limit: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] | None = None,
) -> EmbedReport:
    """Embed new and changed papers, forget deleted ones; run twice, the second run does nothing.

    Works in batches by revision that each publish, so a kill costs at most one chunk of embedding.

    Raises
    ------
    DenseUnavailable
        If the encoder cannot be loaded.
    """
    after = _revision_taken(retriever)
    target = latest_revision()
    if target == after:
        return EmbedReport(0, 0, 0, after)
    removed = removed_keys(after)
    n_changed = n_embedded = 0
    rows = _changed(after)
    while True:
        wanted = BATCH_SIZE if limit is None else min(BATCH_SIZE, limit - n_changed)
        batch = list(islice(rows, wanted))
        is_last = limit is None and len(batch) < BATCH_SIZE
        done_before = n_embedded

        def tell(done: int, _total: int, done_before: int = done_before) -> None:
            if progress is not None:
                progress(done_before + done)

        report = retriever.update(
            [row[1] for row in batch],
            [embedding_text(row[2], row[3]) for row in batch],
            removed=removed,
            revision=target if is_last else (batch[-1][0] if batch else after),
            stop=stop,
            progress=tell,
        )
        n_embedded += report.embedded
        if not report.finished:
            return EmbedReport(n_changed, n_embedded, 0, retriever.revision(), is_finished=False)
        n_changed += len(batch)
        if is_last or len(batch) < wanted:
            return EmbedReport(n_changed, n_embedded, len(removed), retriever.revision())
        if limit is not None and n_changed >= limit:
            return EmbedReport(n_changed, n_embedded, len(removed), retriever.revision(), is_finished=False)


def _revision_taken(retriever: VectorRetriever) -> int:
    """0 where the vectors are of another model or unreadable: then everything is embedded anew."""
    return retriever.revision() if retriever.count() else 0


def _changed(after: int) -> Iterator[Row]:
    rows = Paper.objects.filter(revision__gt=after).order_by("revision", "pk")
    return rows.values_list("revision", "key", "title", "abstract").iterator(chunk_size=2_000)
