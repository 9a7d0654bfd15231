from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from coolpapers.api.errors import BadParameter, BadQuery, Unavailable
from coolpapers.api.resources.cursors import write_cursor
from coolpapers.api.resources.searching import MAX_START, list_of, search
from coolpapers.finding.questions import Question
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import TUESDAY, make_paper

pytestmark = pytest.mark.django_db


def test_the_end_has_no_cursor(library: list[Paper]) -> None:
    assert search(Question("graphs", top_k=3)).next_cursor == ""
    assert search(Question("graphs", top_k=2)).next_cursor
    assert search(Question("zebra", relaxing=False)).next_cursor == ""


def test_if_the_last_hit_is_gone_the_list_continues_after_its_old_index(
    library: list[Paper], index_papers: Callable[[], None]
) -> None:
    question = Question("graphs", sort="newest", top_k=1)
    first = search(question)
    Paper.objects.get(key=first.page.hits[0].key).delete()
    index_papers()
    rest = search(replace(question, top_k=10), cursor=first.next_cursor)
    assert [hit.key for hit in rest.page.hits] == ["arxiv:2603.00001"]  # the one between has moved up; no second look


def test_new_papers_in_front_move_the_place(library: list[Paper], index_papers: Callable[[], None]) -> None:
    question = Question("graphs", sort="newest", top_k=1)
    first = search(question)
    for _ in range(3):
        make_paper(title="More graphs", day=TUESDAY.replace(month=5))
    index_papers()
    rest = search(replace(question, top_k=10), cursor=first.next_cursor)
    assert rest.page.start == 4
    assert [hit.key for hit in rest.page.hits] == ["arxiv:2603.00002", "arxiv:2603.00001"]


def test_invalid_starts_and_cursors_are_refused(library: list[Paper]) -> None:
    with pytest.raises(BadParameter, match="too large"):
        search(Question("graphs", start=MAX_START + 1))
    with pytest.raises(BadQuery) as caught:
        search(Question("ti:(", strict=True))
    assert caught.value.position is not None
    with pytest.raises(BadQuery, match="256"):
        search(Question(" ".join(f"w{n}" for n in range(300)), strict=True))
    deep = write_cursor({"at": 2**50, "key": "a"}, question=list_of(Question("graphs")))
    with pytest.raises(BadParameter):
        search(Question("graphs"), cursor=deep)


def test_without_an_index(own_index: object) -> None:
    with pytest.raises(Unavailable) as caught:
        search(Question("graphs"))
    assert caught.value.retry_after_s > 0
