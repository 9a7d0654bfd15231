"""What an administrator does to papers by hand: withdraw, restore, have them indexed again, correct fields, repair.

Names of corrected fields are kept in ``Paper.edited``, so that imports leave them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.importing.tables import as_json, as_time, update_rows
from coolpapers.papers.models import Category, Paper, PaperCategory, PaperQuerySet, draw_revisions
from coolpapers.papers.records.record import PAPER_FIELDS
from search.vocabulary.categories import arxiv_category_name, fold_category

_BATCH = 1000
_REPAIRED_AT_ONCE = 50_000  # papers whose rows are compared by one query
# The foreign key is edited as one field; a record says slug and name.
_VENUE_FIELDS = ("venue_slug", "venue_name")


def reindex_papers(papers: PaperQuerySet) -> int:
    """Give papers new revisions, so that indexes take them again; return how many there were."""
    count = 0
    for ids in _batches(papers):
        with transaction.atomic():
            first = draw_revisions(len(ids))
            update_rows(Paper, ("revision",), ((first + n, pk) for n, pk in enumerate(ids)))
        count += len(ids)
    return count


def set_withdrawn(papers: PaperQuerySet, *, withdrawn: bool) -> int:
    """Mark papers as withdrawn, or no longer so, against what sources say; return how many were changed."""
    count = 0
    for ids in _batches(papers.exclude(withdrawn=withdrawn)):
        with transaction.atomic():
            edited = Paper.objects.filter(pk__in=ids).values_list("pk", "edited")
            first = draw_revisions(len(ids))
            rows = (
                (withdrawn, as_json(_united(names, ["withdrawn"])), first + n, as_time(timezone.now()), pk)
                for n, (pk, names) in enumerate(edited)
            )
            update_rows(Paper, ("withdrawn", "edited", "revision", "modified_at"), rows)
        count += len(ids)
    return count


def repair_days() -> int:
    """Give category rows the day of their paper where something outside has changed one alone; return how many papers.

    The papers get new revisions, so that counts are made anew.
    """
    n_papers = 0
    last = Paper.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, _REPAIRED_AT_ONCE):
        rows = PaperCategory.objects.filter(paper_id__gte=first, paper_id__lt=first + _REPAIRED_AT_ONCE)
        ids = sorted(set(PaperCategory.misdated(rows).values_list("paper_id", flat=True)))
        for start in range(0, len(ids), _BATCH):
            papers = Paper.objects.filter(pk__in=ids[start : start + _BATCH])
            with transaction.atomic():
                papers.update(announced=F("announced"))
                reindex_papers(papers)
        n_papers += len(ids)
    return n_papers


def save_corrections(paper: Paper, changed: Sequence[str]) -> None:
    """Save a paper whose fields of these names were changed by hand, with its category rows."""
    names = [name for name in changed if name in PAPER_FIELDS]
    if "venue" in changed:
        names.extend(_VENUE_FIELDS)
    paper.edited = _united(paper.edited, names)
    paper.match_key = keys_of(paper.title, paper.authors).match
    paper.categories = list(dict.fromkeys(fold_category(code) for code in paper.categories))
    with transaction.atomic():
        paper.save()
        if "categories" in changed or not paper.category_rows.exists():
            _write_categories(paper)


def _write_categories(paper: Paper) -> None:
    paper.category_rows.all().delete()
    Category.objects.bulk_create(
        [Category(code=code, name=arxiv_category_name(code)) for code in paper.categories], ignore_conflicts=True
    )
    ids = dict(Category.objects.filter(code__in=paper.categories).values_list("code", "pk"))
    PaperCategory.objects.bulk_create(
        PaperCategory(paper=paper, category_id=ids[code], position=position, announced=paper.announced)
        for position, code in enumerate(paper.categories)
    )


def _batches(papers: PaperQuerySet) -> Iterator[list[int]]:
    """Primary keys in lists; all are read first, since the papers may leave the query when they change."""
    ids = list(papers.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def _united(names: Iterable[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*names, *more)))
