from __future__ import annotations

from collections.abc import Callable

import pytest

from coolpapers.finding.authors.papers import AuthorPapers, NameCount, find_author
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.engines.results import Request
from search.language.parser import parse_query
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    make_paper(title="Old", day=MONDAY, authors=["Yann LeCun", "Léon Bottou"])
    make_paper(title="Middle", day=TUESDAY, authors=["Léon Bottou", "Y. LeCun", "Rob Fergus"])
    make_paper(title="New", day=WEDNESDAY, authors=["Yann Lecun", "Rob Fergus", "Léon Bottou"])
    make_venue_paper("talk1", year=2019, title="Talk", authors=["Yann LeCun"])
    make_paper(title="Wei 1", authors=["Wei Wang", "Xiao Wei Wang"])
    make_paper(title="Wei 2", authors=["Weiqi Wang"])
    make_paper(title="Wei 3", authors=["Wang, Wei"])
    make_paper(title="Alan", authors=["Alan Smith"])
    make_paper(title="Ada", authors=["Ada Smith"])
    make_paper(title="A.", authors=["A. Smith"])
    make_paper(title="Chinese", authors=["王伟", "李明"])
    make_paper(title="One word", authors=["Plato"])
    index_papers()


def find(name: str, sort: str = "newest") -> tuple[AuthorPapers, list[str]]:
    author = find_author(search_backend(), name, sort=sort)
    title_of = dict(Paper.objects.values_list("pk", "title"))
    return author, [title_of[paper.pk] for paper in author.papers]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", ["Yann LeCun", "Y. LeCun", "LeCun, Yann", "yann lecun", "LeCun"])
def test_every_spelling_leads_to_all_papers_newest_first(name: str) -> None:
    author, titles = find(name)
    assert titles == ["New", "Middle", "Old", "Talk"]
    assert author.total == 4
    assert not author.is_ambiguous
    assert author.years == [(2026, 3), (2019, 1)]


@pytest.mark.usefixtures("library")
def test_spellings_and_coauthors_are_counted() -> None:
    author, _titles = find("Yann LeCun")
    assert author.name == "Yann LeCun"
    assert set(author.spellings) == {NameCount("Yann LeCun", 2), NameCount("Yann Lecun", 1), NameCount("Y. LeCun", 1)}
    assert [one.name for one in author.variants] == ["Y. LeCun"]
    assert author.coauthors == (NameCount("Léon Bottou", 3), NameCount("Rob Fergus", 2))


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("sort", "first"), [("newest", "New"), ("oldest", "Talk")])
def test_papers_are_sorted(sort: str, first: str) -> None:
    assert find("Yann LeCun", sort)[1][0] == first


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("Wei Wang", {"Wei 1", "Wei 3"}),  # not Weiqi, and not twice
        ("Xiao Wei Wang", {"Wei 1"}),
        ("Weiqi Wang", {"Wei 2"}),
        ("王伟", {"Chinese"}),
        ("Plato", {"One word"}),
        ("Alan Turing", set()),
        ("Wei Chen", set()),
        ("", set()),
        ("…", set()),
    ],
)
def test_only_papers_by_that_name_are_found(name: str, titles: set[str]) -> None:
    assert set(find(name)[1]) == titles


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", ["Wei Wang", "LeCun", "Xiao Wei Wang", "王伟", "Plato", "Alan Smith", "A. Smith"])
def test_the_query_to_follow_an_author_finds_the_papers_of_the_page(name: str) -> None:
    author, titles = find(name)
    hits = search_backend().search(parse_query(author.query).root, Request(top_k=50)).hits
    assert {hit.key for hit in hits} == set(Paper.objects.filter(title__in=titles).values_list("key", flat=True))
    assert titles


@pytest.mark.usefixtures("library")
def test_an_initial_that_fits_several_people_says_so_and_names_them() -> None:
    author, titles = find("A. Smith")
    assert titles == ["A."]
    assert author.is_ambiguous
    assert {one.name for one in author.others} == {"Alan Smith", "Ada Smith"}
    author, titles = find("Smith")
    assert (titles, author.is_ambiguous) == ([], True)
    assert {one.name for one in author.others} == {"Alan Smith", "Ada Smith", "A. Smith"}


@pytest.mark.usefixtures("library")
def test_a_full_name_leaves_out_an_initial_that_may_be_someone_else() -> None:
    author, titles = find("Alan Smith")
    assert titles == ["Alan"]
    assert not author.is_ambiguous
    assert author.others == (NameCount("A. Smith", 1),)


@pytest.mark.usefixtures("library")
def test_papers_are_narrowed_by_year_and_coauthor() -> None:
    author, _titles = find("Yann LeCun")
    assert len(author.narrowed(year=2019).papers) == 1
    with_fergus = author.narrowed(coauthor="Rob Fergus")
    assert len(with_fergus.papers) == 2
    assert with_fergus.coauthors == (NameCount("Léon Bottou", 2), NameCount("Rob Fergus", 2))
    assert not author.narrowed(year=2019, coauthor="Rob Fergus").papers
