"""``{{ weekday|weekday }}``: the short name of a weekday at the head of a calendar's column."""

from __future__ import annotations

from django import template
from django.utils.translation import pgettext

register = template.Library()


@register.filter
def weekday(number: int) -> str:
    """The name of a weekday, 0 for Monday, in two letters, which fit above a narrow column."""
    return (
        pgettext("weekday", "Mo"),
        pgettext("weekday", "Tu"),
        pgettext("weekday", "We"),
        pgettext("weekday", "Th"),
        pgettext("weekday", "Fr"),
        pgettext("weekday", "Sa"),
        pgettext("weekday", "Su"),
    )[number]
