"""``/site/setup``: what a new site asks its administrator: its name, PDFs, daily harvests, accounts."""

from __future__ import annotations

import itertools
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coolpapers.feeding.models import FeedSource
from coolpapers.feeding.tasks import harvest_due_sources
from coolpapers.operating.choices import choose, is_fixed
from coolpapers.reading.pages.librarian import is_local
from coolpapers.reading.pdfs.requests import decide_fetching, fetching_decision

SOURCE_NAME = "arXiv"  # of the source that the page makes
HOUR = 6  # arXiv announces at 0:00 UTC; its OAI interface follows within hours
# The sets of arXiv's OAI interface.
ARXIV_SETS = (
    ("cs", gettext_lazy("Computer science")),
    ("math", gettext_lazy("Mathematics")),
    ("physics", gettext_lazy("Physics")),
    ("stat", gettext_lazy("Statistics")),
    ("eess", gettext_lazy("Electrical engineering and systems")),
    ("q-bio", gettext_lazy("Quantitative biology")),
    ("q-fin", gettext_lazy("Quantitative finance")),
    ("econ", gettext_lazy("Economics")),
)
_ACCOUNTS = (
    ("off", gettext_lazy("none: readers' data stay in their browsers")),
    ("invited", gettext_lazy("for readers whom you invite")),
    ("open", gettext_lazy("for everyone who signs up")),
)
_YES_NO = (("yes", gettext_lazy("yes, when a reader asks for one")), ("no", gettext_lazy("no, link to their sources")))


class SetupForm(forms.Form):
    """What the page asks. A setting that the environment decides is shown and cannot be changed."""

    name = forms.CharField(label=gettext_lazy("Name of the site"), max_length=60)
    pdfs = forms.ChoiceField(
        label=gettext_lazy("Fetch PDFs and keep them here"), choices=_YES_NO, widget=forms.RadioSelect
    )
    sets = forms.MultipleChoiceField(
        label=gettext_lazy("New papers of arXiv, every day"),
        choices=ARXIV_SETS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Other sources, and single categories, are set on the page of sources."),
    )
    accounts = forms.ChoiceField(label=gettext_lazy("Accounts"), choices=_ACCOUNTS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        for field, setting in (("name", "SITE_NAME"), ("accounts", "ACCOUNTS")):
            if is_fixed(setting):
                self.fields[field].disabled = True
                self.fields[field].help_text = _("Set in the environment of the server (%(name)s).") % {
                    "name": f"COOLPAPERS_{setting}"
                }

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_accounts(self) -> str:
        value: str = self.cleaned_data["accounts"]
        if value != "off" and not User.objects.filter(is_superuser=True, is_active=True).exists():
            raise forms.ValidationError(
                _("With accounts, only an administrator can change the site. Create one first: %(command)s")
                % {"command": "manage.py createsuperuser"}
            )
        return value


def may_set_up(request: HttpRequest) -> bool:
    """Administrators; without accounts, whoever uses the site on its own machine."""
    return request.user.is_superuser or (settings.ACCOUNTS == "off" and is_local(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The form, filled with what is set now."""
    if not may_set_up(request):
        return render(request, "operating/setup.html", {"is_refused": True}, status=403)
    form = SetupForm(request.POST or None, initial=_current())
    if request.method == "POST" and form.is_valid():
        _store(form.cleaned_data)
        return HttpResponseRedirect(f"{reverse('operating:set_up')}?saved=1")
    context = {"form": form, "is_saved": "saved" in request.GET and not form.errors}
    return render(request, "operating/setup.html", context, status=422 if form.errors else 200)


def _current() -> dict[str, Any]:
    source = _own_source()
    decision = fetching_decision()
    return {
        "name": settings.SITE_NAME,
        "pdfs": "" if decision is None else "yes" if decision else "no",
        "sets": source.selection.split() if source and source.is_active else [],
        "accounts": settings.ACCOUNTS,
    }


def _store(values: dict[str, Any]) -> None:
    decide_fetching(is_on=values["pdfs"] == "yes")
    _choose_sets(values["sets"])
    for setting, value in (("SITE_NAME", values["name"]), ("ACCOUNTS", values["accounts"])):
        if not is_fixed(setting) and value != getattr(settings, setting):
            choose(setting, value)


def _own_source() -> FeedSource | None:
    """The source that the page makes and changes, also if a librarian has renamed it: the oldest one of arXiv's usual
    address."""
    return FeedSource.objects.filter(kind=FeedSource.Kind.ARXIV, address="").order_by("pk").first()


def _free_name() -> str:
    """The name of a new source; another source may have the usual one."""
    taken = set(FeedSource.objects.filter(name__startswith=SOURCE_NAME).values_list("name", flat=True))
    names = itertools.chain([SOURCE_NAME], (f"{SOURCE_NAME} {number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _choose_sets(sets: list[str]) -> None:
    """Make or change the source of arXiv. Sets of it that the page does not know stay; without any set it pauses."""
    known = {name for name, _label in ARXIV_SETS}
    source = _own_source()
    if source is None and not sets:
        return
    source = source or FeedSource(name=_free_name(), kind=FeedSource.Kind.ARXIV, hour=HOUR)
    kept = [name for name in source.selection.split() if name not in known] if source.is_active else []
    before = (source.selection, source.is_active) if source.pk else None
    if sets or kept:
        source.selection, source.is_active = " ".join([*sets, *kept]), True
    else:
        source.is_active = False
    if (source.selection, source.is_active) != before:
        source.save()
        harvest_due_sources.delay()
