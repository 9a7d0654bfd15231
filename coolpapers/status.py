"""``/status`` for librarians: what is missing or does not work, and what to do about it.

Start at :func:`show_status`. ``/metrics`` has the same state in numbers.
"""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from coolpapers.management.diagnosis import OK, Finding, diagnose
from coolpapers.operating.tasks import harvest_day
from coolpapers.operating.watching.cached import Cached
from coolpapers.operating.watching.coverage import read_coverage
from coolpapers.operating.watching.days import N_DAYS, read_days, weeks_of
from coolpapers.operating.watching.queues import BrokerDown, queue_lengths
from coolpapers.operating.watching.repositories import harvested_repositories
from coolpapers.papers.models import ImportRun
from coolpapers.reading.models import PdfFetch, Summary
from coolpapers.reading.pages.librarian import is_librarian

N_RUNS = 12
N_PROBLEMS = 5  # of each run; the admin has the others
CHECKED_S = 300.0  # the checks read all files of the index
_AGAIN_S = 600  # in which a day that is queued is not queued again

findings: Cached[tuple[list[Finding], float]] = Cached(lambda: (diagnose(), time.time()), lasts_s=CHECKED_S)


@never_cache
@require_safe
def show_status(request: HttpRequest) -> HttpResponse:
    """``check=now`` runs doctor's checks again."""
    if not is_librarian(request):
        return _forbidden()
    if request.GET.get("check") == "now":
        findings.forget()
        return HttpResponseRedirect(reverse("show_status"))
    parts, checked_s = findings.get(time.monotonic())
    days = read_days(today=timezone.localdate())
    context = {
        "findings": sorted(parts, key=lambda finding: finding.state == OK),
        "checked_at": datetime.fromtimestamp(checked_s, tz=timezone.get_current_timezone()),
        "weeks": weeks_of(days),
        "gaps": [day for day in reversed(days) if day.is_gap],
        "n_days": N_DAYS,
        "repositories": harvested_repositories(),
        "runs": _runs(),
        "coverage": read_coverage(),
        "work": _work(),
        **_queues(),
        "queued": request.GET.get("queued", ""),
        "is_audited": settings.AUDIT_DAYS > 0,
    }
    return render(request, "operating/status.html", context)


@require_POST
def harvest_again(request: HttpRequest) -> HttpResponse:
    """``POST /status/harvest``: queue the harvest of ``day`` once more."""
    if not is_librarian(request):
        return _forbidden()
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return HttpResponse(_("The day is a date such as 2026-11-30."), status=HTTPStatus.BAD_REQUEST)
    today = timezone.localdate()
    if not today - timedelta(days=N_DAYS) <= day <= today or not harvested_repositories():
        return HttpResponse(_("This day cannot be harvested again."), status=HTTPStatus.BAD_REQUEST)
    if cache.add(f"harvest-again:{day}", 1, _AGAIN_S):
        harvest_day.delay(day.isoformat())
    return HttpResponseRedirect(f"{reverse('show_status')}?queued={day.isoformat()}#days")


def _forbidden() -> HttpResponse:
    return HttpResponse(_("Only the librarian of this site sees this."), status=HTTPStatus.FORBIDDEN)


def _runs() -> list[tuple[ImportRun, list[str]]]:
    """The last imports and harvests, each with the reasons of its first refused records."""
    runs = ImportRun.objects.order_by("-updated_at").prefetch_related("problems")[:N_RUNS]
    return [
        (
            run,
            [f"{problem} {problem.reason}" for problem in run.problems.all() if problem.refused][:N_PROBLEMS],
        )
        for run in runs
    ]


def _work() -> list[tuple[str, int, int]]:
    """Name, waiting and failed of what readers ask for."""

    def count(model: type[Summary] | type[PdfFetch], state: str) -> int:
        return model._default_manager.filter(status=state).count()

    models = ((_("Summaries"), Summary), (_("PDFs"), PdfFetch))
    return [(name, count(model, "queued"), count(model, "failed")) for name, model in models]


def _queues() -> dict[str, object]:
    try:
        return {"queues": queue_lengths()}
    except BrokerDown as exc:
        return {"queues": {}, "broker_problem": exc.reason}
