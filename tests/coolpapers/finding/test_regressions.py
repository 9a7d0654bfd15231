"""Other people's bugs that a search must not have, by their number in the product's list; in every engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from coolpapers.finding.highlighting import RENDERER
from search.display.highlight import Highlighter
from search.engines.base import SearchBackend
from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.engines.tantivy import TantivyBackend
from search.engines.whoosh import WhooshBackend
from search.language.parser import parse_leniently, parse_query
from tests.search.make import make_document, titled
from tests.search.trees import NOW

Find = Callable[..., list[str]]


@pytest.fixture(params=["memory", "tantivy", "whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> SearchBackend:
    if request.param == "tantivy":
        return TantivyBackend(path=tmp_path)
    return WhooshBackend(path=tmp_path) if request.param == "whoosh" else MemoryBackend()


@pytest.fixture
def find(engine: SearchBackend) -> Find:
    """Index documents; then give the keys that a query finds, best first."""

    def find(documents: list[Document], text: str) -> list[str]:
        engine.rebuild(documents, revision=1)
        root = parse_leniently(text, now=NOW).root
        return [hit.key for hit in engine.search(root, Request(top_k=100)).hits]

    return find


def test_01_a_hyphenated_word_finds_what_its_parts_find_and_ranks_the_adjacent_form_first(find: Find) -> None:
    papers = titled("Invasive plants are non native here", "A non-invasive probe", "A non invasive probe", "Invasive")
    assert set(find(papers, "non-invasive")) == set(find(papers, "non invasive")) == {"p:0", "p:1", "p:2"}
    assert find(papers, "non-invasive")[-1] == "p:0"


@pytest.mark.parametrize("text", ["-", '"', "(", ")", "a", "C++ & <b>{}[]()^~*?", "\x00\ud800", "* ~ : AND", "'" * 99])
def test_02_odd_queries_are_answered(find: Find, text: str) -> None:
    find(titled("A paper", "C++ & co"), text)


def test_02_c_plus_plus_is_a_word(find: Find) -> None:
    assert find(titled("Templates in C++", "C and more"), "C++") == ["p:0"]


def test_03_accents_are_not_needed_and_preferred(find: Find) -> None:
    papers = [make_document("p:0", title="Xenon", authors=["María Díaz"]), make_document("p:1", title="Xenon")]
    assert find(papers, "Diaz xenon") == find(papers, "Díaz xenon") == ["p:0"]
    equations = titled("The Schrodinger equation", "The Schrödinger equation")
    assert find(equations, "Schrödinger") == find(equations, 'Schr\\"odinger') == ["p:1", "p:0"]
    assert set(find(equations, "schrodinger")) == {"p:0", "p:1"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("au:del_maestro", "p:0"),
        ('au:"Del Maestro, A"', "p:0"),
        ("del Maestro", "p:0"),
        ('au:"van der Waals"', "p:1"),
        ("J. van der Waals", "p:1"),
        ("au:III", "p:1"),
    ],
)
def test_04_names_of_several_parts(find: Find, text: str, key: str) -> None:
    papers = [
        make_document("p:0", authors=["Adrian Del Maestro", "Jane Waals"]),
        make_document("p:1", authors=["J. D. van der Waals III"]),
    ]
    assert find(papers, text) == [key]


@pytest.mark.parametrize("text", ["3872", "X(3872)", "ti:X(3872)", '"X(3872)"'])
def test_05_a_number_in_a_formula_is_found(find: Find, text: str) -> None:
    assert find(titled("Decays of $X(3872)$", "Decays of $X(3873)$"), text) == ["p:0"]


def test_06_a_title_is_found_from_the_default_box_with_its_punctuation(find: Find) -> None:
    title = "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding (and Beyond)?"
    assert find([*titled("Deep language"), make_document("acl:N19-1423", title=title)], title) == ["acl:N19-1423"]


def test_09_every_two_characters_of_a_chinese_title_find_it(find: Find) -> None:
    title = "基于深度学习的中文分词研究"
    papers = titled(title, "Word segmentation")
    assert all(find(papers, title[n : n + 2]) == ["p:0"] for n in range(len(title) - 1))
    assert find(papers, "（深度学习）") == ["p:0"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("2024", ["p:1", "p:2"]),
        ("2024-05", ["p:1"]),
        ("year:2024", ["p:1", "p:2"]),
        ("year:2024..2023", ["p:0", "p:1", "p:2"]),
        ("date:2024-06-30..2024-05-01", ["p:1", "p:2"]),
        ("submittedDate:[202406010000 TO 202401010000]", ["p:1", "p:2"]),
    ],
)
def test_10_years_months_and_reversed_ranges(find: Find, text: str, keys: list[str]) -> None:
    days = [date(2023, 12, 31), date(2024, 5, 31), date(2024, 6, 1), date(2025, 1, 1)]
    assert sorted(find([make_document(f"p:{n}", day=day) for n, day in enumerate(days)], text)) == keys


@pytest.mark.parametrize("text", ["transf*", "transfomer~", "TRANSFORMER*"])
def test_12_what_a_wildcard_found_is_highlighted(text: str) -> None:
    assert Highlighter(parse_query(text), RENDERER).title("A Transformer") == "A <mark>Transformer</mark>"


@pytest.mark.parametrize("formula", ["$x$ and $$x$$", r"\(x\) and \[x\]"])
def test_13_a_highlight_stays_outside_of_formulas(formula: str) -> None:
    html = Highlighter(parse_query("x OR and"), RENDERER).abstract(f"x {formula} x")
    assert html.count("<mark>") == 3
    assert "<mark>" not in "".join(part.partition("</span>")[0] for part in html.split("<span")[1:])


def test_14_a_cross_listed_paper_is_in_each_of_its_categories(find: Find) -> None:
    papers = [make_document("p:0", categories=["cs.CL", "stat.ML"]), make_document("p:1", categories=["cs.LG"])]
    assert [find(papers, f"cat:{code}") for code in ("cs.CL", "stat.ML", "stat", "cs.LG")] == [
        ["p:0"],
        ["p:0"],
        ["p:0"],
        ["p:1"],
    ]


def test_07_sorting_by_date_is_over_all_hits_not_over_a_page(engine: SearchBackend) -> None:
    papers = [make_document(f"p:{n:02}", title="Graphs " * (40 - n), day=date(2024, 1, 1 + n % 28)) for n in range(40)]
    engine.rebuild(papers, revision=1)
    root = parse_query("graphs", now=NOW).root
    best = engine.search(root, Request(top_k=5)).hits
    newest = engine.search(root, Request(top_k=5, sort="newest")).hits
    assert newest[0].key == "p:27"
    assert {hit.key for hit in newest} != {hit.key for hit in best}


def test_08_every_page_keeps_the_sort_and_the_filters(engine: SearchBackend) -> None:
    papers = [
        make_document(
            f"p:{n:02}", title="Graphs", categories=["cs.LG" if n % 3 else "math.CO"], day=date(2024, 1, 1 + n)
        )
        for n in range(30)
    ]
    engine.rebuild(papers, revision=1)
    root = parse_query("graphs cat:cs.LG", now=NOW).root
    pages = [engine.search(root, Request(start=start, top_k=7, sort="oldest")) for start in range(0, 21, 7)]
    assert [hit.key for page in pages for hit in page.hits] == [f"p:{n:02}" for n in range(30) if n % 3]
    assert {page.total for page in pages} == {20}


def test_11_the_total_of_a_very_common_word_is_exact(engine: SearchBackend) -> None:
    engine.rebuild(titled(*(f"The model number{n}" for n in range(1_500)), "Something else"), revision=1)
    result = engine.search(parse_query("model", now=NOW).root, Request(top_k=3))
    assert (result.total, len(result.hits)) == (1_500, 3)
    assert engine.search(parse_query("the", now=NOW).root, Request(top_k=3)).total == 1_500
