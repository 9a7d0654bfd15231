"""Lists of papers by category or venue, newest or oldest first, read on from the last paper shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from coolpapers.api.cursors import read_cursor, write_cursor
from coolpapers.api.errors import BadParameter, NotHere
from coolpapers.papers.category_sets import EVERYTHING, TooManyCategories, UnknownCategory, parse_category_set
from coolpapers.papers.forms import ListRequest
from coolpapers.papers.listing import UnknownVenue, list_venue
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.selectors import known_codes, page_of, papers_between

SORTS = ("newest", "oldest")
_NO_DAY = 0  # stands for papers without a day, which come last


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """What list is asked for: of a set of categories (``cs.CL,cs.AI-cs.CY``) or of a venue (``ICLR.2025``)."""

    category: str = ""
    venue: str = ""
    group: str = ""
    first_day: date | None = None
    last_day: date | None = None
    sort: str = "newest"


def list_papers(question: ListQuestion, *, cursor: str = "", limit: int = 25) -> tuple[list[Paper], str]:
    """One page of a list, and the cursor of the next ("" at the end).

    Raises NotHere for an unknown category or venue, BadParameter for a cursor of another list.
    """
    papers = _papers_of(question)
    oldest_first = question.sort == "oldest"
    if cursor:
        place = read_cursor(cursor, question=question, kinds={"day": int, "pk": int})
        papers = papers.filter(_after(place["day"], place["pk"], oldest_first=oldest_first))
    by_day = F("announced").asc(nulls_last=True) if oldest_first else F("announced").desc(nulls_last=True)
    ordered = papers.order_by(by_day, "pk" if oldest_first else "-pk")
    page = page_of(ordered, 0, limit + 1)
    if len(page) <= limit:
        return page, ""
    last = page[limit - 1]
    day = last.announced.toordinal() if last.announced else _NO_DAY
    return page[:limit], write_cursor({"day": day, "pk": last.pk}, question=question)


def _papers_of(question: ListQuestion) -> QuerySet[Paper]:
    if question.category and question.venue:
        raise BadParameter("A list is of categories or of a venue.", where="venue", cure="Leave one of them out.")
    if question.venue:
        wanted = ListRequest(start=0, size=1, group=question.group)
        try:
            papers = list_venue(question.venue, wanted, revision=latest_revision()).papers
        except UnknownVenue as exc:
            cure = "Write it as ICLR.2025, or ICLR for its newest year; /venue/ lists them."
            raise NotHere(f"This library has no venue “{question.venue[:80]}”.", where="venue", cure=cure) from exc
        if question.first_day:
            papers = papers.filter(announced__gte=question.first_day)
        return papers.filter(announced__lte=question.last_day) if question.last_day else papers
    known = known_codes(revision=latest_revision())
    try:
        categories = parse_category_set(question.category or EVERYTHING, known=known)
    except UnknownCategory as exc:
        cure = "Write it as cs.CL, several as cs.AI,cs.CL, without some as cs-cs.CY; /arxiv/ lists them."
        raise NotHere(str(exc), where="category", cure=cure) from exc
    except TooManyCategories as exc:
        raise BadParameter(str(exc), where="category", cure="Ask for fewer at a time.") from exc
    return papers_between(categories, question.first_day, question.last_day, walking=True)


def _after(day: int, pk: int, *, oldest_first: bool) -> Q:
    """Papers that stand behind the one of that day and row."""
    behind = Q(pk__gt=pk) if oldest_first else Q(pk__lt=pk)
    try:
        if not 0 < pk < 2**63:
            raise ValueError(pk)
        if day == _NO_DAY:
            return Q(announced__isnull=True) & behind
        shown = date.fromordinal(day)
    except (ValueError, OverflowError) as exc:
        cure = "Send “next” of the page before, or begin without a cursor."
        raise BadParameter("This is no cursor.", where="cursor", cure=cure) from exc
    later = Q(announced__gt=shown) if oldest_first else Q(announced__lt=shown)
    return later | (Q(announced=shown) & behind) | Q(announced__isnull=True)
