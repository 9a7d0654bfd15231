from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest

from coolpapers.finding.flags import resolve_flags, resolver_of
from search.language.parser import parse_query
from search.language.query import Flag, Keys, Node, Not, Or, Term
from tests.search.trees import all_of

STARRED = Keys(frozenset({"a", "b"}))


def resolve(flag: Flag) -> Node | None:
    return STARRED if flag == Flag("is", "starred") else None


def test_a_flag_is_replaced_wherever_it_stands() -> None:
    notes: list[str] = []
    tree = parse_query("graph (tree OR is:starred) -is:starred").root
    assert resolve_flags(tree, resolve, notes) == all_of("graph", Or((Term("tree"), STARRED)), Not(STARRED))
    assert notes == []


@pytest.mark.parametrize("resolver", [resolve, None])
def test_an_unknown_flag_stays_and_is_noted(resolver: Any) -> None:
    notes: list[str] = []
    tree = parse_query("graph in:thesis").root
    assert resolve_flags(tree, resolver, notes) == tree
    assert notes == ["No data for “in:thesis” here."]


def test_flags_of_the_index_are_left_to_the_engine() -> None:
    notes: list[str] = []
    tree = parse_query("has:code").root
    assert resolve_flags(tree, None, notes) == tree
    assert notes == []


def resolver_for_tests(request: HttpRequest) -> Any:
    return resolve if request.method == "POST" else None


def test_the_setting_names_who_knows_the_reader(settings: Any) -> None:
    settings.SEARCH_FLAG_RESOLVER = f"{__name__}.resolver_for_tests"
    request = HttpRequest()
    assert resolver_of(request) is None
    request.method = "POST"
    assert resolver_of(request) is resolve
