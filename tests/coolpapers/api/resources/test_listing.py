from __future__ import annotations

import pytest

from coolpapers.api.errors import ApiError, BadParameter
from coolpapers.api.resources.cursors import write_cursor
from coolpapers.api.resources.listing import ListQuestion, list_papers
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def read_all(question: ListQuestion, *, limit: int) -> list[str]:
    keys: list[str] = []
    cursor = ""
    for _ in range(50):
        papers, cursor = list_papers(question, cursor=cursor, limit=limit)
        keys += [paper.key for paper in papers]
        if not cursor:
            return keys
    raise AssertionError(f"no end: {keys}")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_every_paper_once_those_without_a_day_last(limit: int, sort: str) -> None:
    for day in (MONDAY, TUESDAY, MONDAY, None, None, TUESDAY):
        make_paper(day=day)
    keys = read_all(ListQuestion(category="cs.CL", sort=sort), limit=limit)
    assert len(keys) == len(set(keys)) == 6
    days = [Paper.objects.get(key=key).announced for key in keys]
    first, then = (TUESDAY, MONDAY) if sort == "newest" else (MONDAY, TUESDAY)
    assert days == [first, first, then, then, None, None]


def test_a_track_and_a_range_of_a_venue() -> None:
    make_venue_paper("a", track="Oral", announced=MONDAY)
    make_venue_paper("b", track="Poster", announced=TUESDAY)
    assert read_all(ListQuestion(venue="ICLR.2025", group="oral"), limit=1) == ["iclr2025:a"]
    assert read_all(ListQuestion(venue="ICLR", first_day=TUESDAY), limit=1) == ["iclr2025:b"]
    assert read_all(ListQuestion(venue="ICLR", last_day=MONDAY), limit=1) == ["iclr2025:a"]


@pytest.mark.parametrize(("day", "pk"), [(10**9, 1), (-5, 1), (700_000, 2**70), (0, -3)])
def test_a_forged_cursor_is_refused(day: int, pk: int) -> None:
    question = ListQuestion()
    with pytest.raises(BadParameter):
        list_papers(question, cursor=write_cursor({"day": day, "pk": pk}, question=question))


@pytest.mark.parametrize("category", ["cs.XX", ",".join(f"cs.{a}{b}" for a in "ABCDEFGH" for b in "ABCDEFGHIJ")])
def test_an_unknown_category_is_not_found(category: str) -> None:
    with pytest.raises(ApiError) as caught:
        list_papers(ListQuestion(category=category))
    assert caught.value.where == "category"
    assert caught.value.cure
