"""The page behind the link that stops mails; a mail program may also press it (RFC 8058)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from coolpapers.people.models import AlertState
from coolpapers.people.searches.subscriptions import read_token, start_alerts, stop_alerts


# Whoever holds the mail may stop it: mail programs post without cookies, so the signed token alone decides.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_by_token(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, for programs that follow every link of a mail; POST stops the mails, ``again`` starts."""
    user = read_token(token)
    if user is None:
        return _page(request, {"is_unknown": True}, status=404)
    if request.method == "POST":
        change = start_alerts if request.POST.get("again") else stop_alerts
        change(user, now=timezone.now())
    is_stopped = AlertState.objects.filter(user=user, stopped_at__isnull=False).exists()
    return _page(request, {"is_stopped": is_stopped, "has_done": request.method == "POST"})


def _page(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    response = render(request, "people/alerts_stop.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address is the token
    response["Cache-Control"] = "no-store"
    return response
