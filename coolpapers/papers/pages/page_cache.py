"""Pages that are the same for every reader, kept for some minutes. Start at :func:`kept_for_everyone`.

A page is shared only where nothing in it depends on who asks: no session, no token, no cookie but those of the language
and the density, and no token in the answer. All that may change its bytes is part of its key
(``docs/decisions/0032-result-pages-are-kept.md``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.timezone import localdate
from django.utils.translation import get_language

from coolpapers.base.compression import CompressedPage, compress, may_hold_secret
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.pages.density import COOKIE as DENSITY_COOKIE
from coolpapers.papers.pages.density import read_density

PAGES = "pages"  # the name of the cache
KEPT_S = 300  # what has no revision, such as counts of stars, is older than this on no page
_INCOMPLETE = "coolpapers.incomplete"

View = Callable[..., HttpResponse]


def kept_for_everyone(state: Callable[[], object]) -> Callable[[View], View]:
    """A decorator of views whose answer depends on the address and on ``state()``: revisions of what it is made of."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **keywords: Any) -> HttpResponse:
            if not settings.PAGE_CACHE or not is_for_everyone(request):
                return view(request, *arguments, **keywords)
            key = _key(request, state())
            kept = caches[PAGES].get(key)
            if kept is not None:
                return _restore(*kept)
            response = view(request, *arguments, **keywords)
            if _may_be_kept(request, response):
                caches[PAGES].set(key, (compress(response.content), list(response.items())), KEPT_S)
            return response

        return answer

    return decorate


def mark_incomplete(request: HttpRequest) -> None:
    """The answer lacks what the next one may have, such as the result of a model that was still loading."""
    request.META[_INCOMPLETE] = True


def is_for_everyone(request: HttpRequest) -> bool:
    """Whether nothing in a request tells readers apart, except their language and density."""
    return (
        request.method == "GET"
        and set(request.COOKIES) <= {DENSITY_COOKIE, settings.LANGUAGE_COOKIE_NAME}
        and "Authorization" not in request.headers
        and request.GET.get("sort") not in READER_SORTS
    )


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    is_whole = response.status_code == 200 and not response.streaming and _INCOMPLETE not in request.META
    return is_whole and not response.cookies and not may_hold_secret(request, response)


def _key(request: HttpRequest, state: object) -> str:
    parts = (
        request.get_full_path(),
        request.scheme,
        request.get_host(),
        request.headers.get("HX-Request", ""),
        get_language(),
        read_density(request),
        (settings.SITE_NAME, settings.ACCOUNTS),  # which administrators choose while the site runs
        localdate().isoformat(),  # bars that are not over yet, windows of days
        getattr(staticfiles_storage, "manifest_hash", ""),  # addresses of scripts and styles
        state,
    )
    return hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=20).hexdigest()


def _restore(compressed: bytes, headers: list[tuple[str, str]]) -> HttpResponse:
    response = CompressedPage(compressed)
    for name, value in headers:
        response.headers[name] = value
    patch_vary_headers(response, ["Cookie"])  # the page asks for the account, of which a session's cookie tells
    return response
