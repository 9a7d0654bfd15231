from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from django.test import RequestFactory
from django.utils.timezone import now

from coolpapers.api.errors import BadParameter
from coolpapers.api.json.schemas import PaperSchema
from coolpapers.api.resources.papers import DEFAULT_FIELDS, FIELDS, describe_papers, finished_summary, read_fields
from coolpapers.papers.importing.rows import content_of_paper
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper
from coolpapers.papers.records.record import Version
from coolpapers.papers.sources.jsonl import JsonLinesSource
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.papers.make import record

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


def test_another_site_imports_what_the_api_says_without_loss() -> None:
    upsert_records(
        [
            record(
                key="acl:2020.acl-main.1",
                title="Learning $x^2$ & *more* \\emph{well}",
                abstract="One.\n\nTwo with $\\alpha$.",
                abstract_label="Written by a program.",
                authors=["Gabriel García Márquez", "Ada Lovelace"],
                sort_names=["García Márquez, Gabriel"],
                year=2020,
                submitted="2020-01-02",
                updated="2020-03-04",
                announced="2020-01-03",
                categories=["cs.CL", "cs.LG"],
                venue="Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics",
                status="Oral",
                comment="12 pages",
                journal_ref="J. Odd Results 1, 2 (2020)",
                doi="10.1000/xyz",
                arxiv_id="2001.00001",
                page_url="https://example.org/1",
                pdf_url="https://example.org/1.pdf",
                code_url="https://example.org/code",
                keywords=["parsing", "Logic, Semantics"],
                tldr="It learns.",
                n_citations=7,
                withdrawn=True,
                kind="conference",
                editors=["Ann Editor"],
                volume="1",
                issue="2",
                pages="3-4",
                publisher="Open Press",
                affiliations=["University of Odd, Town"],
                report_numbers=["TR 12"],
                versions=[Version(1, None, "first"), Version(2, None, "")],
            ),
            record(
                key="acl:W16-3931",
                title="Noisy text of a workshop",
                venue="Workshop on Noisy User-generated Text (WNUT)",
            ),
            record(key="bib:2", title="A chapter without much", venue="AMTA 2014", authors=[]),
        ]
    )
    papers = papers_by_pks([paper.pk for paper in Paper.objects.all()])
    before = {paper.key: content_of_paper(paper) for paper in papers}
    lines = b"\n".join(map(orjson.dumps, describe_papers(papers, fields=tuple(FIELDS))))
    Paper.objects.all().delete()
    upsert_records(JsonLinesSource().read(io.BytesIO(lines), name="other.jsonl"))
    assert {paper.key: content_of_paper(paper) for paper in Paper.objects.select_related("venue")} == before
    assert Paper.objects.get(key="acl:2020.acl-main.1").versions.count() == 2
