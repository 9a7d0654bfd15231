from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest

from coolpapers.finding.highlighting import ALL_PARTS
from coolpapers.finding.questions import Filters, Question
from coolpapers.finding.services import search_papers
from coolpapers.papers.models import Paper, Venue
from search.engines.results import SearchPage
from search.errors import IndexMissing, QuerySyntaxError, QueryTooLarge
from search.language.query import Flag, Keys, Node

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    """Three papers on graphs, one on meadows."""
    venue = Venue.objects.create(slug="ICLR", name="Learning Representations")
    rows = [
        ("p:old", "Graph colouring", "On maps.", date(1999, 1, 1), ["math.CO"], None),
        ("p:new", "Graph networks", "Learning $G$ from graphs.", date(2024, 5, 1), ["cs.LG"], None),
        ("p:talk", "Graph transformers", "Attention on graphs.", None, ["cs.LG"], venue),
        ("p:field", "Meadows", "No nodes, no edges: grass.", date(2024, 6, 1), [], None),
    ]
    for key, title, abstract, day, categories, where in rows:
        Paper(
            key=key,
            title=title,
            abstract=abstract,
            announced=day,
            year=day.year if day else 2025,
            categories=categories,
            venue=where,
            venue_year=2025 if where else None,
        ).save()
    index_papers()


def keys(page: SearchPage) -> list[str]:
    return [hit.key for hit in page.hits]


def test_without_an_index_it_says_so(own_index: object) -> None:
    with pytest.raises(IndexMissing, match="rebuild_index"):
        search_papers(Question("graph"))


@pytest.mark.usefixtures("library")
def test_words_are_wanted_together() -> None:
    page = search_papers(Question("graph colouring"))
    assert (keys(page), page.total, page.relaxed, page.notes) == (["p:old"], 1, False, ())
    assert (page.sort, page.start, page.mode, page.query) == ("relevance", 0, "bm25", "graph colouring")


@pytest.mark.usefixtures("library")
def test_where_no_paper_has_all_words_some_have_to_do_and_the_page_says_so() -> None:
    page = search_papers(Question("graph meadows"))
    assert set(keys(page)) == {"p:old", "p:new", "p:talk", "p:field"}
    assert page.relaxed
    assert page.notes == ("No paper contains all of these words; showing papers that contain some.",)


@pytest.mark.usefixtures("library")
def test_relaxing_keeps_filters_and_exclusions() -> None:
    assert keys(search_papers(Question("graph meadows year:1999"))) == ["p:old"]
    assert set(keys(search_papers(Question("graph meadows -networks")))) == {"p:old", "p:talk", "p:field"}


@pytest.mark.usefixtures("library")
def test_nothing_at_all_is_not_called_relaxed() -> None:
    page = search_papers(Question("zebra unicorn"))
    assert (page.hits, page.total, page.relaxed, page.suggestion) == ((), 0, False, None)


@pytest.mark.usefixtures("library")
def test_a_misspelt_word_has_a_suggestion() -> None:
    assert search_papers(Question("colorring")).suggestion == "colouring"
    assert search_papers(Question("graph")).suggestion is None


@pytest.mark.usefixtures("library")
def test_a_broken_query_is_read_as_words_with_a_note_or_refused_where_strict() -> None:
    page = search_papers(Question('"graph colouring'))
    assert keys(page) == ["p:old"]
    assert page.notes[0].startswith("Searched as plain words.")
    with pytest.raises(QuerySyntaxError) as refused:
        search_papers(Question('"graph colouring', strict=True))
    assert refused.value.position == 0


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("text", ["word " * 10_000, "(" * 10_000, "a* " * 300, "\ud800" * 50, "NOT " * 5_000])
def test_absurd_queries_are_answered_or_refused_by_name(text: str) -> None:
    assert isinstance(search_papers(Question(text)), SearchPage)
    with suppress(QuerySyntaxError, QueryTooLarge):
        search_papers(Question(text, strict=True))


@pytest.mark.usefixtures("library")
def test_a_start_past_the_end_keeps_the_total() -> None:
    page = search_papers(Question("graph", start=10**12))
    assert (page.hits, page.total) == ((), 3)


@pytest.mark.usefixtures("library")
def test_sorting_and_paging_are_over_all_hits() -> None:
    assert [keys(search_papers(Question("graph", sort="newest", start=n, top_k=1))) for n in range(4)] == [
        ["p:talk"],
        ["p:new"],
        ["p:old"],
        [],
    ]
    assert keys(search_papers(Question("graph", sort="oldest", top_k=1))) == ["p:old"]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(categories=("cs.LG",)), {"p:new", "p:talk"}),
        (Filters(categories=("cs.LG", "math.CO")), {"p:new", "p:talk", "p:old"}),
        (Filters(venues=("ICLR 2025",)), {"p:talk"}),
        (Filters(venues=("ICLR",)), {"p:talk"}),
        (Filters(years=(1999, 2024)), {"p:old", "p:new"}),
        (Filters(years=(0, 20245)), {"p:old", "p:new", "p:talk"}),
        (Filters(start=date(2024, 1, 1)), {"p:new", "p:talk"}),
        (Filters(end=date(2000, 1, 1)), {"p:old"}),
        (Filters(categories=("cs.LG",), start=date(2024, 1, 1), end=date(2024, 12, 31)), {"p:new"}),
        (Filters(), {"p:old", "p:new", "p:talk"}),
    ],
)
def test_filters_narrow(filters: Filters, expected: set[str]) -> None:
    assert set(keys(search_papers(Question("graph", filters=filters)))) == expected


@pytest.mark.usefixtures("library")
def test_filters_alone_list_what_they_let_through_newest_first() -> None:
    assert keys(search_papers(Question("", filters=Filters(years=(2024,))))) == ["p:field", "p:new"]
    assert search_papers(Question("")).total == 4


@pytest.mark.usefixtures("library")
def test_facets_are_counted_over_all_hits() -> None:
    page = search_papers(Question("graph", top_k=1, facets=("category", "venue")))
    assert [(facet.value, facet.n_documents) for facet in page.facets["category"]] == [("cs.LG", 2), ("math.CO", 1)]
    assert [(facet.value, facet.n_documents) for facet in page.facets["venue"]] == [("ICLR 2025", 1)]


@pytest.mark.usefixtures("library")
def test_hits_are_highlighted_outside_of_formulas() -> None:
    highlights = search_papers(Question("graph networks", highlight=ALL_PARTS)).highlights["p:new"]
    assert highlights["title"] == "<mark>Graph</mark> <mark>networks</mark>"
    assert "<mark>graphs</mark>" in highlights["abstract"]
    assert search_papers(Question("graph")).highlights == {}


@pytest.mark.usefixtures("library")
def test_a_hit_says_what_each_word_gave() -> None:
    hit = search_papers(Question("graph colouring", explain=True)).hits[0]
    assert hit.explanation is not None
    assert sum(share.score for share in hit.explanation.shares) == pytest.approx(hit.score, rel=1e-4)


@pytest.mark.usefixtures("library")
def test_personal_flags_are_resolved_by_who_knows_them() -> None:
    def resolve(flag: Flag) -> Node | None:
        return Keys(frozenset({"p:new", "p:field"})) if flag == Flag("is", "starred") else None

    assert keys(search_papers(Question("graph is:starred"), resolve_flag=resolve)) == ["p:new"]
    assert set(keys(search_papers(Question("graph -is:starred"), resolve_flag=resolve))) == {"p:old", "p:talk"}
    page = search_papers(Question("graph is:unread"), resolve_flag=resolve)
    assert (page.total, page.notes) == (0, ("No data for “is:unread” here.",))
