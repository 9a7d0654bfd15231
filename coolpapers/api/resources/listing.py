"""Lists of papers by category or venue, newest or oldest first, with cursors for pagination."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.api.resources.cursors import read_cursor, write_cursor
from coolpapers.papers.lookup.selectors import known_codes, page_of, papers_between
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.category_sets import EVERYTHING, TooManyCategories, UnknownCategory, parse_category_set
from coolpapers.papers.pages.forms import ListRequest
from coolpapers.papers.pages.listing import UnknownVenue, list_venue

SORTS = ("newest", "oldest")
_NO_DAY = 0  # in a cursor: the paper has no day; ordinals start at 1


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """A list request: of a set of categories (``cs.CL,cs.AI-cs.CY``) or of a venue (``ICLR.2025``)."""

    category: str = ""
    venue: str = ""
    group: str = ""
    first_day: date | None = None
    last_day: date | None = None
    sort: str = "newest"


def list_papers(question: ListQuestion, *, cursor: str = "", limit: int = 25) -> tuple[list[Paper], str]:
    """One page of a list, and the cursor of the next ("" at the end). Papers without a day come last.

    Raises NotFound for an unknown category or venue, BadParameter for a cursor of another list.
    """
    papers = _papers_of(question)
    shown = _read_place(cursor, question) if cursor else None
    page: list[Paper] = []
    if shown is None or shown.day is not None:
        page = page_of(_dated(papers, shown, question.sort), 0, limit + 1)
    if len(page) <= limit:
        behind = shown if shown is not None and shown.day is None else None
        page += page_of(_undated(papers, behind, question.sort), 0, limit + 1 - len(page))
    if len(page) <= limit:
        return page, ""
    last = page[limit - 1]
    day = last.announced.toordinal() if last.announced else _NO_DAY
    return page[:limit], write_cursor({"day": day, "pk": last.pk}, question=question)


class _Place(NamedTuple):
    """The last paper shown: its day (None if it has none) and its row number."""

    day: date | None
    pk: int


def _read_place(cursor: str, question: ListQuestion) -> _Place:
    place = read_cursor(cursor, question=question, kinds={"day": int, "pk": int})
    try:
        if not 0 < place["pk"] < 2**63:
            raise ValueError(place["pk"])
        return _Place(date.fromordinal(place["day"]) if place["day"] != _NO_DAY else None, place["pk"])
    except (ValueError, OverflowError) as exc:
        cure = "Send “next” of the previous page, or start without a cursor."
        raise BadParameter("Invalid cursor.", where="cursor", cure=cure) from exc


def _dated(papers: QuerySet[Paper], shown: _Place | None, sort: str) -> QuerySet[Paper]:
    """Papers with a day, after the one shown. The separate bound on the day lets the database use its index."""
    papers = papers.filter(announced__isnull=False)
    if sort == "oldest":
        if shown is not None:
            papers = papers.filter(announced__gte=shown.day).exclude(announced=shown.day, pk__lte=shown.pk)
        return papers.order_by("announced", "pk")
    if shown is not None:
        papers = papers.filter(announced__lte=shown.day).exclude(announced=shown.day, pk__gte=shown.pk)
    return papers.order_by("-announced", "-pk")


def _undated(papers: QuerySet[Paper], shown: _Place | None, sort: str) -> QuerySet[Paper]:
    papers = papers.filter(announced__isnull=True)
    if shown is not None:
        papers = papers.filter(pk__gt=shown.pk) if sort == "oldest" else papers.filter(pk__lt=shown.pk)
    return papers.order_by("pk" if sort == "oldest" else "-pk")


def _papers_of(question: ListQuestion) -> QuerySet[Paper]:
    if question.category and question.venue:
        raise BadParameter("category and venue exclude each other.", where="venue", cure="Omit one of them.")
    if question.venue:
        request = ListRequest(start=0, size=1, group=question.group)
        try:
            papers = list_venue(question.venue, request, revision=latest_revision()).papers
        except UnknownVenue as exc:
            cure = "Write ICLR.2025, or ICLR for the latest year; /venue/ lists the venues."
            raise NotFound(f"Unknown venue “{question.venue[:80]}”.", where="venue", cure=cure) from exc
        if question.first_day:
            papers = papers.filter(announced__gte=question.first_day)
        return papers.filter(announced__lte=question.last_day) if question.last_day else papers
    known = known_codes(revision=latest_revision())
    try:
        categories = parse_category_set(question.category or EVERYTHING, known=known)
    except UnknownCategory as exc:
        cure = "Write cs.CL, several as cs.AI,cs.CL, exclusions as cs-cs.CY; /arxiv/ lists the categories."
        raise NotFound(str(exc), where="category", cure=cure) from exc
    except TooManyCategories as exc:
        raise BadParameter(str(exc), where="category", cure="Request fewer at a time.") from exc
    return papers_between(categories, question.first_day, question.last_day, walking=True)
