from __future__ import annotations

import re

import pytest
from django.test import Client

from coolpapers.papers.models import Venue
from coolpapers.papers.pages.venue_index import VenueIndex, read_venue_index
from tests.coolpapers.papers.library import make_venue_paper
from tests.coolpapers.papers.pages.test_views import get

pytestmark = pytest.mark.django_db


def make_venue(slug: str, name: str, *, n_papers: int, year: int = 2024) -> None:
    Venue.objects.create(slug=slug, name=name)
    for n in range(n_papers):
        make_venue_paper(f"{slug}{n}", venue=slug, year=year)


@pytest.fixture(autouse=True)
def _venues() -> None:
    make_venue("ICLR", "International Conference on Learning Representations", n_papers=2)
    make_venue("ACL", "Annual Meeting of the Association for Computational Linguistics", n_papers=3)
    make_venue("SemEval", "International Workshop on Semantic Evaluation", n_papers=1)
    make_venue("TACL", "Transactions of the Association for Computational Linguistics", n_papers=1)
    make_venue("nlppower", "NLP Power! The First Workshop on Efficient Benchmarking in NLP", n_papers=1)
    make_venue("W-FOO", "Workshop on Foreign Objects", n_papers=2, year=2019)


def slugs(index: VenueIndex) -> tuple[list[str], list[str], list[str]]:
    conferences, journals, workshops = (
        [venue.slug for venue in kind] for kind in (index.conferences, index.journals, index.workshops)
    )
    return conferences, journals, workshops


def test_series_stand_by_size_in_their_kinds() -> None:
    index = read_venue_index("", revision=1)
    assert slugs(index) == (["ACL", "ICLR", "SemEval"], ["TACL"], ["W-FOO", "nlppower"])
    assert index.n_series == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acl", (["ACL"], [], [])),
        ("Linguistics", (["ACL"], ["TACL"], [])),
        ("learn rep", (["ICLR"], [], [])),
        ("comput  LINGUISTICS trans", ([], ["TACL"], [])),
        ("w-foo", ([], [], ["W-FOO"])),
        ("wfoo", ([], [], ["W-FOO"])),
        ("2019", ([], [], ["W-FOO"])),
        ("zzz", ([], [], [])),
    ],
)
def test_a_filter_leaves_the_series_that_have_all_words(text: str, expected: tuple[list[str], ...]) -> None:
    assert slugs(read_venue_index(text, revision=1)) == expected


def test_the_page_folds_workshops_and_names_series_readably(client: Client) -> None:
    page = get(client, "/venue/")
    assert re.search(r'<details class="venue-fold">\s*<summary>', page)
    assert ">NLP Power! The First Workshop on Efficient Benchmarking in NLP</a>" in page  # not "nlppower"
    assert '<span class="venue-title">International Conference on Learning Representations</span>' in page
    assert page.index(">ACL</a>") < page.index(">ICLR</a>") < page.index(">W-FOO</a>")


def test_the_filter_works_without_scripts(client: Client) -> None:
    page = get(client, "/venue/?q=nlp")
    assert '<details class="venue-fold" open>' in page
    assert 'value="nlp"' in page
    assert ">ICLR</a>" not in page
    assert "No venue matches “&lt;zzz&gt;”." in get(client, "/venue/?q=<zzz>")


def test_htmx_receives_the_lists_only(client: Client) -> None:
    response = client.get("/venue/?q=acl", headers={"hx-request": "true"})
    page = response.content.decode()
    assert ">ACL</a>" in page
    assert "<html" not in page
    assert "HX-Request" in response["Vary"]
