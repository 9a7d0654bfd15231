"""Filters and histograms above lists of categories and venues."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from tests.coolpapers.papers.library import make_paper, make_venue_paper
from tests.coolpapers.papers.pages.test_views import get

pytestmark = pytest.mark.django_db


def chips(html: str) -> dict[str, str]:
    """Texts of the filters, and where their links lead."""
    found = re.findall(r'<a class="chip" href="([^"]*)"[^>]*>([^<]*)<', html)
    return {unescape(text): unescape(path) for path, text in found}


def bars(html: str) -> dict[str, tuple[int, str]]:
    """The rows of the table behind a histogram: count and address, by period."""
    rows = re.findall(r'<tr><th scope="row"><a href="([^"]*)"[^>]*>([^<]*)</a>[^<]*</th><td>([^<]*)</td>', html)
    return {label: (int(n.replace(",", "")), unescape(path)) for path, label, n in rows}


@pytest.fixture
def library() -> None:
    for number, day in enumerate(
        [date(2024, 3, 1), date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 28), date(2026, 5, 4)]
    ):
        make_paper(arxiv_id=f"2603.0000{number}", day=day, categories=["cs.CL"])
    make_paper(arxiv_id="2603.00009", day=date(2023, 3, 1), categories=["cs.AI", "cs.CV"])


@pytest.mark.usefixtures("library")
def test_a_list_has_a_bar_for_each_year_that_leads_to_its_papers(client: Client) -> None:
    counted = bars(get(client, "/arxiv/cs.CL"))
    assert {label: n for label, (n, _) in counted.items()} == {"2026": 1, "2025": 3, "2024": 1}
    for label, (n_papers, path) in counted.items():
        html = get(client, f"/arxiv/cs.CL{path}")
        assert html.count('data-key="') == n_papers
        assert list(chips(html)) == [f"of {label}"]


@pytest.mark.usefixtures("library")
def test_a_short_range_has_bars_by_month(client: Client) -> None:
    html = get(client, "/arxiv/cs.CL?from=2025&to=2025&sort=oldest")
    assert bars(html) == {
        "February 2025": (2, "?sort=oldest&from=2025-02&to=2025-02"),
        "January 2025": (1, "?sort=oldest&from=2025-01&to=2025-01"),
    }
    assert chips(html) == {"of 2025": "?sort=oldest"}
    month = get(client, "/arxiv/cs.CL?from=2025-02&to=2025-02")
    assert month.count('data-key="') == 2
    assert 'class="chart"' not in month  # one bar is no picture


@pytest.mark.usefixtures("library")
def test_a_long_range_has_the_bars_of_its_years(client: Client) -> None:
    assert list(bars(get(client, "/arxiv/cs.CL?from=2025&to=2030"))) == ["2026", "2025"]


@pytest.mark.usefixtures("library")
def test_each_category_of_a_set_is_a_chip(client: Client) -> None:
    assert chips(get(client, "/arxiv/cs.CL,cs.AI-cs.CV?from=2020")) == {
        "in cs.CL": "/arxiv/cs.AI-cs.CV?from=2020",
        "or cs.AI": "/arxiv/cs.CL-cs.CV?from=2020",
        "not in cs.CV": "/arxiv/cs.CL,cs.AI?from=2020",
        "since 2020": "/arxiv/cs.CL,cs.AI-cs.CV",
    }
    for path in chips(get(client, "/arxiv/all-cs.CV-cs.AI")).values():
        assert client.get(path).status_code == 200


@pytest.mark.usefixtures("library")
def test_the_day_of_a_list_is_a_chip(client: Client) -> None:
    assert chips(get(client, "/arxiv/cs.CL?date=2025-02-01")) == {"of Feb. 1, 2025": "/arxiv/cs.CL"}
    assert chips(get(client, "/arxiv/cs.CL")) == {}


def test_the_years_of_a_venue_are_bars(client: Client) -> None:
    for year, n_papers in ((2023, 1), (2025, 2)):
        for number in range(n_papers):
            make_venue_paper(f"v{year}-{number}", year=year, track="Oral")
    html = get(client, "/venue/ICLR.2025?group=Oral")
    assert bars(html) == {"2025": (2, "/venue/ICLR.2025"), "2023": (1, "/venue/ICLR.2023")}
    assert chips(html) == {"in Oral": "/venue/ICLR.2025"}
    assert 'class="is-chosen"' in html


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("kept", ["from=2025", "date=2025-02-01", "sort=title"])
def test_feeds_and_exports_stand_beside_the_sentence(client: Client, kept: str) -> None:
    html = get(client, f"/arxiv/cs.CL?{kept}&skip=0")
    actions = re.search(r'<nav class="list-actions".*?</nav>\n', html, re.S)
    assert actions is not None
    assert 'href="/arxiv/cs.CL/feed"' in actions[0]
    assert f'href="/arxiv/cs.CL/export?{kept}&amp;format=bibtex"' in actions[0]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("cs.CL,cs.AI-cs.CV", "/arxiv/?edit=1&cat=cs.CL&cat=cs.AI&not=cs.CV"),
        ("all-cs.CV", "/arxiv/?edit=1&not=cs.CV"),
        ("cs.CL", "/arxiv/?edit=1&cat=cs.CL"),
        ("cs.CL-cs.CV,cs.AI", None),  # the form cannot say that cs.AI joins after the exclusion
    ],
)
def test_a_list_leads_to_the_form_of_its_set(client: Client, spec: str, path: str | None) -> None:
    links = re.findall(r'href="([^"]*)">Change the set', get(client, f"/arxiv/{spec}"))
    assert [unescape(link) for link in links] == ([path] if path else [])
