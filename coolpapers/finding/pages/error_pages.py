"""Errors of an engine as HTTP responses: 503, with the command that solves the problem."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from search.errors import IndexDamaged, IndexLocked, IndexMissing

View = Callable[..., HttpResponseBase]

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 60  # building an index of 100,000 papers takes about a minute


def answers_engine_errors(view: View) -> View:
    """Decorate a page that needs the index: without one it answers 503."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except IndexMissing:
            return unavailable(request, _("There is no search index yet."), "manage.py update_index")
        except IndexDamaged as error:
            logger.warning("The search index does not open: %s", error)
            return unavailable(request, _("The search index cannot be read."), "manage.py rebuild_index")
        except IndexLocked:
            return unavailable(request, _("The search index is being written; try again in a minute."), "")

    return answer


def unavailable(request: HttpRequest, message: str, command: str) -> HttpResponse:
    """A 503 page. ``command`` is what the administrator has to run, "" if waiting is enough."""
    context = {"message": message, "command": command}
    response = render(request, "search/unavailable.html", context, status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response
