from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.pages.paging import Paging


def test_neighbours_of_a_page_in_the_middle() -> None:
    page = Paging(25, 25, 80)
    assert (page.previous_start, page.next_start, page.last_start) == (0, 50, 75)
    assert (page.number, page.n_pages, page.stop) == (2, 4, 50)


def test_a_short_list_is_one_page() -> None:
    page = Paging(0, 25, 7)
    assert (page.previous_start, page.next_start, page.n_pages, page.stop) == (None, None, 1, 7)


def test_past_the_end_the_previous_page_is_the_last() -> None:
    page = Paging(10**12, 25, 80)
    assert page.is_past_end
    assert (page.previous_start, page.next_start) == (75, None)


def test_an_empty_list_is_not_past_its_end() -> None:
    assert not Paging(25, 25, 0).is_past_end


@given(st.integers(1, 200), st.integers(0, 5000))
def test_following_next_shows_every_paper_once(size: int, total: int) -> None:
    shown = 0
    start: int | None = 0
    while start is not None:
        page = Paging(start, size, total)
        shown += page.stop - page.start
        start = page.next_start
    assert shown == total
