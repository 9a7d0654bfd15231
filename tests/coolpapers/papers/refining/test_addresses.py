from __future__ import annotations

import pytest
from django.http import QueryDict

from coolpapers.papers.refining.addresses import ListAddress


def address(query: str) -> ListAddress:
    return ListAddress.of("/search", QueryDict(query))


def test_the_place_in_a_list_is_no_part_of_its_address() -> None:
    assert address("q=x&skip=50&start=2&density=list&sort=newest").having() == "?q=x&sort=newest"


@pytest.mark.parametrize(
    ("query", "changes", "changed"),
    [
        ("q=x", {"year": "2024"}, "?q=x&year=2024"),
        ("year=2020&q=x&year=2021", {"year": "2024"}, "?year=2024&q=x"),
        ("year=2020&q=x", {"year": None}, "?q=x"),
        ("from=2024&to=2025&q=x", {"from_": "2026", "to": None}, "?from=2026&q=x"),
        ("year=2020", {"year": None}, "/search"),
        ("q=a+%26+b", {"venue": "ICLR 2025"}, "?q=a+%26+b&venue=ICLR+2025"),
        ("q=%E6%B3%A8", {}, "?q=%E6%B3%A8"),
    ],
)
def test_parameters_are_replaced(query: str, changes: dict[str, str | None], changed: str) -> None:
    assert address(query).having(**changes) == changed


def test_one_value_is_added_and_taken_away() -> None:
    two = address("category=cs.AI&category=-cs.CL")
    assert two.adding("category", "cs.CL") == "?category=cs.AI&category=cs.CL"
    assert two.adding("category", "-cs.AI") == "?category=-cs.CL&category=-cs.AI"
    assert two.without("category", "-cs.CL") == "?category=cs.AI"


def test_a_page_elsewhere_gets_the_whole_path() -> None:
    assert address("q=x").rooted().having(q="y") == "/search?q=y"
    assert address("q=x").rooted().without("q", "x") == "/search"


def test_a_query_is_written_for_other_addresses() -> None:
    assert address("q=x&sort=newest").query("sort") == "?q=x"
    assert address("q=x&sort=newest").prefix("sort") == "?q=x&"
    assert (address("sort=newest").query("sort"), address("sort=newest").prefix("sort")) == ("", "?")
