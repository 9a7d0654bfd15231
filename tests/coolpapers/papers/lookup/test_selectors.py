from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coolpapers.papers.lookup.selectors import (
    DayCount,
    VenueYear,
    count_categories,
    count_days,
    count_papers,
    count_tracks,
    count_venues,
    find_paper,
    find_paper_at,
    find_papers,
    known_codes,
    page_of,
    papers_at,
    papers_between,
    papers_by_keys,
    papers_by_pks,
    papers_in,
    sorted_at_venue,
    sorted_papers,
)
from coolpapers.papers.models import Paper, PaperSource, latest_revision
from coolpapers.papers.names.category_sets import CategorySet, parse_category_set
from search.vocabulary.identifiers import parse_identifier, parse_identifiers
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def read_set(text: str) -> CategorySet:
    return parse_category_set(text, known=known_codes(revision=latest_revision()))


@pytest.fixture
def crossed() -> dict[str, Paper]:
    """Papers with every combination of three categories that the tests ask for."""
    return {
        "AI": make_paper(categories=["cs.AI"]),
        "LG": make_paper(categories=["cs.LG"]),
        "AI LG": make_paper(categories=["cs.AI", "cs.LG"]),
        "LG CY": make_paper(categories=["cs.LG", "cs.CY"]),
        "math": make_paper(categories=["math-ph", "math.AP"]),
        "undated": make_paper(categories=["cs.AI"], day=None),
    }


@pytest.mark.parametrize("walking", [False, True])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cs.AI", {"AI", "AI LG", "undated"}),
        ("cs.LG", {"LG", "AI LG", "LG CY"}),
        ("cs.AI,cs.LG", {"AI", "LG", "AI LG", "LG CY", "undated"}),
        ("cs.AI+cs.LG-cs.CY", {"AI", "LG", "AI LG", "undated"}),
        ("cs.LG-cs.AI-cs.CY", {"LG"}),
        ("cs.LG-cs.AI,cs.AI", {"AI", "LG", "AI LG", "LG CY", "undated"}),
        ("cs", {"AI", "LG", "AI LG", "LG CY", "undated"}),
        ("math", {"math"}),
        ("cs-cs.LG", {"AI", "undated"}),
        ("all", {"AI", "LG", "AI LG", "LG CY", "math"}),
        ("-cs", {"math"}),
        ("q-fin.TR", set()),
    ],
)
def test_set_algebra(crossed: dict[str, Paper], text: str, names: set[str], walking: bool) -> None:
    found = papers_in(read_set(text), walking=walking)
    assert sorted(found.values_list("pk", flat=True)) == sorted(crossed[name].pk for name in names)


# PRODUCT.md 9, case 14.
def test_a_cross_listed_paper_is_in_each_of_its_categories() -> None:
    paper = make_paper(categories=["cs.CL", "cs.LG", "stat.ML"])
    for code in ("cs.CL", "cs.LG", "stat.ML"):
        assert list(papers_in(read_set(code))) == [paper]
    assert list(papers_in(read_set("cs.CL,cs.LG,stat.ML"))) == [paper]


def test_days_are_counted_newest_first() -> None:
    for day in (MONDAY, MONDAY, WEDNESDAY, None):
        make_paper(day=day)
    make_paper(categories=["cs.AI"], day=TUESDAY)
    assert count_days(read_set("cs.CL"), revision=latest_revision()) == (DayCount(WEDNESDAY, 1), DayCount(MONDAY, 2))


def test_counts_follow_the_library() -> None:
    make_paper()
    assert count_papers(revision=latest_revision()) == 1
    make_paper()
    assert count_papers(revision=latest_revision()) == 2


def test_a_range_includes_both_ends() -> None:
    days = [MONDAY, TUESDAY, WEDNESDAY]
    papers = [make_paper(day=day) for day in days]
    categories = read_set("cs.CL")
    assert set(papers_between(categories, MONDAY, TUESDAY)) == set(papers[:2])
    assert set(papers_between(categories, TUESDAY, None)) == set(papers[1:])
    assert set(papers_between(categories, None, TUESDAY)) == set(papers[:2])


@pytest.mark.parametrize(("sort", "order"), [("", [2, 0, 1]), ("oldest", [1, 0, 2]), ("title", [1, 2, 0])])
def test_sorts_of_a_list(sort: str, order: list[int]) -> None:
    papers = [
        make_paper(title="c", day=TUESDAY),
        make_paper(title="A", day=MONDAY),
        make_paper(title="b", day=WEDNESDAY),
    ]
    assert list(sorted_papers(Paper.objects.all(), sort)) == [papers[i] for i in order]


def test_updated_sort_puts_papers_without_the_date_last() -> None:
    never = make_paper(updated=None)
    late = make_paper(updated=date(2026, 5, 1))
    early = make_paper(updated=date(2026, 4, 1))
    assert list(sorted_papers(Paper.objects.all(), "updated")) == [late, early, never]


def test_equal_days_keep_a_stable_order() -> None:
    papers = [make_paper() for _ in range(6)]
    ordered = sorted_papers(Paper.objects.all(), "newest")
    pages = [page_of(ordered, start, 2) for start in (0, 2, 4)]
    assert [paper for page in pages for paper in page] == papers[::-1]


def test_papers_by_row_number_and_key_leave_out_what_is_gone() -> None:
    first, second = make_paper(), make_paper()
    assert papers_by_pks([second.pk, 10**9, first.pk]) == [second, first]
    assert papers_by_keys([first.key, "arxiv:gone"]) == {first.key: first}


# ---- one paper by its names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        "2603.01234",
        "arXiv:2603.01234v2",
        "https://arxiv.org/abs/2603.01234",
        "https://arxiv.org/pdf/2603.01234v1",
        "10.1000/XYZ",
        "https://doi.org/10.1000/xyz",
        "2020.acl-main.1",
        "https://aclanthology.org/2020.acl-main.1/",
    ],
)
def test_a_paper_is_found_by_any_of_its_names(pasted: str) -> None:
    paper = make_paper(arxiv_id="2603.01234", doi="10.1000/xyz")
    PaperSource.objects.create(paper=paper, source="acl", ident="2020.acl-main.1", key="acl:2020.acl-main.1")
    identifier = parse_identifier(pasted)
    assert identifier is not None
    assert find_paper(identifier) == paper


def test_several_papers_are_found_at_once(django_assert_max_num_queries: Any) -> None:
    papers = [make_paper() for _ in range(5)]
    identifiers = parse_identifiers(" ".join(paper.arxiv_id for paper in papers) + " 2601.99999")
    with django_assert_max_num_queries(4):
        found = find_papers(identifiers)
    assert found == {paper.key: paper for paper in papers}


@pytest.mark.parametrize("label", ["OpenReview", "openreview", "OPENREVIEW"])
def test_a_paper_at_its_source(label: str) -> None:
    paper = make_venue_paper("aBcD")
    assert find_paper_at("aBcD", label) == paper
    assert find_paper_at("abcd", label) is None


def test_sources_without_a_label_are_files() -> None:
    paper = make_venue_paper("notes-1", source="lab")
    assert find_paper_at("notes-1", "File") == paper
    assert find_paper_at("notes-1", "ACL") is None
    byhand = Paper.objects.create(key="memo-1", title="Memo", revision=1)
    assert find_paper_at("memo-1", "File") == byhand


# ---- venues and counts ------------------------------------------------------------------------------------


def test_venues_are_counted_by_year() -> None:
    make_venue_paper("a", year=2024)
    make_venue_paper("b", year=2025)
    make_venue_paper("c", year=2025)
    make_venue_paper("d", venue="ACL", year=None)
    counted = count_venues(revision=latest_revision())
    assert [(venue.ident, venue.n_papers) for venue in counted] == [("ACL", 1), ("ICLR.2025", 2), ("ICLR.2024", 1)]


def test_papers_of_a_track_whatever_its_case() -> None:
    oral = make_venue_paper("a", track="Oral")
    make_venue_paper("b", track="Poster")
    venue = VenueYear("ICLR", "", 2025, 2)
    assert list(papers_at(venue, track="oral")) == [oral]
    assert count_tracks(venue) == [("Oral", 1), ("Poster", 1)]


def test_orals_come_first_and_rejected_papers_last() -> None:
    for ident, track, title in [("r", "Rejected", "A"), ("p", "Poster", "B"), ("o", "Oral", "Z"), ("q", "", "a")]:
        make_venue_paper(ident, track=track, title=title)
    papers = sorted_at_venue(Paper.objects.all(), "")
    assert [paper.title for paper in papers] == ["Z", "a", "B", "A"]
    assert [paper.title for paper in sorted_at_venue(papers, "title")] == ["A", "a", "B", "Z"]


def test_a_venue_sorts_by_date_with_undated_papers_last() -> None:
    undated = make_venue_paper("a")
    old = make_venue_paper("b", announced=MONDAY)
    new = make_venue_paper("c", announced=TUESDAY)
    assert list(sorted_at_venue(Paper.objects.all(), "newest")) == [new, old, undated]
    assert list(sorted_at_venue(Paper.objects.all(), "oldest")) == [old, new, undated]


def test_categories_are_counted_largest_first() -> None:
    make_paper(categories=["cs.AI", "cs.CL"])
    make_paper(categories=["cs.CL"])
    assert list(count_categories(revision=latest_revision()).items()) == [("cs.CL", 2), ("cs.AI", 1)]


def test_known_codes_are_ours_and_arxivs() -> None:
    make_paper(categories=["68T50"])
    codes = known_codes(revision=latest_revision())
    assert {"68T50", "cs.CL", "q-fin.TR", "math", "hep-th"} <= set(codes)
