from __future__ import annotations

from django.http import QueryDict

from coolpapers.finding.pages.facets import VALUES_SHOWN, describe_facets
from coolpapers.finding.pages.forms import read_search_request
from search.engines.results import FacetCount, SearchPage


def page_with(**facets: list[tuple[str, int]]) -> SearchPage:
    counts = {name: tuple(FacetCount(value, count) for value, count in values) for name, values in facets.items()}
    return SearchPage("x", (), 0, 0, "relevance", "bm25", counts)


def test_values_have_names_and_counts() -> None:
    (facet,) = describe_facets(page_with(category=[("cs.CL", 9), ("68T50", 2)]), read_search_request(QueryDict("q=x")))
    assert (facet.parameter, facet.label) == ("category", "Category")
    assert [(value.value, value.name, value.n_papers, value.is_chosen) for value in facet.values] == [
        ("cs.CL", "Computation and Language", 9, False),
        ("68T50", "", 2, False),
    ]


def test_chosen_values_come_first_and_stay_though_nothing_is_counted() -> None:
    search_request = read_search_request(QueryDict("q=x&venue=ICLR+2025&venue=Gone+1999"))
    (facet,) = describe_facets(page_with(venue=[("ACL 2020", 5), ("ICLR 2025", 3)]), search_request)
    assert [(value.value, value.n_papers, value.is_chosen) for value in facet.values] == [
        ("ICLR 2025", 3, True),
        ("Gone 1999", None, True),
        ("ACL 2020", 5, False),
    ]


def test_years_stand_newest_first_and_others_by_size() -> None:
    years = [(str(2000 + i), 100 - i) for i in range(15)]
    facets = describe_facets(page_with(year=years, venue=[("B", 2), ("A", 1)]), read_search_request(QueryDict("q=x")))
    venue, year = facets
    assert [value.value for value in venue.values] == ["B", "A"]
    assert [value.value for value in year.values] == [str(2000 + i) for i in reversed(range(VALUES_SHOWN))]


def test_empty_facets_are_left_out() -> None:
    assert describe_facets(page_with(), read_search_request(QueryDict("q=x"))) == []


def test_venues_have_readable_labels_and_filter_by_their_value() -> None:
    counts = page_with(venue=[("Annals-of-Statistics 2001", 5), ("ICLR 2025", 3), ("Phys-Rev-Lett", 1)])
    (facet,) = describe_facets(counts, read_search_request(QueryDict("q=x")))
    assert [(value.value, value.label) for value in facet.values] == [
        ("Annals-of-Statistics 2001", "Annals of Statistics 2001"),
        ("ICLR 2025", "ICLR 2025"),
        ("Phys-Rev-Lett", "Phys Rev Lett"),
    ]
