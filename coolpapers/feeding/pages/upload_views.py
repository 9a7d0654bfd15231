"""``/me/upload``: files into the reader's own shelf, or as a librarian into the library."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.feeding.errors import UploadRefused
from coolpapers.feeding.models import PrivateEntry, Upload
from coolpapers.feeding.tasks import read_uploads
from coolpapers.feeding.uploads.storing import private_path, store_upload
from coolpapers.reading.pages.librarian import is_librarian

View = Callable[..., HttpResponseBase]
UPLOAD_RATE = Rate(60, per_s=3600)
N_UPLOADS = 10  # shown
N_ENTRIES = 200  # shown


def for_uploaders(view: View) -> View:
    """For readers with an account, and for librarians."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated or is_librarian(request):
            return view(request, *args, **kwargs)
        return redirect(f"{reverse(settings.LOGIN_URL)}?next={request.path}")

    return guarded


@never_cache
@for_uploaders
@require_http_methods(["GET", "HEAD", "POST"])
def upload_file(request: HttpRequest) -> HttpResponse:
    """The form, the last uploads with their results, and the private entries; for htmx the list of uploads only."""
    problem, status = "", 200
    if request.method == "POST":
        problem, status = _take(request)
        if not problem:
            return HttpResponseRedirect(reverse("feeding:upload_file"))
    owner = request.user.pk if request.user.is_authenticated else None
    uploads = list(Upload.objects.filter(owner=owner).order_by("-pk")[:N_UPLOADS])
    entries = list(PrivateEntry.objects.filter(owner=owner).order_by("-pk")[:N_ENTRIES]) if owner else []
    context = {
        "uploads": uploads,
        "is_waiting": any(upload.is_open for upload in uploads),
        "entries": entries,
        "problem": problem,
        "may_shelve": owner is not None,
        "is_librarian": is_librarian(request),
        "limit": settings.UPLOAD_MAX_MB,
    }
    template = "feeding/_uploads.html" if getattr(request, "htmx", False) else "feeding/upload.html"
    return render(request, template, context, status=status)


def _take(request: HttpRequest) -> tuple[str, int]:
    """Keep the posted file; return a message for the reader if it is refused."""
    target = request.POST.get("target", Upload.Target.SHELF)
    owner = request.user.pk if request.user.is_authenticated else None
    if target == Upload.Target.LIBRARY:
        if not is_librarian(request):
            return _("Only librarians add to the library."), 403
    elif target != Upload.Target.SHELF or owner is None:
        return _("Choose where the file goes."), 400
    file = request.FILES.get("file")
    if file is None:
        return _("Choose a file."), 400
    if check_rate("upload", client_name(request), UPLOAD_RATE):
        return _("You have uploaded many files; try again later."), 429
    try:
        store_upload(file, owner=owner, target=target)
    except UploadRefused as exc:
        return str(exc), 422
    read_uploads.delay()
    return "", 200


@never_cache
@for_uploaders
@require_safe
def send_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The PDF of a private entry, for its owner alone."""
    entry = get_object_or_404(PrivateEntry, pk=number, owner=request.user.pk, has_file=True)
    return FileResponse(private_path(entry).open("rb"), content_type="application/pdf", filename=f"{entry.pk}.pdf")


@for_uploaders
@require_POST
def delete_entry(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a private entry with its file."""
    entry = get_object_or_404(PrivateEntry, pk=number, owner=request.user.pk)
    private_path(entry).unlink(missing_ok=True)
    entry.delete()
    return HttpResponseRedirect(reverse("feeding:upload_file"))
