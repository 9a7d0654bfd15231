"""The filters in a template."""

from __future__ import annotations

from django.template import engines


def test_the_filters_give_safe_html_inside_a_template() -> None:
    template = engines["django"].from_string(
        "{% load reading %}{{ title|render_title }}|{{ abstract|render_abstract }}"
    )
    html = template.render({"title": r"\emph{A} <b>", "abstract": "5 < 6 and $x$"})
    assert html.startswith("<em>A</em> &lt;b&gt;|5 &lt; 6 and <span")
