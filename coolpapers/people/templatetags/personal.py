"""Template tags for saved searches, collections and keywords.

``{% save_search search_request %}`` on a search page and ``{% save_list listing %}`` on a list are the button [Follow];
``{% pin_category listing %}`` there is the button [Pin], ``{% day_progress keys %}`` is above a list of one day,
``{% news_count %}`` is in the header,
``{% preferred_words %}`` on a list ranked by keywords.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from coolpapers.finding.pages.forms import SearchRequest
from coolpapers.papers.pages.listing import CategoryListing, VenueListing
from coolpapers.people.keywords.views import WEIGHTS
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.page_queries import query_of_categories, query_of_search, query_of_venue
from coolpapers.people.state.items import Items
from coolpapers.people.state.selectors import follows_any, n_items_among
from coolpapers.people.state.storage import account_writes
from search.vocabulary.categories import CATEGORY_NAMES

register = template.Library()


@register.inclusion_tag("people/_follow.html", takes_context=True)
def save_search(context: template.Context, request: SearchRequest) -> dict[str, Any]:
    return _form(context, query_of_search(request))


@register.inclusion_tag("people/_follow.html", takes_context=True)
def save_list(context: template.Context, listing: CategoryListing | VenueListing) -> dict[str, Any]:
    if isinstance(listing, CategoryListing):
        return _form(context, query_of_categories(listing.categories))
    return _form(context, query_of_venue(listing.venue.slug, listing.venue.year))


@register.inclusion_tag("people/_follow.html", takes_context=True)
def save_query(context: template.Context, query: str) -> dict[str, Any]:
    """As ``save_search``, for a page that stands for the text of a query."""
    return _form(context, query)


@register.inclusion_tag("people/_keywords.html", takes_context=True)
def preferred_words(context: template.Context) -> dict[str, Any]:
    """The reader's keywords with forms to change them; without an account the browser fetches them."""
    user = context.get("user")
    has_items = user is not None and user.is_authenticated
    writes = account_writes(user, kinds=[Kind.KEYWORD]) if user is not None else ()
    items = Items(writes, now=timezone.now())
    return {
        "keywords": items.keywords(),
        "weights": WEIGHTS,
        "has_items": has_items,
        "writes": "[]",
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("people/_news_count.html", takes_context=True)
def news_count(context: template.Context) -> dict[str, Any]:
    """The place in the header for the number of new papers; nothing is requested for a reader who follows nothing."""
    user = context.get("user")
    may_follow = user is None or not user.is_authenticated or follows_any(user)
    return {"user": user, "may_follow": may_follow}


@register.inclusion_tag("people/_pin.html", takes_context=True)
def pin_category(context: template.Context, listing: CategoryListing) -> dict[str, Any]:
    """The button [Pin] of a list of one category; nothing for other sets."""
    code, user = str(listing.categories), context.get("user")
    is_one = code in CATEGORY_NAMES
    writes = account_writes(user, kinds=[Kind.PIN]) if is_one and user is not None and user.is_authenticated else ()
    return {
        "code": code if is_one else "",
        "is_pinned": code in Items(writes, now=timezone.now()).pins(),
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("people/_day_progress.html", takes_context=True)
def day_progress(context: template.Context, keys: Collection[str]) -> dict[str, Any]:
    """How many papers of a day the reader has seen and starred; without an account the browser counts them."""
    user = context.get("user")
    words = ((Kind.READ, _("{n} seen")), (Kind.STAR, _("{n} starred")))
    is_known = user is not None and user.is_authenticated
    counts = {kind: n_items_among(user, kind, keys) if is_known and user else 0 for kind, _words in words}
    return {
        "keys": "\n".join(keys),
        "counts": [(kind, text.replace("{n}", str(counts[kind])), text) for kind, text in words],
        "user": user,
    }


def _form(context: template.Context, query: str) -> dict[str, Any]:
    user = context.get("user")
    writes = account_writes(user, kinds=[Kind.SEARCH]) if query and user is not None and user.is_authenticated else ()
    return {
        "query": query,
        "followed": Items(writes, now=timezone.now()).search_of(query),
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }
