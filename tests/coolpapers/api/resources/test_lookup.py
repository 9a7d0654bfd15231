from __future__ import annotations

from typing import Any

import pytest

from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.api.resources.lookup import MAX_IDS, find_all, find_one
from coolpapers.papers.models import Paper

pytestmark = pytest.mark.django_db


def test_names_of_every_kind_in_their_order_each_paper_once(library: list[Paper]) -> None:
    names = ["abcDEF123@OpenReview", "2603.00002", "10.1000/abc", "iclr2025:abcDEF123", " hep-th/9901001v2 ", "x\0y"]
    papers, missing = find_all(names)
    assert [paper.key for paper in papers] == ["iclr2025:abcDEF123", "arxiv:2603.00002", "arxiv:hep-th/9901001"]
    assert missing == ["xy"]


def test_too_many_names() -> None:
    with pytest.raises(BadParameter, match=str(MAX_IDS + 1)):
        find_all(["a"] * (MAX_IDS + 1))


@pytest.mark.parametrize("name", ["", "nothing", "x" * 5000, "a@b@c", "2603.99999"])
def test_a_name_of_nothing(library: list[Paper], name: str) -> None:
    with pytest.raises(NotFound):
        find_one(name)


def test_many_names_take_few_queries(library: list[Paper], django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        find_all([f"2603.{number:05}" for number in range(200)])
