"""A paper's PDF: the viewer page, its frame in a card, and the file itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import http_date, parse_http_date_safe, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.papers.files.files import fetched_path, find_pdf
from coolpapers.papers.models import Paper
from coolpapers.papers.names.permalinks import host_of, paper_name, web_address
from coolpapers.papers.pages.cards import Card
from coolpapers.papers.pages.not_found import paper_missing
from coolpapers.papers.pages.redirects import find_named, redirect_pdf
from coolpapers.reading.errors import FetchError, QueueFull
from coolpapers.reading.pages.librarian import asks_librarian, is_librarian
from coolpapers.reading.pdfs.fetching import PdfFetcher, site_fetcher
from coolpapers.reading.pdfs.requests import can_fetch, decide_fetching, find_fetch, request_fetch
from coolpapers.reading.summaries.selectors import can_show_pdf
from coolpapers.reading.tasks import notify_fetcher

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
REQUEST_RATE = Rate(30, per_s=3600)  # PDFs that one reader may have fetched
_FILE_NAME = re.compile(r"[^\w.-]+")
# Readers whose request waits for another server, at most: each holds one of this process's threads.
MAX_FETCHES = 3
_fetches = threading.BoundedSemaphore(MAX_FETCHES)
# The same PDF is fetched once however many readers click on it.
_fetching: dict[str, threading.Lock] = {}
_fetching_lock = threading.Lock()


@require_safe
def show_pdf(request: HttpRequest, ident: str) -> HttpResponse:
    """The viewer; for htmx the panel with its frame, or where the file can be found instead.

    Without htmx a file that is not ours to show leads to the paper's page.
    """
    paper, identifier = find_named(ident.removesuffix(".pdf"))
    if paper is None:
        return paper_missing(request, identifier, ident)
    if getattr(request, "htmx", False):
        return _render_panel(request, paper)
    if not can_show_pdf(Card(paper)):
        return redirect_pdf(request, ident)
    return render(request, "reading/pdf_viewer.html", _addresses(paper))


@require_POST
def get_pdf(request: HttpRequest, ident: str) -> HttpResponse:
    """``POST /pdf/<id>/get``: have the file fetched; for htmx the panel, which follows the transfer."""
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    url = web_address(Card(paper).pdf_url)
    if not can_fetch(url):
        return HttpResponse(_("This site does not fetch this PDF."), status=HTTPStatus.FORBIDDEN)
    problem = _request_fetch(request, url)
    if getattr(request, "htmx", False):
        return _render_panel(request, paper, problem=problem)
    if problem:
        return HttpResponse(problem, status=HTTPStatus.TOO_MANY_REQUESTS, content_type="text/plain; charset=utf-8")
    return HttpResponseRedirect(reverse("reading:show_pdf", args=[paper_name(paper)]))


def _request_fetch(request: HttpRequest, url: str) -> str:
    """Put the address into the queue; return a message for the reader if that fails, else ""."""
    if check_rate("pdf", client_name(request), REQUEST_RATE):
        return _("You have asked for many PDFs; try again later.")
    try:
        request_fetch(url, now=timezone.now())
    except QueueFull:
        return _("Too many PDFs are queued; try again later.")
    notify_fetcher()
    return ""


@require_POST
def decide_on_fetching(request: HttpRequest) -> HttpResponse:
    """``POST /site/fetch-pdfs``: the librarian's decision, ``allow=1`` or ``0``; ``next`` is the page to return to."""
    if not is_librarian(request):
        return HttpResponse(_("Only the librarian of this site decides this."), status=HTTPStatus.FORBIDDEN)
    decide_fetching(is_on=request.POST.get("allow") == "1")
    address = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(address if is_own else reverse("papers:show_home"))


def _render_panel(request: HttpRequest, paper: Paper, *, problem: str = "") -> HttpResponse:
    is_here = can_show_pdf(Card(paper))
    addresses = _addresses(paper)
    url = addresses["source_url"]
    fetch = None if is_here else find_fetch(url)
    context = {
        **addresses,
        "is_here": is_here,
        "problem": problem,
        "fetch": fetch,
        "can_fetch": not is_here and can_fetch(url),
        "asks_librarian": not is_here and asks_librarian(request),
    }
    return render(request, "reading/_pdf_panel.html", context)


def _addresses(paper: Paper) -> dict[str, Any]:
    """What the templates of a PDF name."""
    name = paper_name(paper)
    source_url = web_address(Card(paper).pdf_url)
    return {
        "paper": paper,
        "viewer_path": reverse("reading:show_pdf", args=[name]),
        "get_path": reverse("reading:get_pdf", args=[name]),
        "file_path": reverse("reading:send_pdf", args=[name]),
        "source_url": source_url,
        "source_host": host_of(source_url),
    }


@require_safe
def send_pdf(request: HttpRequest, ident: str) -> HttpResponseBase:
    """The file, in ranges where they are asked for; fetched first where the settings say so.

    502 with a sentence where the source does not give it.
    """
    paper, identifier = find_named(ident)
    if paper is None:
        return paper_missing(request, identifier, ident)
    url = web_address(Card(paper).pdf_url)
    path = find_pdf(paper, url=url)
    if path is None:
        if not settings.FETCH_PDFS or not url:
            return HttpResponse("This paper has no PDF here.", status=HTTPStatus.NOT_FOUND, content_type="text/plain")
        path = fetched_path(url)
        try:
            fetch_once(url, path, site_fetcher())
        except FetchError as exc:
            return HttpResponse(exc.reason, status=HTTPStatus.BAD_GATEWAY, content_type="text/plain; charset=utf-8")
    return _send_file(request, path, name=f"{_FILE_NAME.sub('-', paper_name(paper))}.pdf")


def fetch_once(url: str, path: Path, fetcher: PdfFetcher) -> None:
    """Fetch unless another reader's click has just done so. Raises FetchError, also where too many are under way."""
    if not _fetches.acquire(blocking=False):
        raise FetchError("Too many PDFs are being fetched at once; try again in a moment.")
    try:
        with _alone(url):
            if not path.is_file():
                fetcher.fetch(url, path)
    finally:
        _fetches.release()


@contextmanager
def _alone(url: str) -> Iterator[None]:
    with _fetching_lock:
        lock = _fetching.setdefault(url, threading.Lock())
    with lock:
        yield
    with _fetching_lock:
        _fetching.pop(url, None)


def _send_file(request: HttpRequest, path: Path, *, name: str) -> HttpResponseBase:
    stat = path.stat()
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    if since is not None and since >= int(stat.st_mtime):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    stream = path.open("rb")
    span = _asked_range(request.headers.get("Range", ""), stat.st_size)
    response = FileResponse(stream, content_type="application/pdf", filename=name)
    if span is not None:
        first, last = span
        if first > last:
            stream.close()
            headers = {"Content-Range": f"bytes */{stat.st_size}"}
            return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
        stream.seek(first)
        response = FileResponse(_Part(stream, last - first + 1), content_type="application/pdf", filename=name)
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {first}-{last}/{stat.st_size}"
        response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["Last-Modified"] = http_date(stat.st_mtime)
    patch_cache_control(response, private=True, max_age=3600)
    return response


def _asked_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range, None for the whole file; first > last where it cannot be met."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        n_last = min(int(match[2]), size)
        return size - n_last, size - 1
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return (first, last) if first < size else (1, 0)


class _Part:
    """A file that ends after some bytes; what FileResponse needs of one."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(wanted)
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._stream.close()
