"""Random trees find the same papers in every engine and in the brute-force evaluation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.engines.base import SearchBackend
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.engines.tantivy import TantivyBackend
from search.engines.whoosh import WhooshBackend
from search.errors import QueryTooLarge
from search.language.parser import parse_leniently
from search.language.query import (
    And,
    Author,
    Constant,
    Everything,
    Exact,
    Flag,
    Fuzzy,
    Keys,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
)
from search.text.analysis import tokenize
from tests.search.engines.contract.brute import found_keys
from tests.search.examples import QUERIES
from tests.search.papers import PAPERS
from tests.search.trees import NOW

EVERY_FIELD = st.sampled_from([None, None, "title", "abstract", "author", "venue", "comment", "journal"])
TEXTS = sorted({paper[name] for paper in PAPERS for name in ("title", "abstract", "venue", "comment", "journal")})
WORDS = sorted(
    {text[t.start : t.end] for text in TEXTS for t in tokenize(text)} | {"zebra", "of", "and", "non-invasive"}
)
NAMES = sorted({name for paper in PAPERS for name in paper["authors"]})

words = st.sampled_from(WORDS)
rows = st.sampled_from([text for text in TEXTS if text]).flatmap(
    lambda text: st.integers(0, len(text)).map(lambda start: text[start : start + 25])
)
letters = st.sampled_from([word for word in WORDS if word.isalpha() and word.isascii() and len(word) > 3])
beginnings = letters.flatmap(lambda word: st.integers(2, len(word)).map(lambda n: word[:n]))
misspelt = letters.flatmap(lambda word: st.integers(0, len(word) - 1).map(lambda n: word[:n] + word[n + 1 :]))
families = st.sampled_from(NAMES).flatmap(lambda name: st.sampled_from(name.split()))
initials = st.sampled_from(["G", "G E", "J", "Geoffrey", "Adrian", "M", "S K", "X"])
days = st.none() | st.dates(date(2002, 1, 1), date(2024, 12, 31))

leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, words, EVERY_FIELD),
    st.builds(Term, families, st.sampled_from([None, "author"])),
    st.builds(Phrase, rows.filter(lambda text: bool(tokenize(text))), EVERY_FIELD),
    st.builds(Prefix, beginnings, EVERY_FIELD),
    st.builds(Fuzzy, misspelt.filter(lambda word: len(word) > 2), EVERY_FIELD, st.sampled_from([1, 2])),
    st.builds(Author, families, initials),
    st.builds(Exact, st.just("category"), st.sampled_from(["cs.LG", "cs", "stat.ML", "hep-ex", "cond-mat"])),
    st.builds(Exact, st.just("category"), st.sampled_from(["cs.", "c", "hep"]), st.just(True)),
    st.builds(Exact, st.just("id"), st.sampled_from(["1706.03762", "arxiv:1503.02531", "file:hamlet", "404"])),
    st.builds(Range, st.sampled_from(["date", "updated", "year"]), days, days),
    st.builds(Flag, st.just("has"), st.sampled_from(["code", "pdf", "summary"])),
    st.builds(Keys, st.frozensets(st.sampled_from([paper["key"] for paper in PAPERS]))),
    st.just(Everything()),
)
trees: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda node: st.one_of(
        st.builds(And, st.lists(node | st.builds(Not, node), min_size=2, max_size=4).map(tuple)),
        st.builds(Or, st.lists(node, min_size=2, max_size=4).map(tuple)),
        st.builds(Constant, node, st.floats(0.1, 5)),
    ),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SearchBackend]:
    folder: Path = tmp_path_factory.mktemp("agreement")
    engines: dict[str, SearchBackend] = {
        "memory": MemoryBackend(),
        "tantivy": TantivyBackend(path=folder / "tantivy"),
        "whoosh": WhooshBackend(path=folder / "whoosh"),
    }
    for engine in engines.values():
        engine.rebuild(PAPERS, revision=1)
    return engines


def agree(engines: dict[str, SearchBackend], root: Node) -> None:
    expected = found_keys(PAPERS, root)
    for name, engine in engines.items():
        result = engine.search(root, Request(top_k=100))
        assert {hit.key for hit in result.hits} == expected, name
        assert result.total == len(expected), name


@settings(max_examples=200)
@given(root=trees)
def test_any_tree_finds_the_same_papers_everywhere(engines: dict[str, SearchBackend], root: Node) -> None:
    agree(engines, root)


@settings(max_examples=100)
@given(text=QUERIES)
@example(text="¼*")  # folds to 1⁄4, whose sign is neither letter nor ASCII
def test_any_query_finds_the_same_papers_everywhere(engines: dict[str, SearchBackend], text: str) -> None:
    root = parse_leniently(text, now=NOW).root
    try:
        engines["memory"].search(root, Request())
    except QueryTooLarge:
        return
    agree(engines, root)
