from __future__ import annotations

from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.cards import make_cards
from tests.coolpapers.reading.made import make_finished, make_paper

pytestmark = pytest.mark.django_db
TEMPLATE = Template("{% load actions %}{% for card in cards %}{% reading_actions card %}{% endfor %}")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def render(*papers: Paper) -> str:
    found = papers_by_pks([paper.pk for paper in papers])
    return TEMPLATE.render(Context({"request": RequestFactory().get("/"), "cards": make_cards(found)}))


def test_every_button_is_a_link_that_works_by_itself() -> None:
    html = render(paper := make_paper())
    assert f'href="/cite/{paper.arxiv_id}"' in html
    assert f'href="/cite/{paper.arxiv_id}?format=abstract"' in html
    assert f'href="/summary/{paper.arxiv_id}"' in html
    assert f'href="https://arxiv.org/pdf/{paper.arxiv_id}" rel="noopener noreferrer"' in html


def test_where_pdfs_are_fetched_the_button_opens_it_here(settings: Settings) -> None:
    settings.FETCH_PDFS = True
    html = render(paper := make_paper())
    assert f'href="/pdf/{paper.arxiv_id}"' in html
    assert "arxiv.org/pdf" not in html


def test_a_paper_without_a_pdf_or_a_harmful_link_has_no_pdf_button() -> None:
    html = render(make_paper(arxiv_id="", key="file:a"), make_paper(arxiv_id="", key="file:b", pdf_url="javascript:x"))
    assert 'data-action="pdf"' not in html


def test_where_nothing_writes_summaries_only_papers_with_one_have_the_button(settings: Settings) -> None:
    settings.SUMMARIZER = "off"
    html = render(make_paper(), make_finished().paper)
    assert html.count('data-action="summary"') == 1
    assert html.count("has-summary") == 1


def test_buttons_of_a_whole_page_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    papers = papers_by_pks([make_paper().pk for _ in range(25)])
    context = Context({"request": RequestFactory().get("/"), "cards": make_cards(papers)})
    with django_assert_num_queries(1):
        TEMPLATE.render(context)
