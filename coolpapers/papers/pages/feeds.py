"""Atom and RSS of every list: each paper once, under an id and with dates that a new version does not change.

Readers show an entry anew when its id or its date is new, so both are those of the paper's first day: a replacement
brings the new text to who looks, and calls nobody. The id names the site as its settings do, not as it was reached.

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
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from coolpapers.base.throttling import limit_rate
from coolpapers.papers.lookup.selectors import page_of
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.papers.names.category_sets import TooManyCategories, UnknownCategory
from coolpapers.papers.pages.cards import Card
from coolpapers.papers.pages.forms import read_list_request
from coolpapers.papers.pages.listing import UnknownVenue, list_categories, list_venue, recent_days

MIN_ENTRIES = 100
MAX_ENTRIES = 2000  # a busy day of all arXiv has about 1,500
_REMEMBERED_S = 86_400  # of a feed that nobody asked for in a day nothing need be known
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@limit_rate("feed", "FEED_RATE")
def feed_arxiv(request: HttpRequest, spec: str) -> HttpResponse:
    """The feed of a category list: its newest days, or the days that its address names."""
    revision = latest_revision()
    if (unchanged := answer_unchanged(request, state=revision)) is not None:
        return unchanged
    wanted = read_list_request(request.GET)
    try:
        listing = list_categories(spec, wanted, revision=revision)
    except (UnknownCategory, TooManyCategories) as error:
        raise Http404(str(error)) from error
    if wanted.day is None and not wanted.has_range and listing.days:
        first = recent_days(listing.days, n_papers=MIN_ENTRIES)[-1].day
        listing = replace(listing, first=first, last=None, sort="newest")
    return render_feed(request, listing.page(0, MAX_ENTRIES), title=listing.title, state=revision)


@limit_rate("feed", "FEED_RATE")
def feed_venue(request: HttpRequest, spec: str) -> HttpResponse:
    """The feed of a venue's list, newest papers first."""
    revision = latest_revision()
    if (unchanged := answer_unchanged(request, state=revision)) is not None:
        return unchanged
    wanted = replace(read_list_request(request.GET), sort="newest")
    try:
        listing = list_venue(spec, wanted, revision=revision)
    except UnknownVenue as error:
        raise Http404(_("Unknown venue “%(name)s”.") % {"name": spec[:80]}) from error
    title = f"{listing.venue.label} {listing.track}".strip()
    return render_feed(request, listing.page(0, MAX_ENTRIES), title=title, state=revision)


@limit_rate("feed", "FEED_RATE")
def feed_venues(request: HttpRequest) -> HttpResponse:
    """``/venue/latest/feed``: the papers of all venues that were added last."""
    revision = latest_revision()
    if (unchanged := answer_unchanged(request, state=revision)) is not None:
        return unchanged
    papers = Paper.objects.filter(venue__isnull=False).order_by("-pk")
    return render_feed(request, page_of(papers, 0, MIN_ENTRIES), title=_("New papers of venues"), state=revision)


def answer_unchanged(request: HttpRequest, *, state: object) -> HttpResponse | None:
    """304 without reading a paper, where the reader has what was last made of this library; else None.

    ``state`` is all that the feed depends on beside its address, the language and the day.
    """
    known: tuple[str, int | None] | None = cache.get(_state_key(request, state))
    if known is None:
        return None
    etag, stamp = known
    full = _with_validators(HttpResponse(), etag, stamp)
    answer = get_conditional_response(request, etag=etag, last_modified=stamp, response=full)
    return None if answer is full or answer is None else answer


def _state_key(request: HttpRequest, state: object) -> str:
    parts = (request.build_absolute_uri(), get_language(), localdate(), state)
    return f"feed:{hashlib.sha256(repr(parts).encode('utf-8', 'surrogatepass')).hexdigest()}"


def render_feed(request: HttpRequest, papers: Sequence[Paper], *, title: str, state: object) -> HttpResponse:
    """Atom, or RSS 2.0 where the address says ``format=rss``; 304 where the reader has this content already.

    ``state``: see :func:`answer_unchanged`.
    """
    is_rss = request.GET.get("format") == "rss"
    feed = _make_feed(request, title, is_rss=is_rss)
    for paper in papers:
        _add_paper(feed, request, paper)
    content = feed.writeString("utf-8")
    modified = max((paper.modified_at for paper in papers), default=None)
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    response = HttpResponse(content, content_type=feed.content_type)
    stamp = int(modified.timestamp()) if modified else None
    cache.set(_state_key(request, state), (etag, stamp), _REMEMBERED_S)
    _with_validators(response, etag, stamp)
    return get_conditional_response(request, etag=etag, last_modified=stamp, response=response) or response


def _with_validators(response: HttpResponse, etag: str, stamp: int | None) -> HttpResponse:
    response["ETag"] = etag
    if stamp is not None:
        response["Last-Modified"] = http_date(stamp)
    response["Cache-Control"] = "public, max-age=300"  # seconds; readers poll far more often than papers come
    patch_vary_headers(response, ["Accept-Language"])
    return response


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
        author_name=settings.SITE_NAME,  # Atom wants one where an entry has none
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
        unique_id=entry_id(paper.key),
        unique_id_is_permalink=False,
        categories=[_clean(code) for code in paper.categories],
        pubdate=published,
        updateddate=published,
    )


def entry_id(key: str) -> str:
    """The id of a paper in every feed of this site: a tag URI (RFC 4151)."""
    authority = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"tag:{authority},2000:{quote(key, safe=':/@')}"


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _FORBIDDEN_IN_XML.sub("�", text)
