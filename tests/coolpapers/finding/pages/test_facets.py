from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from coolpapers.finding.pages.facets import (
    VALUES_SHOWN,
    Facet,
    describe_all,
    describe_facets,
    describe_has,
    describe_years,
)
from coolpapers.finding.pages.forms import read_search_request
from coolpapers.papers.refining.addresses import ListAddress
from search.engines.results import FacetCount, SearchPage


def page_with(**facets: list[tuple[str, int]]) -> SearchPage:
    counts = {name: tuple(FacetCount(value, count) for value, count in values) for name, values in facets.items()}
    return SearchPage("x", (), 0, 0, "relevance", "bm25", counts)


def facets_of(query: str, **facets: list[tuple[str, int]]) -> list[Facet]:
    parameters = QueryDict(query)
    return describe_facets(page_with(**facets), read_search_request(parameters), ListAddress.of("/search", parameters))


def test_values_have_names_and_counts() -> None:
    (facet,) = facets_of("q=x", category=[("cs.CL", 9), ("68T50", 2)])
    assert (facet.parameter, facet.label) == ("category", "Category")
    assert [(value.value, value.name, value.n_papers, value.is_chosen) for value in facet.values] == [
        ("cs.CL", "Computation and Language", 9, False),
        ("68T50", "", 2, False),
    ]


def test_chosen_values_come_first_and_stay_though_nothing_is_counted() -> None:
    (facet,) = facets_of("q=x&venue=ICLR+2025&venue=Gone+1999", venue=[("ACL 2020", 5), ("ICLR 2025", 3)])
    assert [(value.value, value.n_papers, value.is_chosen) for value in facet.values] == [
        ("ICLR 2025", 3, True),
        ("Gone 1999", None, True),
        ("ACL 2020", 5, False),
    ]


@pytest.mark.parametrize(
    ("query", "path", "exclude_path"),
    [
        ("q=x", "?q=x&category=cs.CL", "?q=x&category=-cs.CL"),
        ("q=x&skip=50&sort=newest", "?q=x&sort=newest&category=cs.CL", "?q=x&sort=newest&category=-cs.CL"),
        ("q=x&category=cs.AI", "?q=x&category=cs.CL", "?q=x&category=cs.AI&category=-cs.CL"),
        ("q=x&category=cs.CL&category=cs.AI", "?q=x&category=cs.AI", ""),
        ("q=x&category=-cs.CL", "?q=x", ""),
        ("category=-cs.CL", "/search", ""),
    ],
)
def test_a_value_leads_to_the_list_with_it_and_a_filter_to_the_list_without_it(
    query: str, path: str, exclude_path: str
) -> None:
    (facet,) = facets_of(query, category=[("cs.CL", 9)])
    (value,) = [value for value in facet.values if value.value == "cs.CL"]
    assert (value.path, value.exclude_path) == (path, exclude_path)
    assert value.is_excluded == ("-cs.CL" in query)


def test_years_stand_newest_first_and_others_by_size() -> None:
    years = [(str(2000 + i), 100 - i) for i in range(15)]
    venue, year = facets_of("q=x", year=years, venue=[("B", 2), ("A", 1)])
    assert [value.value for value in venue.values] == ["B", "A"]
    assert [value.value for value in year.values] == [str(2000 + i) for i in reversed(range(VALUES_SHOWN))]
    assert year.n_more == 5


def test_a_series_of_venues_stands_above_its_years() -> None:
    (facet,) = facets_of("q=x", venue=[("ICLR 2025", 3), ("NeurIPS 2023", 2), ("NeurIPS 2024", 2), ("JMLR", 1)])
    assert [(value.label, value.n_papers) for value in facet.values] == [("NeurIPS", 4), ("ICLR 2025", 3), ("JMLR", 1)]
    assert facet.values[0].years_path == "/search/facets/venue?q=x&series=NeurIPS"
    assert facet.values[1].years_path == ""


def test_the_years_of_a_series_are_values_newest_first() -> None:
    parameters = QueryDict("q=x")
    counts = page_with(venue=[("ICLR 2025", 3), ("NeurIPS 2023", 2), ("NeurIPS 2024", 1), ("NeurIPS", 1)])
    facet = describe_years(
        counts, read_search_request(parameters), ListAddress.of("/search", parameters).rooted(), "NeurIPS"
    )
    assert facet.label == "NeurIPS"
    assert [(year.value, year.n_papers, year.path) for year in facet.values] == [
        ("NeurIPS 2024", 1, "/search?q=x&venue=NeurIPS+2024"),
        ("NeurIPS 2023", 2, "/search?q=x&venue=NeurIPS+2023"),
        ("NeurIPS", 1, "/search?q=x&venue=NeurIPS"),
    ]


def test_all_values_are_shown_where_asked_for() -> None:
    parameters = QueryDict("q=x")
    counts: dict[str, Any] = {"category": [(f"cs.{n:02}", n) for n in range(40, 0, -1)]}
    facet = describe_all(
        page_with(**counts), read_search_request(parameters), ListAddress.of("/search", parameters), "category"
    )
    assert (len(facet.values), facet.n_more) == (40, 0)


def test_what_papers_have_is_required_or_excluded() -> None:
    parameters = QueryDict("q=x&has=code&has=-pdf")
    facet = describe_has(read_search_request(parameters), ListAddress.of("/search", parameters))
    assert [(one.value, one.is_chosen, one.is_excluded, one.path) for one in facet.values] == [
        ("code", True, False, "?q=x&has=-pdf"),
        ("pdf", False, True, "?q=x&has=code"),
        ("summary", False, False, "?q=x&has=code&has=-pdf&has=summary"),
    ]


def test_empty_facets_are_left_out() -> None:
    assert facets_of("q=x") == []


def test_venues_have_readable_labels_and_filter_by_their_value() -> None:
    (facet,) = facets_of("q=x", venue=[("Annals-of-Statistics 2001", 5), ("ICLR 2025", 3), ("Phys-Rev-Lett", 1)])
    assert [(value.value, value.label) for value in facet.values] == [
        ("Annals-of-Statistics 2001", "Annals of Statistics 2001"),
        ("ICLR 2025", "ICLR 2025"),
        ("Phys-Rev-Lett", "Phys Rev Lett"),
    ]
