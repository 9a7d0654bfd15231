"""The answer to a request that an outage prevents: 503, with what an administrator has to do."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from coolpapers.base.observing.request_ids import request_id
from coolpapers.base.outages import Outage, find_outage, lazy_cure_of, refine
from coolpapers.base.postgresql.recovery import database_answers, recovery

logger = logging.getLogger(__name__)

# Outages during which the database can still be read.
READABLE = (Outage.FULL, Outage.READ_ONLY, Outage.FORBIDDEN, Outage.BUSY)
RETRY_AFTER_S = 60
BUSY_AFTER_S = 5


class OutageMiddleware:
    """Answers for views that an outage stops. Errors of the program pass, and become 500.

    A request that changes nothing is run once more when a database that restarts answers again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_down = getattr(response, "outage", None) is Outage.DOWN
        if is_down and request.method in ("GET", "HEAD") and recovery.wait(database_answers):
            return self.get_response(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        outage = find_outage(exception)
        if outage is None:
            return None
        logger.warning("%s %s: %s (%s)", request.method, request.path, outage.value, exception)
        response = outage_response(request, outage)
        response.outage = outage  # type: ignore[attr-defined]
        return response


def outage_response(request: HttpRequest, outage: Outage) -> HttpResponse:
    """503 as a page, or as JSON for a request in JSON."""
    outage = refine(outage, settings.DATA_DIR)
    context = {"message": describe(outage), "cure": str(lazy_cure_of(outage)), "request_id": request_id()}
    headers = {"Retry-After": str(retry_after_s(outage)), "Cache-Control": "no-store"}
    if request.content_type == "application/json":
        answer = {"error": context["message"], "cure": context["cure"], "request_id": context["request_id"]}
        return JsonResponse(answer, status=503, headers=headers)
    return HttpResponse(_page(request, outage, context), status=503, headers=headers)


def _page(request: HttpRequest, outage: Outage, context: dict[str, str]) -> str:
    """The page with the site's header, which shows the reader's name, or a bare one where the database fails."""
    if outage in READABLE:
        try:
            return render_to_string("outage.html", context, request)
        except (DatabaseError, OSError) as exc:
            logger.warning("The page of an outage cannot be rendered: %s", exc)
    return render_to_string("outage_bare.html", context)


def retry_after_s(outage: Outage) -> int:
    return BUSY_AFTER_S if outage is Outage.BUSY else RETRY_AFTER_S


def describe(outage: Outage) -> str:
    """A sentence for readers."""
    match outage:
        case Outage.FULL:
            return _("The disk of this site is full. Papers can be read and searched, but nothing can be stored.")
        case Outage.READ_ONLY:
            return _("The disk of this site is read-only. Papers can be read and searched, but nothing can be stored.")
        case Outage.FORBIDDEN:
            return _("This site may not write to its own disk. Papers can be read and searched.")
        case Outage.FAILING:
            return _("The disk of this site is full or fails.")
        case Outage.BUSY:
            return _("The database is busy. Try again in a moment.")
        case Outage.TABLES:
            return _("The database of this site is not up to date.")
        case Outage.DAMAGED:
            return _("The database of this site is damaged.")
        case _:
            return _("The database of this site does not answer.")
