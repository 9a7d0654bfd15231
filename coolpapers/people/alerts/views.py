"""The unsubscribe page of digest mails; mail programs may post to it without a visit (RFC 8058)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from coolpapers.people.models import AlertState
from coolpapers.people.searches.subscriptions import read_token, start_alerts, stop_alerts


# The signed token alone authorizes the request: mail programs post without cookies.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, because some programs follow every link of a mail; POST unsubscribes, with ``again`` it
    subscribes."""
    user = read_token(token)
    if user is None:
        return _page(request, {"is_unknown": True}, status=404)
    if request.method == "POST":
        change = start_alerts if request.POST.get("again") else stop_alerts
        change(user, now=timezone.now())
    is_stopped = AlertState.objects.filter(user=user, stopped_at__isnull=False).exists()
    return _page(request, {"is_stopped": is_stopped, "has_changed": request.method == "POST"})


def _page(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    response = render(request, "people/unsubscribe.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address holds the token
    response["Cache-Control"] = "no-store"
    return response
