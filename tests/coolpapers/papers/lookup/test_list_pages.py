from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coolpapers.papers.lookup import list_pages
from coolpapers.papers.lookup.list_pages import ListedRange, PageDays, days_of_page, page_of_range
from coolpapers.papers.lookup.selectors import DayCount, count_days, known_codes
from coolpapers.papers.models import Paper, PaperCategory, latest_revision
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet, parse_category_set
from coolpapers.papers.records.fieldvalues import MAX_TITLE
from tests.coolpapers.management.sites import Site
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper
from tests.servers import make_postgres_database, postgres_server

pytestmark = pytest.mark.django_db

CODES = ("cs.AI", "cs.LG", "cs.CY", "math.AP", "math-ph")
SETS = (
    *CODES,
    *("cs", "math", "all", "q-fin.TR", "cs.AI,cs.LG", "cs,math.AP", "cs.AI+cs.LG-cs.CY", "cs-cs.LG", "-cs.AI"),
    *("all-cs-math.AP", "cs.AI-cs.LG+cs.CY", "cs.LG-cs.AI,cs.AI", "cs.AI,all", "cs-all", "cs.AI-cs.AI", "all-cs+cs.CY"),
)
SORTS = ("newest", "oldest", "title", "updated")


def day_of(number: int) -> date:
    return MONDAY + timedelta(days=number)


@pytest.fixture
def library() -> list[Paper]:
    """Papers of several categories, some without a day or a date of update, with equal titles and days among them."""
    rng = random.Random(5)
    return [
        make_paper(
            categories=rng.sample(CODES, rng.randint(0, 3)),
            day=None if rng.random() < 0.1 else day_of(rng.randrange(12)),
            updated=None if rng.random() < 0.3 else day_of(rng.randrange(30)),
            title=rng.choice(["About trees", "about Trees", "Zeros", "a proof", "Étale maps", f"Paper {rng.random()}"]),
        )
        for _ in range(90)
    ]


def read_set(text: str) -> CategorySet:
    return parse_category_set(text, known=known_codes(revision=latest_revision()))


def is_in(paper: Paper, categories: CategorySet) -> bool:
    found = False
    for step in categories.steps:
        if step.code == EVERYTHING:
            fits = paper.announced is not None
        else:
            fits = any(step.code == code or code.startswith(f"{step.code}.") for code in paper.categories)
        found = (found or fits) if not step.is_minus else found and not fits
    return found


def in_order(papers: list[Paper], sort: str) -> list[Paper]:
    def lower(text: str) -> str:  # as SQLite does: of other letters it knows no cases
        return "".join(char.lower() if char.isascii() else char for char in text)

    keys: dict[str, Callable[[Paper], tuple[object, int]]] = {
        "newest": lambda paper: (paper.announced, paper.pk),
        "oldest": lambda paper: (paper.announced, paper.pk),
        "title": lambda paper: (lower(paper.title), paper.pk),
        "updated": lambda paper: (paper.updated or date.min, paper.pk),
    }
    return sorted(papers, key=keys[sort], reverse=sort in ("newest", "updated"))


@pytest.mark.parametrize("text", SETS)
def test_days_are_counted_as_one_by_one(library: list[Paper], text: str) -> None:
    categories = read_set(text)
    days = Counter(paper.announced for paper in library if paper.announced and is_in(paper, categories))
    expected = tuple(DayCount(day, n_papers) for day, n_papers in sorted(days.items(), reverse=True))
    assert count_days(categories, revision=latest_revision()) == expected


@pytest.mark.parametrize("cost", [0, 10**6], ids=["gathered", "walked"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_are_those_of_the_whole_list_in_order(
    library: list[Paper], monkeypatch: pytest.MonkeyPatch, sort: str, cost: int
) -> None:
    if sort == "title" and connection.vendor != "sqlite":
        pytest.skip("PostgreSQL sorts titles by the rules of a language")
    monkeypatch.setattr(list_pages, "_GATHERED_COST", cost)
    monkeypatch.setattr(list_pages, "_SPARE", 2)  # some walks end before the page is full
    revision = latest_revision()
    for text in SETS:
        categories = read_set(text)
        for first, last in [(day_of(0), day_of(20)), (day_of(4), None), (None, day_of(6)), (day_of(5), day_of(5))]:
            listed = ListedRange(categories, count_days(categories, revision=revision), first, last)
            members = [
                paper
                for paper in library
                if paper.announced
                and (first or paper.announced) <= paper.announced <= (last or paper.announced)
                and is_in(paper, categories)
            ]
            expected = in_order(members, sort)
            for start, size in [(0, 7), (5, 9), (60, 25), (10**9, 3)]:
                page = page_of_range(listed, sort, start=start, size=size, revision=revision)
                assert page == expected[start : start + size], (text, first, last, start)


def test_a_set_without_days_is_listed_too() -> None:
    papers = [make_paper(day=None, title=title) for title in ("B", "A", "C")]
    listed = ListedRange(read_set("cs.CL"), ())
    pages = [page_of_range(listed, "title", start=start, size=2, revision=latest_revision()) for start in (0, 2)]
    assert pages == [[papers[1], papers[0]], [papers[2]]]


def test_the_days_of_a_page() -> None:
    days = [DayCount(WEDNESDAY, 2), DayCount(TUESDAY, 3), DayCount(MONDAY, 1)]
    assert days_of_page(days, 0, 2) == PageDays(WEDNESDAY, WEDNESDAY, 0)
    assert days_of_page(days, 1, 2) == PageDays(WEDNESDAY, TUESDAY, 0)
    assert days_of_page(days, 2, 9) == PageDays(TUESDAY, MONDAY, 2)
    assert days_of_page(days, 5, 1) == PageDays(MONDAY, MONDAY, 5)
    assert days_of_page(days, 6, 1) is None
    assert days_of_page([], 0, 1) is None


def plans_of(ask: Callable[[], object]) -> list[str]:
    """How SQLite answers each query that reads rows of papers or their categories."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    plans = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if "papers_paper" in query["sql"]:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans.append("; ".join(row[3] for row in cursor.fetchall()))
    return plans


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by the size of tables, which are small")
@pytest.mark.parametrize("text", ["cs.AI", "cs.AI,cs.LG-cs.CY", "cs-cs.LG", "all", "all-cs.AI"])
@pytest.mark.parametrize("sort", SORTS)
def test_no_table_is_read_from_end_to_end(
    library: list[Paper], monkeypatch: pytest.MonkeyPatch, text: str, sort: str
) -> None:
    monkeypatch.setattr(list_pages, "_GATHERED_COST", 10**6)
    categories, revision = read_set(text), latest_revision()
    days = count_days(categories, revision=revision)
    listed = ListedRange(categories, days, day_of(0), None)
    for plan in plans_of(lambda: page_of_range(listed, sort, start=0, size=2, revision=revision)):
        for step in plan.split("; "):
            if step.startswith("SCAN papers_paper"):
                assert "USING" in step, plan
        is_of_cards = "papers_venue" in plan  # papers of known row numbers
        assert "TEMP B-TREE" not in plan or sort in ("newest", "oldest") or is_of_cards, plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by the size of tables, which are small")
@pytest.mark.parametrize("text", ["cs.AI", "cs.AI,cs.LG", "cs.AI,cs.LG-cs.CY"])
def test_days_are_counted_from_an_index_alone(library: list[Paper], text: str) -> None:
    categories = read_set(text)
    counting = [plan for plan in plans_of(lambda: count_days(categories, revision=-1)) if "papercategory" in plan]
    assert counting
    assert all("USING COVERING INDEX paper_category_day" in plan for plan in counting)
    assert PaperCategory.objects.exists()


@pytest.mark.servers
def test_the_longest_title_fits_into_the_index_of_postgresql(tmp_path: Path) -> None:
    rng = random.Random(1)
    title = "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(MAX_TITLE))  # 6,000 bytes, hardly compressible
    path = tmp_path / "papers.jsonl"
    path.write_text(json.dumps({"id": "arxiv:2601.00001", "title": title, "abstract": "长标题。"}), encoding="utf-8")
    with postgres_server() as server:
        site = Site(tmp_path / "site", **make_postgres_database(server, "titles"))
        for command in (["migrate"], ["import_papers", str(path)]):
            run = site.run("manage.py", *command)
            assert run.returncode == 0, run.stderr
        assert "1 " in run.stdout
