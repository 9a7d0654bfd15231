"""Parts of a page with hundreds of nodes are rendered by Jinja, as cards are.

The reasons are in ``docs/decisions/0020-cards-are-rendered-by-jinja.md``.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _
from jinja2 import Environment
from markupsafe import Markup

from coolpapers.base.compiled_templates import make_environment
from coolpapers.papers.refining.histogram import Histogram


def render_macro(template: str, name: str, *arguments: Any) -> Markup:
    """A macro of a template as safe HTML; values are escaped."""
    html: Markup = getattr(_environment().get_template(template).module, name)(*arguments)
    return html


def render_histogram(histogram: Histogram | None) -> Markup | str:
    """Bars as links, and the same as a table; "" for none."""
    if histogram is None:
        return ""
    words = SimpleNamespace(
        title=_("By month") if histogram.is_monthly else _("By year"),
        table=_("Papers by month as a table") if histogram.is_monthly else _("Papers by year as a table"),
        period=_("Month") if histogram.is_monthly else _("Year"),
        papers=_("Papers"),
        running=_("(not over yet)"),
        undated=_("without a month"),
    )
    return render_macro("papers/histogram.jinja", "chart", histogram, words)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return make_environment(filters={"comma": lambda n: f"{n:,}"})
