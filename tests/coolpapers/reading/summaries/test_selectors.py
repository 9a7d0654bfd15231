from __future__ import annotations

import pytest

from coolpapers.reading.summaries.selectors import find_summary, other_languages, papers_with_summary
from tests.coolpapers.reading.made import make_finished, make_paper, make_summary

pytestmark = pytest.mark.django_db


def test_a_summary_is_found_by_paper_and_language() -> None:
    summary = make_finished(language="zh")
    assert find_summary(summary.paper, language="zh") == summary
    assert find_summary(summary.paper, language="en") is None


def test_other_languages_are_those_with_a_finished_text() -> None:
    paper = make_paper()
    make_finished(paper, language="zh")
    make_finished(paper, language="en")
    make_summary(paper, language="de")
    assert other_languages(paper, language="en") == ["zh"]


def test_which_papers_of_a_page_have_one_is_one_query(django_assert_num_queries: object) -> None:
    papers = [make_finished().paper, make_summary().paper, make_paper()]
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert papers_with_summary([paper.pk for paper in papers]) == {papers[0].pk}
