"""Bringing summaries written elsewhere into the library: :func:`import_summaries`."""

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
from coolpapers.reading.summaries.services import note_changes
from coolpapers.reading.summarizers.imported import ImportedSummary
from search.vocabulary.identifiers import parse_identifier

BATCH_SIZE = 200
MIN_TITLE_LETTERS = 20  # shorter titles ("Introduction") are too common to tell a paper by
_HUMAN = "human"


@dataclass
class ImportReport:
    """What became of the records.

    ``missing`` are of papers that the library does not have, ``passed_over`` lost to another summary of the same paper
    and language; nothing is wrong with either.
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
            f"{self.passed_over:,} passed over for another one, "
            f"{self.missing:,} of papers not in the library, {len(self.refused):,} refused"
        )


def import_summaries(
    records: Iterable[ImportedSummary | Refusal], *, now: dt.datetime, dry_run: bool = False
) -> ImportReport:
    """Store summaries of papers in the library; run twice, the second run changes nothing.

    A paper is found by key, by any identifier, or by its title where exactly one paper has it. An imported
    summary replaces a generated one. Of two imported ones of a paper and language, a person's is kept before a
    model's, and otherwise the same source's newer text or, between sources, the one that came first.
    """
    report = ImportReport()
    finder = _PaperFinder()
    seen: set[tuple[int, str]] = set()
    remaining = iter(records)
    while batch := list(islice(remaining, BATCH_SIZE)):
        report.refused += [one for one in batch if isinstance(one, Refusal)]
        with transaction.atomic():
            stored = []
            for record, paper_pk in finder.find([one for one in batch if isinstance(one, ImportedSummary)]):
                if paper_pk is None:
                    report.missing += 1
                elif _store(record, paper_pk, seen, report, now=now):
                    stored.append(paper_pk)
            note_changes(stored)
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
    """Store one record where it wins; False where what is there stays."""
    place = (paper_pk, record.language)
    known = Summary.objects.select_for_update().filter(paper_id=paper_pk, language=record.language).first()
    repeated = place in seen
    seen.add(place)
    if known is not None and known.source == "imported":
        if (known.markdown, known.label, known.kind) == (record.markdown, record.label, record.kind):
            report.unchanged += 1
            return False
        if _keeps(known, record, repeated=repeated):
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
    if known is not None and known.markdown:
        report.changed += 1
    else:
        report.added += 1
    return True


def _keeps(known: Summary, record: ImportedSummary, *, repeated: bool) -> bool:
    """Whether the imported summary that is there stays."""
    if (known.kind == _HUMAN) != (record.kind == _HUMAN):
        return known.kind == _HUMAN
    return repeated or known.label != record.label


class _PaperFinder:
    """Row numbers of the papers that records are about."""

    def __init__(self) -> None:
        self._titles: dict[str, int | None] | None = None

    def find(self, records: list[ImportedSummary]) -> Iterator[tuple[ImportedSummary, int | None]]:
        """Yield each record with its paper's row number, None where the library has no such paper."""
        keys = {key for record in records for key in _keys(record.id)}
        found = dict(PaperSource.objects.filter(key__in=keys).values_list("key", "paper_id"))
        found |= dict(Paper.objects.filter(key__in=keys).values_list("key", "pk"))
        arxiv_ids = {key.removeprefix("arxiv:") for key in keys if key.startswith("arxiv:")}
        dois = {key.removeprefix("doi:") for key in keys if key.startswith("doi:")}
        for pk, arxiv_id in Paper.objects.filter(arxiv_id__in=arxiv_ids).values_list("pk", "arxiv_id"):
            found[f"arxiv:{arxiv_id}"] = pk
        for pk, doi in Paper.objects.filter(doi__in=dois).values_list("pk", "doi"):
            found.setdefault(f"doi:{doi}", pk)
        for record in records:
            named = next((found[key] for key in _keys(record.id) if key in found), None)
            yield record, named if named is not None else self._by_title(record)

    def _by_title(self, record: ImportedSummary) -> int | None:
        title = _fold(record.title)
        # An arXiv id that the library lacks is a paper that it lacks, whatever else has that title.
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
