from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import pytest

from search.engines.memory import MemoryBackend
from search.language.parser import parse_query
from search.ranking import name_matches
from search.ranking.name_matches import NamesFirst, find_holders, names_of, put_first
from search.ranking.pools import Pool, PoolSearch
from tests.search.make import make_document
from tests.search.meanings import BackwardsReranker, make_engine, make_library, make_retriever, make_stages

# Two papers with a name that no encoder knows, beside others on their subject.
NAMED = [
    make_document("n:1", title="A car called XR-3872", abstract="A vehicle."),
    make_document("n:2", title="A tree beside a car", abstract="Its leaves were named after xr-3872."),
]


@pytest.fixture
def engine() -> MemoryBackend:
    return make_engine([*make_library(), *NAMED])


def pool_of(engine: MemoryBackend, tmp_path: Path, text: str, mode: str = "hybrid") -> Pool:
    documents = [*make_library(), *NAMED]
    stages = make_stages(documents, make_retriever(tmp_path, documents), BackwardsReranker())
    return PoolSearch(engine, parse_query(text).root, text, stages).make_pool(mode)


def test_the_examples_hold() -> None:
    assert doctest.testmod(name_matches).failed == 0


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("α-RuCl3", ("α-RuCl3",)),
        ("the SN 1987A supernova", ("1987A",)),
        ("RoBERTa-wwm for hate speech", ("RoBERTa-wwm",)),
        ("Diaz", ("Diaz",)),
        ("Attention Is All You Need", ()),
        ("Deep learning for vision", ()),
        ("what are the limits of 3 models?", ()),
        ("K-EXAONE report", ("K-EXAONE",)),
        ("which methods of compression were tried on BERT4Rec and when?", ()),
        ("", ()),
        ("?", ()),
    ],
)
def test_names_are_told_from_words(words: str, names: tuple[str, ...]) -> None:
    assert names_of(words) == names


@pytest.mark.parametrize("mode", ["hybrid", "rerank"])
def test_papers_with_the_name_stand_first(engine: MemoryBackend, tmp_path: Path, settings: Any, mode: str) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    pool = pool_of(engine, tmp_path, "XR-3872 automobile", mode)
    assert {key for key, _score in pool.ordered[:2]} == {"n:1", "n:2"}
    assert len(pool.ordered) > 2
    assert pool.names == NamesFirst(("XR-3872",), 2)
    scores = [score for _key, score in pool.ordered]
    assert scores == sorted(scores, reverse=True)
    if mode == "hybrid":
        sums = {key: sum(part.get(key, 0.0) for part in pool.parts.values()) for key, _ in pool.ordered}
        assert sums == pytest.approx(dict(pool.ordered))


def test_meaning_alone_stays_in_the_order_of_meaning(engine: MemoryBackend, tmp_path: Path, settings: Any) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    assert pool_of(engine, tmp_path, "XR-3872 automobile", "dense").names is None


def test_a_name_of_many_papers_or_none_changes_nothing(engine: MemoryBackend) -> None:
    assert find_holders(engine, "XR9999") == ((), frozenset())
    assert find_holders(engine, "XR-9999") == (("XR-9999",), frozenset())
    assert find_holders(engine, "what is known of the car?") == ((), frozenset())
    many = [make_document(f"m:{number}", title=f"GPT-4 and {number}") for number in range(40)]
    assert find_holders(make_engine(many), "GPT-4 prompts") == ((), frozenset())


def test_two_names_must_both_be_there(engine: MemoryBackend) -> None:
    more = make_document("n:3", title="ZK-17 beside XR-3872")
    both = make_engine([*make_library(), *NAMED, more])
    assert find_holders(both, "XR-3872 and ZK-17") == (("XR-3872", "ZK-17"), frozenset({"n:3"}))
    assert find_holders(engine, "XR-3872 and ZK-17") == (("XR-3872",), frozenset({"n:1", "n:2"}))


def test_the_order_within_both_groups_stays() -> None:
    ordered = [("a", 0.9), ("b", 0.6), ("c", 0.5), ("d", 0.1)]
    first, parts = put_first(ordered, {"bm25": dict(ordered)}, frozenset({"b", "d"}))
    assert [key for key, _score in first] == ["b", "d", "a", "c"]
    assert parts["coverage"] == pytest.approx({"b": 0.8, "d": 0.8})
    assert put_first(ordered, {}, frozenset()) == (ordered, {})
    already = frozenset({"a", "b"})
    assert put_first(ordered, {}, already) == (ordered, {})


@pytest.mark.parametrize(
    ("typed", "title", "is_holder"),
    [
        ("C4.5", "Pruning trees of C4.5", True),
        ("C4.5", "Filtering C4, in 5 steps", False),
        ("C4.5", "Five of the 5 parts of C4", False),
        ("X(3872)", "The width of the $X(3872)$", True),
        ("X(3872)", "The X of sample 3872", False),
        ("XR-3872", "A car called XR3872", True),
        ("XR3872", "A car called XR-3872", True),
        ("XR-3872", "Of 3872 cars, one is an XR", False),
    ],
)
def test_the_words_of_a_name_stand_side_by_side(typed: str, title: str, *, is_holder: bool) -> None:
    engine = make_engine([*make_library(), make_document("n:9", title=title, abstract="A text.")])
    assert find_holders(engine, f"tree {typed}") == ((typed,), {"n:9"} if is_holder else frozenset())


def test_papers_with_only_the_parts_of_a_name_stand_below_the_line(
    engine: MemoryBackend, tmp_path: Path, settings: Any
) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    pool = pool_of(engine, tmp_path, "car(3872)")
    assert pool.ordered
    assert pool.names == NamesFirst(("car(3872)",), 0)


def test_papers_with_the_name_that_words_rank_low_are_added_to_the_pool(tmp_path: Path, settings: Any) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.SEARCH_DEPTH = 12
    parts = [make_document(f"m:{number}", title=f"{number} 2 r 2 1 r 1 d d") for number in range(40)]
    named = make_document("n:9", title="Networks", abstract=f"They use R(2+1)-D. {'An oak in the forest. ' * 20}")
    documents = [*make_library(), *parts, named]
    engine = make_engine(documents)
    stages = make_stages(documents, make_retriever(tmp_path, documents), BackwardsReranker())
    search = PoolSearch(engine, parse_query("R(2+1)D").root, "R(2+1)D", stages)
    assert "n:9" not in search.gather().keys
    pool = search.make_pool("hybrid")
    assert pool.ordered[0][0] == "n:9"
    assert pool.names == NamesFirst(("R(2+1)D",), 1)
    assert len({key for key, _score in pool.ordered}) == len(pool.ordered)
