"""A paper's summary: page, fragment for a card, request form, and the event stream while it is written."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import paper_name, paper_path
from coolpapers.papers.pages.not_found import paper_missing
from coolpapers.papers.pages.redirects import find_named
from coolpapers.reading.errors import QueueFull
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.progress import SummaryEvents, describe_state, streams
from coolpapers.reading.summaries.selectors import find_summary, other_languages
from coolpapers.reading.summaries.services import current_summarizer, request_summary, work_once
from coolpapers.reading.summarizers.languages import summary_language
from coolpapers.reading.tasks import notify_worker

_LANGUAGE_NAMES = {"zh": "zh-hans"}  # our code → Django's code, where they differ


@require_http_methods(["GET", "HEAD", "POST"])
def show_summary(request: HttpRequest, ident: str) -> HttpResponse:
    """``/summary/<id>``: the summary in the reader's language or ``?language=``; POST requests one.

    For htmx the answer is the fragment for a card.
    """
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    language = _language(request)
    problem = ""
    if request.method == "POST":
        problem = _request(paper, language, again=bool(request.POST.get("again")))
        if not problem and not getattr(request, "htmx", False):
            return HttpResponseRedirect(_path(paper, language))
    context = _context(paper, language, problem)
    template = "reading/_summary.html" if getattr(request, "htmx", False) else "reading/summary_detail.html"
    return render(request, template, context, status=503 if problem and not getattr(request, "htmx", False) else 200)


@require_safe
def stream_summary(request: HttpRequest, ident: str) -> HttpResponseBase:
    """``/summary/<id>/events``: server-sent events while the summary is written.

    204 ends an EventSource if there is no summary; 503 means that all stream slots are in use.
    """
    paper, _identifier = find_named(ident)
    summary = find_summary(paper, language=_language(request)) if paper else None
    if summary is None:
        return HttpResponse(status=204)
    if not streams.acquire(settings.SUMMARY_STREAMS_MAX):
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    response = StreamingHttpResponse(
        SummaryEvents(summary.pk, release=streams.release), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"  # nginx would buffer the events
    return response


def _request(paper: Paper, language: str, *, again: bool) -> str:
    """Request a summary; return a message for the reader if that fails, else ""."""
    try:
        summary = request_summary(paper, language=language, now=timezone.now(), again=again)
    except QueueFull:
        return _("Too many summaries are queued; try again later.")
    except LookupError:
        return _("This site shows imported summaries only.")
    summarizer = current_summarizer()
    if summary.status == Summary.Status.QUEUED:
        if summarizer is not None and not summarizer.is_costly:
            work_once(claim=f"web-{secrets.token_hex(8)}", only=summary)
        else:
            notify_worker()
    return ""


def _context(paper: Paper, language: str, problem: str) -> dict[str, Any]:
    summary = find_summary(paper, language=language)
    others = other_languages(paper, language=language)
    shown = summary if summary and summary.markdown else None
    if shown is None and others and not (summary and summary.is_open):
        shown = find_summary(paper, language=others[0])
    summarizer = current_summarizer()
    name = paper_name(paper)
    query = f"?{urlencode({'language': language})}"
    return {
        "paper": paper,
        "paper_path": paper_path(paper),
        "summary": summary,
        "shown": shown,
        "state": describe_state(summary) if summary else "",
        "language": language,
        "language_name": _language_name(language),
        "others": [(code, _language_name(code), _path(paper, code)) for code in others],
        "problem": problem,
        "can_ask": summarizer is not None,
        "is_costly": summarizer is not None and summarizer.is_costly,
        "can_improve": _can_improve(summary),
        "path": reverse("reading:show_summary", args=[name]) + query,
        "events_path": reverse("reading:stream_summary", args=[name]) + query,
    }


def _can_improve(summary: Summary | None) -> bool:
    """Whether a model can replace a summary that was extracted without one."""
    return (
        summary is not None and summary.source == "extractive" and settings.SUMMARIZER not in ("extractive", "off", "")
    )


def _language(request: HttpRequest) -> str:
    requested = request.POST.get("language") or request.GET.get("language") or translation.get_language() or "en"
    try:
        return summary_language(requested)
    except ValueError:
        return "en"


def _language_name(code: str) -> str:
    try:
        return str(get_language_info(_LANGUAGE_NAMES.get(code, code))["name_local"])
    except KeyError:
        return code


def _path(paper: Paper, language: str) -> str:
    return f"{reverse('reading:show_summary', args=[paper_name(paper)])}?{urlencode({'language': language})}"
