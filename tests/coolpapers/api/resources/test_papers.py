from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.utils.timezone import now

from coolpapers.api.errors import BadParameter
from coolpapers.api.json.schemas import PaperSchema
from coolpapers.api.resources.papers import DEFAULT_FIELDS, FIELDS, describe_papers, finished_summary, read_fields
from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def test_reading_fields() -> None:
    assert read_fields(None) == read_fields("") == DEFAULT_FIELDS
    assert read_fields("title, authors,title") == ("id", "title", "authors")
    assert read_fields(["versions"]) == ("id", "versions")
    assert read_fields("all") == tuple(FIELDS)
    with pytest.raises(BadParameter, match="colour"):
        read_fields("title,colour")


def test_the_documented_fields_are_the_existing_ones() -> None:
    assert set(PaperSchema.model_fields) == set(FIELDS)


def test_addresses_that_are_not_of_the_web_are_left_out(rf: RequestFactory) -> None:
    paper = make_paper(page_url="javascript:alert(1)", code_url="javascript:alert(1)")
    (described,) = describe_papers(papers_by_pks([paper.pk]), request=rf.get("/"))
    assert "javascript" not in str(described)
    assert described["page"].startswith("http://testserver/")


def test_summaries_are_those_that_are_finished() -> None:
    paper = make_paper()
    for language, markdown in (("en", ""), ("zh", "**总结**")):
        Summary.objects.create(paper=paper, language=language, markdown=markdown, requested_at=now(), source="imported")
    (described,) = describe_papers([paper], fields=("id", "summaries"))
    assert [one["language"] for one in described["summaries"]] == ["zh"]
    found = finished_summary(paper, language="en")
    assert found is not None
    assert found.language == "zh"
    assert finished_summary(make_paper(), language="en") is None


def test_many_papers_take_few_queries(django_assert_num_queries: Any) -> None:
    pks = [make_paper().pk for _ in range(30)]
    papers: list[Paper] = papers_by_pks(pks)
    with django_assert_num_queries(2):  # versions and summaries
        describe_papers(papers, fields=tuple(FIELDS))
