"""Links to the papers of the last days on a list or search: ``{% date_windows %}``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy

register = template.Library()

# Days of each window, today among them.
WINDOWS = ((1, gettext_lazy("Today")), (7, gettext_lazy("Past week")), (30, gettext_lazy("Past month")))


@register.inclusion_tag("people/_date_windows.html", takes_context=True)
def date_windows(context: template.Context) -> dict[str, Any]:
    """Today, the past week and month, each also by stars; the rest of the address stays."""
    request = context["request"]
    today = localdate()
    windows = [(label, (today - timedelta(days=n_days - 1)).isoformat()) for n_days, label in WINDOWS]
    is_open = not request.GET.get("to") and not request.GET.get("date")
    return {
        "request": request,
        "windows": windows,
        "chosen": request.GET.get("from", "") if is_open else "",
        "is_by_stars": request.GET.get("sort") == "stars",
    }
