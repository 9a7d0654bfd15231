from __future__ import annotations

from datetime import date

from django.template import Context, Template

from coolpapers.papers.refining.histogram import Links, make_histogram

TEMPLATE = "{% load refining %}[{% histogram %}]"


def test_a_page_draws_its_histogram() -> None:
    links = Links(lambda first, _last: f"?year={first}")
    chart = make_histogram({(2024, 0): 1, (2025, 0): 2}, links, today=date(2026, 1, 1))
    text = Template(TEMPLATE).render(Context({"histogram": chart}))
    assert '<a href="?year=2024"' in text
    assert "&lt;svg" not in text


def test_a_page_without_one_draws_nothing() -> None:
    assert Template(TEMPLATE).render(Context({})) == "[]"
