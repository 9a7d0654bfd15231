"""Links that restrict a list or search to the last days: ``{% date_windows %}``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy

register = template.Library()

# The length of each window in days, including today.
WINDOWS = ((1, gettext_lazy("Today")), (7, gettext_lazy("Past week")), (30, gettext_lazy("Past month")))


@register.inclusion_tag("people/_date_windows.html", takes_context=True)
def date_windows(context: template.Context) -> dict[str, Any]:
    """Links to today, the past week and the past month, also sorted by stars; other parameters are kept."""
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
