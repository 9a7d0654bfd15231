from __future__ import annotations

from typing import Any

import pytest

from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.api.resources.lookup import MAX_IDS, find_all, find_one
from coolpapers.papers.models import Paper

pytestmark = pytest.mark.django_db


def test_ids_of_every_kind_keep_their_order_and_papers_are_deduplicated(library: list[Paper]) -> None:
    names = ["abcDEF123@OpenReview", "2603.00002", "10.1000/abc", "iclr2025:abcDEF123", " hep-th/9901001v2 ", "x\0y"]
    papers, missing = find_all(names)
    assert [paper.key for paper in papers] == ["iclr2025:abcDEF123", "arxiv:2603.00002", "arxiv:hep-th/9901001"]
    assert missing == ["xy"]


def test_too_many_ids_are_refused() -> None:
    with pytest.raises(BadParameter, match=str(MAX_IDS + 1)):
        find_all(["a"] * (MAX_IDS + 1))


@pytest.mark.parametrize("name", ["", "nothing", "x" * 5000, "a@b@c", "2603.99999"])
def test_an_unknown_id_is_not_found(library: list[Paper], name: str) -> None:
    with pytest.raises(NotFound):
        find_one(name)


def test_many_ids_take_few_queries(library: list[Paper], django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        find_all([f"2603.{number:05}" for number in range(200)])
