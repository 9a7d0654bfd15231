"""Errors of an engine as HTTP responses: 503, with the command that solves the problem."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from coolpapers.papers.models import Paper
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated, IndexUnavailable, IndexUnreadable

View = Callable[..., HttpResponseBase]

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 60
PAPERS_A_MINUTE = 60_000  # indexed by a busy machine


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
            is_outdated = isinstance(error, IndexOutdated)
            message = (
                _("Another version built the search index.") if is_outdated else _("The search index cannot be read.")
            )
            return unavailable(request, message, "manage.py rebuild_index", minutes=rebuild_minutes())
        except IndexUnavailable as error:
            logger.warning("The search servers do not answer: %s", error)
            return unavailable(request, _("The search servers do not answer."), "manage.py doctor")
        except IndexUnreadable as error:
            logger.warning("The search index may not be read: %s", error)
            return unavailable(request, _("This site may not read its search index."), "manage.py doctor")
        except IndexLocked:
            return unavailable(request, _("The search index is being written; try again in a minute."), "")

    return answer


def rebuild_minutes() -> int:
    """Minutes until the task that follows the library has rebuilt the index; it looks once a minute."""
    return 2 + Paper.objects.count() // PAPERS_A_MINUTE


def unavailable(request: HttpRequest, message: str, command: str, *, minutes: int = 0) -> HttpResponse:
    """A 503 page. ``command`` is what the administrator has to run, "" if waiting is enough.

    ``minutes`` is how long it takes where a worker runs the command by itself; 0: it does not.
    """
    context = {"message": message, "command": command, "minutes": minutes}
    response = render(request, "search/unavailable.html", context, status=503)
    response["Retry-After"] = str(minutes * 60 or RETRY_AFTER_S)
    return response
