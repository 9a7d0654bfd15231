"""What narrows a search, for its page: filters as chips, a histogram of years or months, facets.

Start at :func:`search_refinements`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from coolpapers.finding.pages.facets import Faceted, describe_facets, describe_has, venue_value_label
from coolpapers.finding.pages.forms import FACETS, SearchRequest, read_years
from coolpapers.finding.pages.query_chips import split_query
from coolpapers.papers.refining.addresses import ListAddress
from coolpapers.papers.refining.chips import Chip, describe_days, describe_years, either
from coolpapers.papers.refining.histogram import Histogram, Links, is_short, make_histogram
from search.vocabulary.categories import category_name


def counted_facets(search_request: SearchRequest) -> tuple[str, ...]:
    """The facets that the page of a search needs: months too where the chosen days are few enough."""
    return (*FACETS, "month") if _is_monthly(search_request) else FACETS


def search_refinements(
    page: Faceted, search_request: SearchRequest, address: ListAddress, *, total: int, has_pages: bool = True
) -> dict[str, Any]:
    """The context of ``papers/_sentence.html`` and of the tags ``histogram`` and ``facets``.

    ``has_pages``: all values of a facet are a page of their own, as they are for a search.
    """
    words, conditions = split_query(search_request.text)
    typed = [Chip(one.text, address.having(q=one.query_without, query=None)) for one in conditions]
    return {
        "words": words,
        "chips": [*typed, *describe_filters(search_request, address)],
        "histogram": make_search_histogram(page, address, total),
        "facets": describe_facets(page, search_request, address, has_pages=has_pages),
        "has": describe_has(search_request, address),
    }


def author_refinements(
    address: ListAddress, years: Iterable[tuple[int, int]], *, year: int | None, coauthor: str
) -> dict[str, Any]:
    """The same for the page of an author: ``years`` are pairs of a year and its papers."""
    chips = [Chip(describe_years(year, year), address.having(year=None))] if year else []
    if coauthor:
        chips.append(Chip(_("with %(name)s") % {"name": coauthor}, address.having(with_=None)))
    by_year = address.prefix("year")
    links = Links(lambda _first, last: f"{by_year}year={last}", is_chosen=lambda value: value == str(year))
    counts = {(number, 0): n_papers for number, n_papers in years}
    return {
        "chips": chips,
        "histogram": make_histogram(counts, links, today=localdate(), has_spans=False),
        "kept": address.prefix("show", "format"),
    }


def describe_filters(search_request: SearchRequest, address: ListAddress) -> Iterable[Chip]:
    """The filters of a search in words; each chip leads to the search without it."""
    chosen, excluded = search_request.chosen, search_request.excluded
    for name, first, other, without, label in (
        ("category", _("in %(name)s"), _("or %(name)s"), _("not in %(name)s"), str),
        ("venue", _("at %(name)s"), _("or %(name)s"), _("not at %(name)s"), venue_value_label),
        ("year", "%(name)s", _("or %(name)s"), _("not %(name)s"), _years_text),
        ("has", _("with %(name)s"), _("with %(name)s"), _("without %(name)s"), _has_text),
    ):
        texts = either([label(value) for value in chosen[name]], first, other)
        for value, text in zip(chosen[name], texts, strict=True):
            yield Chip(text, address.without(name, value), category_name(value) if name == "category" else "")
        for value in excluded[name]:
            yield Chip(without % {"name": label(value)}, address.without(name, f"-{value}"))
    if days := describe_days(search_request.first_day, search_request.last_day):
        yield Chip(days, address.having(from_=None, to=None))


def _years_text(value: str) -> str:
    period = read_years(value)
    return describe_years(*period) if period else value


def _has_text(value: str) -> str:
    return {"code": _("code"), "pdf": "PDF", "summary": _("summary")}[value]


def _chosen_days(search_request: SearchRequest) -> tuple[date | None, date | None]:
    """First and last day that the filters allow; None where an end is open."""
    first, last = search_request.first_day, search_request.last_day
    if len(search_request.chosen["year"]) == 1 and (period := read_years(search_request.chosen["year"][0])):
        starts = [day for day in (first, date(period[0], 1, 1) if period[0] else None) if day]
        ends = [day for day in (last, date(period[1], 12, 31) if period[1] else None) if day]
        first, last = max(starts, default=None), min(ends, default=None)
    return first, last


def _is_monthly(search_request: SearchRequest) -> bool:
    return is_short(*_chosen_days(search_request), today=localdate())


def make_search_histogram(page: Faceted, address: ListAddress, total: int) -> Histogram | None:
    """Bars by month in a short range of days that most papers have, else by year. Counts are those of the engine."""
    today = localdate()
    months = {(int(count.value[:4]), int(count.value[5:])): count.n_documents for count in page.facets.get("month", ())}
    n_dated = sum(months.values())
    if 2 * n_dated >= total and len(months) > 1:
        by_month = address.prefix("from", "to")
        links = Links(lambda first, last: f"{by_month}from={first}&to={last}")
        return make_histogram(months, links, today=today, n_undated=max(0, total - n_dated))
    years = {(int(count.value), 0): count.n_documents for count in page.facets.get("year", ())}

    by_year = address.prefix("year", "from", "to")

    def path_of(first: str, last: str) -> str:
        return f"{by_year}year={first if first == last else f'{first}..{last}'}"

    return make_histogram(years, Links(path_of), today=today)
