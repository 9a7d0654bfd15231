from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import pytest

from coolpapers.finding.questions import Filters
from coolpapers.finding.related import find_related
from coolpapers.papers.lookup.readers import Readers
from coolpapers.papers.models import Paper
from search.errors import IndexMissing
from search.ranking.related import RelatedPage, RelatedRequest
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


class FarStarred(Readers):
    def count_stars(self, keys: Collection[str]) -> Mapping[str, int]:
        return {"p:far": 1}


@pytest.fixture
def subject(index_papers: Callable[[], None]) -> Paper:
    subject = make_paper(key="p:subject", title="Graph colouring of maps")
    make_paper(key="p:near", title="Graph colouring", abstract="Colouring of maps.", categories=["cs.CL"])
    make_paper(key="p:far", title="Maps", abstract="Of meadows.", categories=["math.CO"])
    index_papers()
    return subject


def keys(page: RelatedPage) -> list[str]:
    return [hit.key for hit in page.hits]


def test_papers_of_the_library_are_found_by_words(subject: Paper) -> None:
    page = find_related(subject, RelatedRequest(mode="bm25"))
    assert (page.key, keys(page), page.total) == ("p:subject", ["p:near", "p:far"], 2)


def test_a_request_pages_filters_and_counts(subject: Paper) -> None:
    page = find_related(subject, RelatedRequest(mode="bm25", start=1, top_k=1, facets=("category",)))
    assert (keys(page), page.total, page.start) == (["p:far"], 2, 1)
    assert {count.value for count in page.facets["category"]} == {"cs.CL", "math.CO"}
    filtered = RelatedRequest(mode="bm25", conditions=Filters(categories=("math.CO",)).nodes())
    assert keys(find_related(subject, filtered)) == ["p:far"]


def test_stars_of_readers_can_order_them(subject: Paper, settings: Any) -> None:
    settings.READERS = {"default": {"BACKEND": f"{__name__}.FarStarred"}}
    assert keys(find_related(subject, RelatedRequest(mode="bm25", sort="stars"))) == ["p:far", "p:near"]


def test_without_an_index_it_says_so(own_index: object) -> None:
    with pytest.raises(IndexMissing, match="rebuild_index"):
        find_related(make_paper(title="Graphs"), RelatedRequest())
