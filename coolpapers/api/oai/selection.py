"""Which papers a list contains, page by page along their revisions. Start at :func:`select_page`.

A page continues after the last revision of the one before. A paper that changes meanwhile has a higher revision: it
moves towards the end of the list, and is listed at most once more. Nothing is skipped, and no cursor is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from coolpapers.api.oai.arguments import Continuation, ListRequest, Position
from coolpapers.api.oai.errors import OaiError
from coolpapers.api.oai.sets import in_set
from coolpapers.papers.lookup.publication import publish, revision_before, revision_until, with_datestamps
from coolpapers.papers.models import Paper, PaperSource, Tombstone

PAGE_SIZE = 250


@dataclass(frozen=True, slots=True)
class OaiItem:
    """A paper at its place in a list; ``paper`` is None for one that was deleted."""

    key: str
    datestamp: datetime
    position: Position
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some items, and where the list goes on; ``following`` is None at its end."""

    items: Sequence[OaiItem]
    following: Continuation | None
    n_before: int
    n_total: int | None


def select_page(continuation: Continuation, *, now: datetime, size: int = PAGE_SIZE) -> ItemPage:
    """The next items of a list. Raises OaiError for an unknown set or format, or an empty list."""
    newest = publish(now)
    request = continuation.request
    bounds = _bounds(request, newest)
    papers, tombstones = _papers(request, bounds), _tombstones(request, bounds)
    is_first = continuation.position == Position()
    n_total = continuation.n_total
    if is_first and not request.set_spec:  # a large set takes long to count
        n_total = papers.count() + tombstones.count()
    after = continuation.position
    rows = sorted(
        [
            *_places(papers, after, size=size + 1, is_deleted=False),
            *_places(tombstones, after, size=size + 1, is_deleted=True),
        ],
        key=lambda row: (row[0].revision, row[0].is_deleted, row[0].pk),
    )
    if is_first and not rows:
        raise OaiError("noRecordsMatch", "no paper fits; the library has none of these dates, set and format")
    items = _load(rows[:size])
    n_before = continuation.n_before
    following = None
    if len(rows) > size:
        following = replace(continuation, position=rows[size - 1][0], n_before=n_before + size, n_total=n_total)
    return ItemPage(items, following, n_before, n_total)


def find_item(key: str, *, now: datetime) -> OaiItem | None:
    """The paper with this key, or what is left of a deleted one."""
    newest = publish(now)
    tables: tuple[QuerySet[Any], ...] = (Paper.objects.all(), Tombstone.objects.all())
    for is_deleted, rows in enumerate(tables):
        found = rows.filter(key=key, revision__lte=newest).values_list("revision", "pk", "key").first()
        if found is not None:
            return next(iter(_load([(Position(found[0], bool(is_deleted), found[1]), found[2])])), None)
    return None


def _bounds(request: ListRequest, newest: int) -> Q:
    first = revision_before(request.since) if request.since else 0
    last = min(newest, revision_until(request.until)) if request.until else newest
    return Q(revision__gt=first, revision__lte=last)


def _papers(request: ListRequest, bounds: Q) -> QuerySet[Paper]:
    papers = Paper.objects.filter(bounds)
    if request.prefix == "arXiv":
        papers = papers.exclude(arxiv_id="")
    return in_set(papers, request.set_spec) if request.set_spec else papers.order_by("revision", "pk")


def _tombstones(request: ListRequest, bounds: Q) -> QuerySet[Tombstone]:
    """Deleted papers. Which sets they were in is not known, so that every set has them."""
    tombstones = Tombstone.objects.filter(bounds)
    if request.prefix == "arXiv":
        tombstones = tombstones.filter(key__startswith="arxiv:")
    elif request.prefix == "coolpapers":  # a paper that joined another one is there with all its records
        tombstones = tombstones.exclude(Exists(PaperSource.objects.filter(key=OuterRef("key"))))
    return tombstones.order_by("revision", "pk")


def _places(rows: QuerySet[Any], after: Position, *, size: int, is_deleted: bool) -> list[tuple[Position, str]]:
    """Positions and keys of the next rows; within one revision, papers come before deleted ones."""
    rows = rows.filter(revision__gte=after.revision)
    if is_deleted == after.is_deleted:
        rows = rows.filter(Q(revision__gt=after.revision) | Q(pk__gt=after.pk))
    elif after.is_deleted:
        rows = rows.filter(revision__gt=after.revision)
    found = rows.values_list("revision", "pk", "key")[:size]
    return [(Position(revision, is_deleted, pk), key) for revision, pk, key in found]


def _load(rows: Sequence[tuple[Position, str]]) -> list[OaiItem]:
    """The items of positions; those that changed since they were looked up are left to a later page."""
    papers = with_datestamps(
        Paper.objects.select_related("venue").filter(pk__in=[place.pk for place, _ in rows if not place.is_deleted])
    )
    tombstones = with_datestamps(Tombstone.objects.filter(pk__in=[place.pk for place, _ in rows if place.is_deleted]))
    present = {paper.pk: paper for paper in papers}
    gone = {tombstone.pk: tombstone for tombstone in tombstones}
    items = []
    for place, key in rows:
        row = gone.get(place.pk) if place.is_deleted else present.get(place.pk)
        if row is not None and row.revision == place.revision and row.datestamp is not None:
            items.append(OaiItem(key, row.datestamp, place, None if place.is_deleted else row))
    return items
