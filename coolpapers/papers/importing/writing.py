"""Batches of records written into the catalogue; :mod:`.services` decides what a batch is and opens the transaction.

One batch: look the records' keys up and leave out what is unchanged; find each other record's work (:mod:`.works`);
make the content of each touched work from all its records (:mod:`coolpapers.papers.records.merging`); write rows in
bulk (:mod:`.rows`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coolpapers.papers.importing.rows import PaperContent, PaperTables, content_from_json, content_of_paper
from coolpapers.papers.importing.works import IncomingRecord, Work, WorkFinder
from coolpapers.papers.models import Paper, PaperSource, Tombstone, draw_revisions
from coolpapers.papers.records.merging import Described, merge_contents, succeed
from coolpapers.papers.records.record import Deletion, Record


@dataclass(slots=True)
class BatchCounts:
    """What became of a batch's records.

    ``skipped`` changed nothing; ``repeated`` had a key that came before in the run, with other content.
    """

    added: int = 0
    changed: int = 0
    skipped: int = 0
    repeated: list[Record] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _SourceRow:
    """A row of PaperSource. ``content`` is its record; None while the paper's own row says it."""

    pk: int
    paper_id: int
    key: str
    source: str
    content_hash: str
    content: dict[str, Any] | None = None


class BatchWriter:
    """Writes one batch after another; ``now`` becomes the time of created and modified rows."""

    def __init__(self, *, now: datetime) -> None:
        self._tables = PaperTables(now=now)

    def write(self, items: Sequence[Record | Deletion], *, seen: Container[str] | None = None) -> BatchCounts:
        """Write one batch.

        ``seen`` holds keys met before in this run: a record of such a key, or of one met before in the batch, must
        have the same content. With None the later record replaces the earlier.
        """
        counts = BatchCounts()
        rows = {row.key: row for row in _rows(key__in={item.key for item in items})}
        fresh, changed, deleted = _sort_out(items, rows, seen, counts)
        works = {id(work): work for work in _works_of(fresh)}
        by_paper = {work.paper_id: work for work in works.values() if work.paper_id is not None}
        for met in changed:
            paper_id = rows[met.record.key].paper_id
            by_paper.setdefault(paper_id, Work(paper_id)).met.append(met)
        for row in deleted:
            by_paper.setdefault(row.paper_id, Work(row.paper_id))
        self._add([work for work in works.values() if work.paper_id is None], counts)
        self._change({pk: work.met for pk, work in by_paper.items() if pk}, {row.key for row in deleted}, counts)
        return counts

    def _add(self, works: Sequence[Work], counts: BatchCounts) -> None:
        if not works:
            return
        contents = {work.met[0].record.key: _new_content(work.met) for work in works}
        Tombstone.objects.filter(key__in=contents).delete()  # a paper that was deleted and comes back is not gone
        ids = self._tables.insert_papers(contents, first_revision=draw_revisions(len(works)))
        by_paper = [(ids[work.met[0].record.key], work.met) for work in works]
        self._tables.insert_sources(
            _source_row(pk, one, one.content if len(met) > 1 else None) for pk, met in by_paper for one in met
        )
        self._tables.insert_versions(
            (pk, version) for pk, met in by_paper for one in met for version in one.record.versions
        )
        counts.added += len(works)
        counts.skipped += sum(len(work.met) - 1 for work in works)

    def _change(
        self, met_by_paper: Mapping[int, Sequence[IncomingRecord]], deleted: Container[str], counts: BatchCounts
    ) -> None:
        """Make each paper's content anew from all its records; write those that really changed."""
        if not met_by_paper:
            return
        rows_by_paper: dict[int, list[_SourceRow]] = defaultdict(list)
        for row in _rows(paper_id__in=met_by_paper, with_content=True):
            rows_by_paper[row.paper_id].append(row)
        written: dict[int, PaperContent] = {}
        for paper in Paper.objects.filter(pk__in=met_by_paper).select_related("venue").order_by("pk"):
            rows, met = rows_by_paper[paper.pk], met_by_paper[paper.pk]
            described, is_new = self._take_in(paper, rows, met, deleted)
            content = merge_contents(described)
            own = content_of_paper(paper)
            content.update((name, own[name]) for name in paper.edited if name in own)
            made = PaperContent.of(content)
            if is_new or made.content_hash != paper.content_hash:
                written[paper.pk] = made
            counts.skipped += max(len(met), 1) - (paper.pk in written)
        if written:
            self._tables.update_papers(written, first_revision=draw_revisions(len(written)))
            counts.changed += len(written)
        self._tables.insert_versions(
            (pk, version) for pk, met in met_by_paper.items() for one in met for version in one.record.versions
        )

    def _take_in(
        self, paper: Paper, rows: Sequence[_SourceRow], met: Sequence[IncomingRecord], deleted: Container[str]
    ) -> tuple[list[Described], bool]:
        """Bring the paper's source rows up to date; return what all of them say, and whether one is new."""
        by_key = {one.record.key: one for one in met}
        new = [by_key[key] for key in by_key.keys() - {row.key for row in rows}]
        several = len(rows) + len(new) > 1
        updates: list[tuple[str, dict[str, Any] | None, int]] = []
        described: list[Described] = []
        for row in rows:
            content, content_hash = row.content or content_of_paper(paper), row.content_hash
            if row.key in by_key:
                one = by_key[row.key]
                content, content_hash = succeed(content, one.content), one.content_hash
            elif row.key in deleted:
                content, content_hash = {**content, "withdrawn": True}, ""
            if content_hash != row.content_hash or (several and row.content is None):
                updates.append((content_hash, content if several else None, row.pk))
            described.append(Described(row.key, row.source, content))
        self._tables.update_sources(updates)
        self._tables.insert_sources(_source_row(paper.pk, one, one.content) for one in new)
        return [*described, *map(_described, new)], bool(new)


def _sort_out(
    items: Iterable[Record | Deletion], rows: Mapping[str, _SourceRow], seen: Container[str] | None, counts: BatchCounts
) -> tuple[list[IncomingRecord], list[IncomingRecord], list[_SourceRow]]:
    """Records of unknown keys, records that changed, rows whose record is deleted; the rest is counted."""
    waiting: dict[str, IncomingRecord] = {}
    deleted: dict[str, _SourceRow] = {}
    met_keys: set[str] = set()
    for item in items:
        row = rows.get(item.key)
        if isinstance(item, Deletion):
            counts.skipped += waiting.pop(item.key, None) is not None
            if row is None or not row.content_hash:
                counts.skipped += 1
            else:
                deleted[item.key] = row
            continue
        met = IncomingRecord.of(item)
        earlier = waiting.get(item.key)
        stored = earlier.content_hash if earlier else row.content_hash if row else None
        is_repeated = seen is not None and (item.key in met_keys or item.key in seen)
        met_keys.add(item.key)
        if stored == met.content_hash:
            counts.skipped += 1
        elif stored is not None and is_repeated:
            counts.repeated.append(item)
        else:
            counts.skipped += earlier is not None
            deleted.pop(item.key, None)
            waiting[item.key] = met
    fresh = [met for key, met in waiting.items() if key not in rows]
    return fresh, [met for key, met in waiting.items() if key in rows], list(deleted.values())


def _works_of(fresh: Sequence[IncomingRecord]) -> list[Work]:
    if not fresh:
        return []
    finder = WorkFinder(fresh)
    return [finder.work_of(met) for met in fresh]


def _rows(*, with_content: bool = False, **lookup: object) -> list[_SourceRow]:
    columns = ("pk", "paper_id", "key", "source", "content_hash", *(("record",) if with_content else ()))
    found = PaperSource.objects.filter(**lookup).order_by("pk").values_list(*columns)
    return [
        _SourceRow(pk, paper_id, key, source, hash_, content_from_json(more[0]) if more and more[0] else None)
        for pk, paper_id, key, source, hash_, *more in found
    ]


def _described(met: IncomingRecord) -> Described:
    return Described(met.record.key, met.record.source, met.content)


def _new_content(met: Sequence[IncomingRecord]) -> PaperContent:
    if len(met) == 1 and not met[0].record.versions:
        return PaperContent(met[0].content, met[0].match_key, met[0].content_hash)
    return PaperContent.of(merge_contents(map(_described, met)))


def _source_row(
    paper_id: int, met: IncomingRecord, content: dict[str, Any] | None
) -> tuple[int, str, str, str, str, str, str, dict[str, Any] | None]:
    record = met.record
    return (
        paper_id, record.source, record.ident, record.key, record.page_url, record.pdf_url, met.content_hash, content
    )  # fmt: skip
