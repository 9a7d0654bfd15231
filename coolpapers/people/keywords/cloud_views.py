"""``/me/words``: the keyword cloud of the papers that a reader has opened, also as a table."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from coolpapers.people.keywords.cloud_layout import place_words
from coolpapers.people.keywords.counting import MAX_PAPERS, count_keywords
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind


@csrf_exempt  # changes nothing; keys posted by a browser are not stored
@require_http_methods(["GET", "HEAD", "POST"])
def show_words(request: HttpRequest) -> HttpResponse:
    """GET: the papers that the account has opened. POST: the papers with the posted ``keys``, one per line."""
    if request.method == "POST":
        keys = [key for key in request.POST.get("keys", "").split("\n") if key and "\0" not in key]
    elif request.user.is_authenticated:
        opened = Item.objects.active(Kind.READ).filter(user_id=request.user.pk).order_by("-changed")
        keys = list(opened.values_list("key", flat=True)[:MAX_PAPERS])
    else:
        keys = []
    words = count_keywords(keys)
    context = {
        "words": words,
        "cloud": place_words(words),
        "n_papers": min(len(keys), MAX_PAPERS),
        "is_in_browser": request.method != "POST" and not request.user.is_authenticated,
    }
    is_fragment = request.method == "POST" and bool(getattr(request, "htmx", False))
    return render(request, "people/_keyword_cloud.html" if is_fragment else "people/keyword_cloud.html", context)
