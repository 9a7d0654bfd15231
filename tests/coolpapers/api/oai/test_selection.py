from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coolpapers.api.oai.arguments import Continuation, ListRequest
from coolpapers.api.oai.selection import OaiItem, find_item, select_page
from coolpapers.papers.models import Paper, Tombstone
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def walk(prefix: str, *, size: int) -> list[OaiItem]:
    items: list[OaiItem] = []
    following: Continuation | None = Continuation(request=ListRequest(prefix=prefix))
    while following is not None:
        page = select_page(following, now=NOW, size=size)
        items += page.items
        following = page.following
    return items


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_pages_of_any_size_hold_each_item_once(size: int) -> None:
    for number in range(1, 8):
        make_paper(arxiv_id=f"2603.0000{number}")
    Paper.objects.filter(arxiv_id__in=["2603.00002", "2603.00005", "2603.00006"]).delete()  # one revision for all
    items = walk("oai_dc", size=size)
    assert sorted(item.key for item in items) == [f"arxiv:2603.0000{number}" for number in range(1, 8)]
    assert [item.paper is None for item in items] == [False] * 4 + [True] * 3


def test_a_paper_that_joined_another_is_deleted_only_for_those_who_see_works() -> None:
    paper = make_paper()
    paper.sources.create(source="acl", ident="P19-1", key="acl:P19-1")
    Tombstone.objects.create(key="acl:P19-1", revision=paper.revision)
    assert [item.key for item in walk("coolpapers", size=5)] == [paper.key]
    assert [item.key for item in walk("oai_dc", size=5)] == [paper.key, "acl:P19-1"]


def test_one_item_is_found_by_its_key() -> None:
    paper = make_paper()
    found = find_item(paper.key, now=NOW)
    assert found is not None
    assert (found.datestamp, found.paper) == (NOW, paper)
    assert find_item("arxiv:9999.99999", now=NOW) is None
