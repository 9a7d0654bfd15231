from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from django.utils import translation
from lxml import html

from coolpapers.papers.refining.histogram import Histogram, Links, Period, make_histogram
from coolpapers.papers.refining.rendering import render_histogram, render_macro

COUNTS: dict[Period, int] = {(2024, 0): 1200, (2026, 0): 3}


def histogram(counts: dict[Period, int] = COUNTS) -> Histogram | None:
    links = Links(lambda first, last: f"?q=a&year={first}&x=<b>")
    return make_histogram(counts, links, today=date(2026, 11, 30), n_undated=7)


def test_bars_and_table_say_the_same() -> None:
    page = html.fromstring(str(render_histogram(histogram())))
    bars = page.findall(".//svg/a[@href]")
    rows = page.findall(".//tbody/tr")
    assert [bar.get("href") for bar in bars] == ["?q=a&year=2024&x=<b>", "?q=a&year=2026&x=<b>"]
    assert [link.get("href") for link in page.findall(".//tbody//a")] == [bar.get("href") for bar in reversed(bars)]
    texts = [" ".join("".join(map(str, row.itertext())).split()) for row in rows]
    assert texts == ["2026 (not over yet)3", "20241,200", "without a month7"]
    assert all(bar.get("tabindex") == "-1" for bar in page.findall(".//svg/a"))


def test_the_running_year_is_hatched() -> None:
    page = html.fromstring(str(render_histogram(histogram())))
    hatched = [rect.get("fill") for rect in page.findall(".//rect[@class='bar']")]
    assert hatched == [None, "url(#running)"]
    assert page.find(".//pattern[@id='running']") is not None


def test_values_are_escaped_and_nothing_is_styled_inline() -> None:
    text = str(render_histogram(histogram()))
    assert "<b>" not in text
    assert "style=" not in text
    assert "&lt;b&gt;" in text


def test_words_are_in_the_language_of_the_reader() -> None:
    with translation.override("zh-hans"):
        assert "按年" in render_histogram(histogram())


def test_no_histogram_is_nothing() -> None:
    assert render_histogram(None) == ""


def test_a_macro_is_safe_html() -> None:
    html = render_macro("search/facets.jinja", "count", SimpleNamespace(n_papers=1200))
    assert html == ' <span class="count">1,200</span>'
    assert hasattr(html, "__html__")
