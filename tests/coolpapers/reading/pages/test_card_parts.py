"""Cards as HTML: what each density shows, and where the buttons lead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.safestring import mark_safe
from pytest_django import DjangoAssertNumQueries, Settings

from coolpapers.papers.lookup.selectors import papers_by_pks
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.cards import Card, make_cards
from coolpapers.reading.pages.card_parts import actions_of, gist_of, render_cards, render_part
from tests.coolpapers.reading.made import make_finished, make_paper

pytestmark = pytest.mark.django_db
ABSTRACT = "Graphs are large. We show that a sketch with $n$ paths is enough for all of them. Code is here."


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def render(*papers: Paper, density: str = "compact") -> str:
    found = papers_by_pks([paper.pk for paper in papers])
    return render_cards(make_cards(found), density=density, extra=lambda card: "")


def test_every_button_is_a_link_that_works_by_itself() -> None:
    html = render(paper := make_paper())
    assert f'href="/summary/{paper.arxiv_id}"' in html
    assert f'href="https://arxiv.org/pdf/{paper.arxiv_id}"' in html
    assert f'data-action="pdf" data-panel="/pdf/{paper.arxiv_id}" rel="noopener noreferrer"' in html


def test_without_scripts_a_card_links_to_related_papers_and_citation() -> None:
    html = render(paper := make_paper())
    links = html.partition("<noscript>")[2].partition("</noscript>")[0]
    assert f'href="/related/{paper.arxiv_id}"' in links
    assert f'href="/cite/{paper.arxiv_id}"' in links
    assert "<noscript>" not in render_part("buttons", make_cards([paper])[0])  # the paper's page has all links


def test_where_pdfs_are_fetched_the_button_opens_it_here(settings: Settings) -> None:
    settings.FETCH_PDFS = True
    html = render(paper := make_paper())
    assert f'href="/pdf/{paper.arxiv_id}"' in html
    assert 'href="https://arxiv.org/pdf' not in html


def test_a_paper_without_a_pdf_or_a_harmful_link_has_no_pdf_button() -> None:
    html = render(make_paper(arxiv_id="", key="file:a"), make_paper(arxiv_id="", key="file:b", pdf_url="javascript:x"))
    assert 'data-action="pdf"' not in html
    assert "javascript:" not in html


def test_the_actions_of_one_paper_are_those_of_its_card() -> None:
    paper = make_finished().paper
    actions = actions_of(make_cards(papers_by_pks([paper.pk]))[0])
    assert actions.summary_path == f"/summary/{paper.arxiv_id}"
    assert actions.pdf_path == f"/pdf/{paper.arxiv_id}"
    assert (actions.has_summary, actions.is_pdf_here) == (True, False)


def test_where_nothing_writes_summaries_only_papers_with_one_have_the_button(settings: Settings) -> None:
    settings.SUMMARIZER = "off"
    html = render(make_paper(), make_finished().paper)
    assert html.count('data-action="summary"') == 1
    assert html.count("has-summary") == 1


def test_a_whole_page_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cards = make_cards(papers_by_pks([make_paper().pk for _ in range(25)]))
    with django_assert_num_queries(1):
        render_cards(cards, density="compact", extra=lambda card: "")


def test_a_compact_card_shows_two_lines_and_unfolds_to_the_abstract() -> None:
    html = render(make_paper(abstract=ABSTRACT))
    gist, abstract = re.findall(
        r'<span class="gist-text" dir="auto">(.*?)</span></summary><div class="card-abstract" dir="auto">(.*?)</div>',
        html,
    )[0]
    assert gist.startswith("We show that a sketch with <span class=")
    assert "Code is here" not in gist
    assert "Code is here" in abstract


def test_a_list_row_has_one_author_and_no_abstract() -> None:
    html = render(make_paper(abstract=ABSTRACT, authors=["Ada Lovelace", "Charles Babbage"]), density="list")
    assert '<span class="row-authors">Ada Lovelace et al.</span>' in html
    assert "Babbage" not in re.sub(r'title="[^"]*"', "", html)
    assert "card-abstract" not in html


def test_a_full_card_has_all_authors_and_the_abstract_unfolded() -> None:
    html = render(make_paper(abstract=ABSTRACT, authors=["Ada Lovelace", "Charles Babbage"]), density="full")
    assert "Babbage</a>" in html
    assert "<details" not in html
    assert "card-abstract" in html


def test_the_tldr_comes_first_then_what_a_search_found_then_the_result() -> None:
    paper = make_paper(abstract=ABSTRACT)
    found = {"gist": mark_safe("… <mark>large</mark> …")}
    assert gist_of(Card(paper)).startswith("We show")
    assert gist_of(Card(paper, highlights=found)) == "… <mark>large</mark> …"
    paper.tldr = "Sketches are <enough>."
    assert gist_of(Card(paper, highlights=found)) == "Sketches are &lt;enough&gt;."


@pytest.mark.parametrize("density", ["list", "compact", "full"])
def test_foreign_text_is_escaped_in_every_density(density: str) -> None:
    evil = "<img src=x onerror=alert(1)> \"'"
    html = render(
        make_paper(
            title=evil, abstract=evil, authors=[evil, evil], tldr=evil, track=evil, code_url="javascript:alert(1)"
        ),
        density=density,
    )
    assert "<img" not in html
    assert "javascript:" not in html
    assert 'title="<' not in html


def test_words_are_in_the_readers_language() -> None:
    paper = make_paper(abstract=ABSTRACT)
    with translation.override("zh-hans"):
        assert ">摘要</a>" in (html := render(paper)) or ">总结</a>" in html
    assert ">Summary</a>" in render(paper)


def test_parts_of_a_card_are_rendered_alone() -> None:
    card = Card(make_paper(authors=[f"Author {number}" for number in range(41)]))
    assert "et al. (1 more)" in render_part("authors", card)
    assert 'class="card-meta"' in render_part("meta", card)
    assert "data-open-menu" not in render_part("buttons", card)
