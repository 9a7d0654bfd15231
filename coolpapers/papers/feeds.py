"""Atom and RSS of every list: each paper once, under an id that a new version does not change.

A feed of a list without dates holds whole days, at least :data:`MIN_ENTRIES` papers of them, so that a reader
who fetches it daily misses none on a busy day. The ETag is that of the content: a change of the library that
does not touch the list sends nothing again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from coolpapers.papers.cards import Card
from coolpapers.papers.category_sets import TooManyCategories, UnknownCategory
from coolpapers.papers.forms import read_list_request
from coolpapers.papers.listing import UnknownVenue, list_categories, list_venue, recent_days
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.selectors import page_of, papers_between, sorted_papers

MIN_ENTRIES = 100
MAX_ENTRIES = 2000  # a busy day of all arXiv has about 1,500
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def feed_arxiv(request: HttpRequest, spec: str) -> HttpResponse:
    """The feed of a category list: its newest days, or the days that its address names."""
    wanted = read_list_request(request.GET)
    try:
        listing = list_categories(spec, wanted, revision=latest_revision())
    except (UnknownCategory, TooManyCategories) as error:
        raise Http404(str(error)) from error
    papers = listing.papers
    if wanted.day is None and not wanted.has_range and listing.days:
        first = recent_days(listing.days, n_papers=MIN_ENTRIES)[-1].day
        papers = sorted_papers(papers_between(listing.categories, first, None), "newest")
    return render_feed(request, page_of(papers, 0, MAX_ENTRIES), title=listing.title)


def feed_venue(request: HttpRequest, spec: str) -> HttpResponse:
    """The feed of a venue's list, newest papers first."""
    wanted = replace(read_list_request(request.GET), sort="newest")
    try:
        listing = list_venue(spec, wanted, revision=latest_revision())
    except UnknownVenue as error:
        raise Http404(_("This library has no venue “%(name)s”.") % {"name": spec[:80]}) from error
    title = " ".join([listing.venue.ident.replace(".", " "), listing.track]).strip()
    return render_feed(request, page_of(listing.papers, 0, MAX_ENTRIES), title=title)


def render_feed(request: HttpRequest, papers: Sequence[Paper], *, title: str) -> HttpResponse:
    """Atom, or RSS 2.0 where the address says ``format=rss``; 304 where the reader has this content already."""
    is_rss = request.GET.get("format") == "rss"
    feed = _make_feed(request, title, is_rss=is_rss)
    for paper in papers:
        _add_paper(feed, request, paper)
    content = feed.writeString("utf-8")
    modified = max((paper.modified_at for paper in papers), default=None)
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    response = HttpResponse(content, content_type=feed.content_type)
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified.timestamp())
    response["Cache-Control"] = "public, max-age=300"  # seconds; readers poll far more often than papers come
    patch_vary_headers(response, ["Accept-Language"])
    stamp = int(modified.timestamp()) if modified else None
    return get_conditional_response(request, etag=etag, last_modified=stamp, response=response) or response


def _make_feed(request: HttpRequest, title: str, *, is_rss: bool) -> Rss201rev2Feed | Atom1Feed:
    page_path = request.path.removesuffix("/feed")
    query = request.GET.copy()
    query.pop("format", None)
    page = request.build_absolute_uri(f"{page_path}?{query.urlencode()}" if query else page_path)
    kind = _StampedRss if is_rss else _StampedAtom
    return kind(
        title=_clean(title),
        link=page,
        description=_("New papers: %(title)s") % {"title": _clean(title)},
        language=get_language(),
        feed_url=request.build_absolute_uri(),
    )


class _Stamped(SyndicationFeed):
    """A feed whose date does not move with the clock where it is empty, so that its ETag stays."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=datetime(1970, 1, 1, tzinfo=UTC))


class _StampedRss(_Stamped, Rss201rev2Feed):
    """RSS 2.0; all authors stand in one element, for readers show the first only."""


class _StampedAtom(_Stamped, Atom1Feed):
    """Atom with an element for each author."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "author_name": None})
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")


def _add_paper(feed: SyndicationFeed, request: HttpRequest, paper: Paper) -> None:
    card = Card(paper)
    link = request.build_absolute_uri(card.path)
    published = _midnight(card.date) or paper.created_at
    feed.add_item(
        title=_clean(paper.title),
        link=link,
        description=escape(_clean(paper.abstract)),
        author_name=_clean(", ".join(paper.authors)) or None,
        authors=[_clean(name) for name in paper.authors],
        unique_id=f"tag:{request.get_host().split(':')[0]},2000:{_clean(paper.key)}",
        unique_id_is_permalink=False,
        categories=[_clean(code) for code in paper.categories],
        pubdate=published,
        updateddate=max(_midnight(paper.updated) or published, published),
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _FORBIDDEN_IN_XML.sub("�", text)
