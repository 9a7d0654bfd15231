"""``/site/sources``: the sources of the library, for librarians."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from coolpapers.feeding.errors import SourceMisconfigured
from coolpapers.feeding.kinds.files import watched_folder
from coolpapers.feeding.models import FeedSource
from coolpapers.feeding.scheduling import is_due
from coolpapers.feeding.tasks import harvest_due_sources
from coolpapers.papers.names.permalinks import web_address
from coolpapers.reading.pages.librarian import is_librarian

if TYPE_CHECKING:
    _Form = forms.ModelForm[FeedSource]
else:
    _Form = forms.ModelForm
View = Callable[..., HttpResponse]
_NEED_ADDRESS = {FeedSource.Kind.OAI, FeedSource.Kind.SITE, FeedSource.Kind.FEED}
_NEED_SELECTION = {FeedSource.Kind.ACL, FeedSource.Kind.OPENREVIEW}


def for_librarians(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_librarian(request):
            return render(request, "feeding/sources.html", {"is_refused": True}, status=403)
        return view(request, *args, **kwargs)

    return guarded


class SourceForm(_Form):
    class Meta:
        model = FeedSource
        fields = ("name", "kind", "address", "selection", "since", "hour", "interval_s", "is_active")
        widgets = {"since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        kind, address = values.get("kind"), values.get("address", "")
        if kind == FeedSource.Kind.FOLDER:
            try:
                watched_folder(address)
            except SourceMisconfigured as exc:
                self.add_error("address", str(exc))
        elif (address and not web_address(address)) or (not address and kind in _NEED_ADDRESS):
            self.add_error("address", _("This kind needs an address that begins with https:// or http://."))
        if kind in _NEED_SELECTION and not values.get("selection"):
            self.add_error("selection", _("This kind needs a selection."))
        return values


@never_cache
@for_librarians
@require_http_methods(["GET", "HEAD", "POST"])
def list_sources(request: HttpRequest) -> HttpResponse:
    """The sources with their last results, and a form for a new one."""
    form = SourceForm(request.POST or None, initial={"hour": 6})
    if request.method == "POST" and form.is_valid():
        form.save()
        harvest_due_sources.delay()
        return HttpResponseRedirect(reverse("feeding:list_sources"))
    sources = list(FeedSource.objects.all())
    now = timezone.now()
    rows = [{"source": source, "is_due": is_due(source, now)} for source in sources]
    return render(request, "feeding/sources.html", {"rows": rows, "form": form}, status=422 if form.errors else 200)


@never_cache
@for_librarians
@require_http_methods(["GET", "HEAD", "POST"])
def change_source(request: HttpRequest, number: int) -> HttpResponse:
    """One source: its settings, and the records that were refused; ``delete`` removes it, and no papers."""
    source = get_object_or_404(FeedSource, pk=number)
    if request.method == "POST" and "delete" in request.POST:
        source.delete()
        return HttpResponseRedirect(reverse("feeding:list_sources"))
    form = SourceForm(request.POST or None, instance=source)
    if request.method == "POST" and form.is_valid():
        form.save()
        return HttpResponseRedirect(reverse("feeding:list_sources"))
    return render(request, "feeding/source.html", {"source": source, "form": form}, status=422 if form.errors else 200)


@for_librarians
@require_POST
def harvest_now(request: HttpRequest, number: int) -> HttpResponse:  # noqa: ARG001
    """``POST /site/sources/<n>/harvest``: make the source due, and have it harvested."""
    source = get_object_or_404(FeedSource, pk=number)
    FeedSource.objects.filter(pk=source.pk).update(finished_at=None, retry_at=None)
    harvest_due_sources.delay()
    return HttpResponseRedirect(reverse("feeding:list_sources"))
