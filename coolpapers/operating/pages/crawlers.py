"""What crawlers read: ``robots.txt``, the sitemap and the icon that browsers ask for without being told.

The sitemap names home, categories, venues and all papers. Papers stand in parts by their number in the database: a
part is found by the primary key however many papers there are, and a new paper changes the last part only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from coolpapers.base.throttling import limit_rate
from coolpapers.papers.models import Category, Paper, PaperSource
from coolpapers.papers.names.permalinks import category_path, paper_path, venue_path
from coolpapers.papers.pages.context import site_origin

# Of the 50,000 that the protocol allows: a part is made within a fraction of a second.
PAPERS_A_PART = 5_000
_XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_ICON = "img/favicon.ico"
_XML = "application/xml; charset=utf-8"
_HOUR_S = 3_600
# Searches and exports are expensive, lists with parameters endless, and the rest is no page of a paper.
DISALLOWED = (
    "/*?",
    "/*/export",
    "/*/feed",
    "/account/",
    "/admin/",
    "/api/",
    "/author/",
    "/cite/",
    "/mcp",
    "/me/",
    "/oai",
    "/related/",
    "/search",
    "/shared/",
    "/status",
    "/unapi",
)


@require_safe
@cache_control(max_age=_HOUR_S)
def show_robots(request: HttpRequest) -> HttpResponse:
    """``/robots.txt``: papers and lists may be read, or nothing where CRAWLERS is off."""
    if settings.CRAWLERS:
        lines = [*(f"Disallow: {path}" for path in DISALLOWED), "", f"Sitemap: {site_origin(request)}/sitemap.xml"]
    else:
        lines = ["Disallow: /"]
    return HttpResponse("\n".join(["User-agent: *", *lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=_HOUR_S)
@limit_rate("sitemap", "FEED_RATE")
def show_sitemap(request: HttpRequest) -> HttpResponse:
    """``/sitemap.xml``: the index of its parts."""
    _require_crawlers()
    origin = site_origin(request)
    addresses = [reverse("operating:show_sitemap_pages"), *(_part_path(number) for number in _part_numbers())]
    entries = (f"<sitemap><loc>{escape(origin + address)}</loc></sitemap>\n" for address in addresses)
    return _xml("sitemapindex", entries)


@require_safe
@cache_control(max_age=_HOUR_S)
@limit_rate("sitemap", "FEED_RATE")
def show_sitemap_pages(request: HttpRequest) -> HttpResponse:
    """``/sitemap/pages.xml``: home, documentation, categories and venues with papers."""
    _require_crawlers()
    origin = site_origin(request)
    fixed = ("papers:show_home", "papers:choose_categories", "papers:list_venues", "help:show_index")
    categories = Category.objects.filter(paper_rows__isnull=False).distinct().values_list("code", flat=True)
    venues = Paper.objects.filter(venue__isnull=False, venue_year__isnull=False).order_by()
    paths = [
        *map(reverse, fixed),
        *(category_path(code) for code in categories),
        *(venue_path(slug, year) for slug, year in venues.values_list("venue__slug", "venue_year").distinct()),
    ]
    return _xml("urlset", (f"<url><loc>{escape(origin + path)}</loc></url>\n" for path in paths))


@require_safe
@cache_control(max_age=_HOUR_S)
@limit_rate("sitemap", "FEED_RATE")
def show_sitemap_papers(request: HttpRequest, number: int) -> HttpResponse:
    """``/sitemap/papers-<number>.xml``: papers with the day of their last change; 404 for a part without papers."""
    _require_crawlers()
    first = number * PAPERS_A_PART
    rows = Paper.objects.filter(pk__gte=first, pk__lt=first + PAPERS_A_PART, withdrawn=False).order_by("pk")
    papers = [_ListedPaper(*row) for row in rows.values_list("pk", "key", "arxiv_id", "modified_at")]
    if not papers:
        raise Http404("No papers in this part.")
    _read_sources(papers)
    return _xml("urlset", _paper_entries(papers, site_origin(request)))


@require_safe
@cache_control(max_age=24 * _HOUR_S)
def send_icon(_request: HttpRequest) -> HttpResponse:
    """``/favicon.ico``; pages name the drawing as SVG."""
    try:
        return HttpResponse(_icon(), content_type="image/x-icon")
    except OSError as exc:  # static files are not collected
        raise Http404("There is no icon.") from exc


@cache
def _icon() -> bytes:
    source = finders.find(_ICON)  # none where the package is installed: its files are collected
    return Path(source).read_bytes() if source else Path(staticfiles_storage.path(_ICON)).read_bytes()


class _Sources(list[PaperSource]):
    """Sources that were read already."""

    def all(self) -> list[PaperSource]:
        return self


@dataclass(slots=True)
class _ListedPaper:
    """What an address is made of: rows of all columns would take most of the time."""

    pk: int
    key: str
    arxiv_id: str
    modified_at: datetime
    sources: _Sources = field(default_factory=_Sources)


def _read_sources(papers: Sequence[_ListedPaper]) -> None:
    """Those of papers that are named by them."""
    unnamed = {paper.pk: paper for paper in papers if not paper.arxiv_id}
    sources = PaperSource.objects.filter(paper__pk__range=(papers[0].pk, papers[-1].pk), paper__arxiv_id="")
    for source in sources.only("pk", "paper_id", "key", "source", "ident"):
        if source.paper_id in unnamed:
            unnamed[source.paper_id].sources.append(source)


def _require_crawlers() -> None:
    if not settings.CRAWLERS:
        raise Http404("This site is not for crawlers.")


def _part_numbers() -> Iterator[int]:
    last = Paper.objects.aggregate(last=Max("pk"))["last"] or 0
    for number in range(last // PAPERS_A_PART + 1):
        first = number * PAPERS_A_PART
        if Paper.objects.filter(pk__gte=first, pk__lt=first + PAPERS_A_PART, withdrawn=False).exists():
            yield number


def _part_path(number: int) -> str:
    return reverse("operating:show_sitemap_papers", args=[number])


def _paper_entries(papers: Iterable[_ListedPaper], origin: str) -> Iterator[str]:
    for paper in papers:
        day = paper.modified_at.date().isoformat()
        yield f"<url><loc>{escape(origin + paper_path(paper))}</loc><lastmod>{day}</lastmod></url>\n"


def _xml(root: str, entries: Iterable[str]) -> HttpResponse:
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_XMLNS}>\n{"".join(entries)}</{root}>\n'
    return HttpResponse(content, content_type=_XML)
