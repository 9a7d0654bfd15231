"""Import summaries written elsewhere. Start at :func:`import_summaries`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction

from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.records.record import Refusal
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.services import draw_paper_revisions
from coolpapers.reading.summarizers.imported import ImportedSummary
from search.vocabulary.identifiers import parse_identifier

BATCH_SIZE = 200
MIN_TITLE_LETTERS = 20  # shorter titles ("Introduction") are too common to identify a paper
_HUMAN = "human"


@dataclass
class ImportReport:
    """The numbers of records by outcome.

    ``missing`` records are of papers that are not in the library; ``passed_over`` records lost to another summary of
    the same paper and language. Neither is an error.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    passed_over: int = 0
    missing: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.added:,} added, {self.changed:,} changed, {self.unchanged:,} unchanged, "
            f"{self.passed_over:,} passed over for another summary, "
            f"{self.missing:,} of papers not in the library, {len(self.refused):,} refused"
        )


def import_summaries(
    records: Iterable[ImportedSummary | Refusal], *, now: dt.datetime, dry_run: bool = False
) -> ImportReport:
    """Store summaries of papers in the library. Idempotent.

    A paper is found by key, by any identifier, or by its title if that is unique. An imported summary replaces a
    generated one. Between two imported summaries of a paper and language, a person's wins over a model's; otherwise a
    newer text of the same source wins, and between sources the one imported first.
    """
    report = ImportReport()
    finder = _PaperFinder()
    seen: set[tuple[int, str]] = set()
    remaining = iter(records)
    while batch := list(islice(remaining, BATCH_SIZE)):
        report.refused += [record for record in batch if isinstance(record, Refusal)]
        with transaction.atomic():
            stored = []
            records_read = [record for record in batch if isinstance(record, ImportedSummary)]
            for record, paper_pk in finder.find(records_read):
                if paper_pk is None:
                    report.missing += 1
                elif _store(record, paper_pk, seen, report, now=now):
                    stored.append(paper_pk)
            draw_paper_revisions(stored)
            if dry_run:
                transaction.set_rollback(True)
    return report


def _store(
    record: ImportedSummary,
    paper_pk: int,
    seen: set[tuple[int, str]],
    report: ImportReport,
    *,
    now: dt.datetime,
) -> bool:
    """Store the record if it wins over an existing summary; return whether it did."""
    place = (paper_pk, record.language)
    existing = Summary.objects.select_for_update().filter(paper_id=paper_pk, language=record.language).first()
    is_repeated = place in seen
    seen.add(place)
    if existing is not None and existing.source == "imported":
        if (existing.markdown, existing.label, existing.kind) == (record.markdown, record.label, record.kind):
            report.unchanged += 1
            return False
        if _wins(existing, record, is_repeated=is_repeated):
            report.passed_over += 1
            return False
    written = {
        "status": Summary.Status.DONE,
        "markdown": record.markdown,
        "source": "imported",
        "label": record.label,
        "kind": record.kind,
        "partial": "",
        "error": "",
        "claim": "",
        "finished_at": now,
    }
    Summary.objects.update_or_create(
        paper_id=paper_pk,
        language=record.language,
        defaults=written,
        create_defaults={**written, "requested_at": now},
    )
    if existing is not None and existing.markdown:
        report.changed += 1
    else:
        report.added += 1
    return True


def _wins(existing: Summary, record: ImportedSummary, *, is_repeated: bool) -> bool:
    """Whether the existing imported summary wins over the record."""
    if (existing.kind == _HUMAN) != (record.kind == _HUMAN):
        return existing.kind == _HUMAN
    return is_repeated or existing.label != record.label


class _PaperFinder:
    """Finds the papers of records, as row numbers."""

    def __init__(self) -> None:
        self._titles: dict[str, int | None] | None = None

    def find(self, records: list[ImportedSummary]) -> Iterator[tuple[ImportedSummary, int | None]]:
        """Yield each record with its paper's row number, or None if the paper is not in the library."""
        keys = {key for record in records for key in _keys(record.id)}
        pk_by_key = dict(PaperSource.objects.filter(key__in=keys).values_list("key", "paper_id"))
        pk_by_key |= dict(Paper.objects.filter(key__in=keys).values_list("key", "pk"))
        arxiv_ids = {key.removeprefix("arxiv:") for key in keys if key.startswith("arxiv:")}
        dois = {key.removeprefix("doi:") for key in keys if key.startswith("doi:")}
        for pk, arxiv_id in Paper.objects.filter(arxiv_id__in=arxiv_ids).values_list("pk", "arxiv_id"):
            pk_by_key[f"arxiv:{arxiv_id}"] = pk
        for pk, doi in Paper.objects.filter(doi__in=dois).values_list("pk", "doi"):
            pk_by_key.setdefault(f"doi:{doi}", pk)
        for record in records:
            match = next((pk_by_key[key] for key in _keys(record.id) if key in pk_by_key), None)
            yield record, match if match is not None else self._by_title(record)

    def _by_title(self, record: ImportedSummary) -> int | None:
        title = _fold(record.title)
        # An unknown arXiv id means that the paper is missing, even if another paper has the same title.
        identifier = parse_identifier(record.id)
        if len(title) < MIN_TITLE_LETTERS or (identifier is not None and identifier.source == "arxiv"):
            return None
        if self._titles is None:
            self._titles = {}
            for pk, other in Paper.objects.values_list("pk", "title").iterator():
                folded = _fold(other)
                self._titles[folded] = pk if folded not in self._titles else None
        return self._titles.get(title)


def _keys(text: str) -> list[str]:
    identifier = parse_identifier(text)
    return [text, identifier.key] if identifier else [text]


def _fold(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()
