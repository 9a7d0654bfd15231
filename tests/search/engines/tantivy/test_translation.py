from __future__ import annotations

from pathlib import Path

import pytest

from search.engines.clauses import (
    All,
    Bool,
    Clause,
    Constant,
    FuzzyMatch,
    KeyIn,
    Marks,
    NameMatch,
    Nothing,
    NumberIn,
    PhraseMatch,
    PrefixMatch,
    TokenMatch,
)
from search.engines.compiling import compile_query
from search.engines.tantivy.readers import Reader, key_at
from search.engines.tantivy.translation import Translator, matching_only
from search.language.parser import parse_query
from tests.search.engines.tantivy.opened import open_index
from tests.search.make import make_document

DOCUMENTS = (
    make_document("p:0", title="graph networks", authors=["Geoffrey Hinton"], categories=["cs.LG"], year=2020),
    make_document("p:1", title="networks of graph", categories=["cs.CL"], year=2021),
    make_document("p:2", title="meadow", categories=["math.CO"], year=2022),
)


def scores(reader: Reader, clause: Clause) -> dict[str, float]:
    """Key → score of the documents that match a clause."""
    hits = reader.searcher.search(Translator(reader).translate(clause), 10).hits
    return {key_at(reader.searcher, address): score for score, address in hits}


@pytest.mark.parametrize(
    ("clause", "numbers"),
    [
        (TokenMatch("title", "graph", 1.0), "01"),
        (PhraseMatch("title", ((0, "graph"), (1, "network")), 1.0), "0"),
        (PrefixMatch("title_exact", "net", 1.0), "01"),
        (FuzzyMatch("title_exact", "meadwo", 2, 1.0), "2"),
        (NameMatch("hinton|g", ""), "0"),
        (Marks(frozenset({"c:cs.lg"})), "0"),
        (Marks(frozenset({"c:math.co"}), prefix="c:cs."), "012"),
        (KeyIn(frozenset({"p:1", "p:9"})), "1"),
        (NumberIn("year", 2021, 2022), "12"),
        (All(), "012"),
        (Nothing(), ""),
        (Bool(), ""),
        (Bool(must=(All(),), must_not=(TokenMatch("title", "meadow", 1.0),)), "01"),
        (Bool(should=(TokenMatch("title", "meadow", 1.0), TokenMatch("title", "absent", 1.0))), "2"),
    ],
)
def test_each_clause_matches_its_documents(tmp_path: Path, clause: Clause, numbers: str) -> None:
    assert set(scores(open_index(tmp_path, DOCUMENTS), clause)) == {f"p:{number}" for number in numbers}


def test_weights_multiply_scores_and_filters_score_nothing(tmp_path: Path) -> None:
    reader = open_index(tmp_path, DOCUMENTS)
    unweighted = scores(reader, TokenMatch("title", "meadow", 1.0))["p:2"]
    assert scores(reader, TokenMatch("title", "meadow", 3.0))["p:2"] == pytest.approx(3 * unweighted)
    assert scores(reader, KeyIn(frozenset({"p:2"}))) == {"p:2": 0.0}
    assert scores(reader, Constant(TokenMatch("title", "meadow", 1.0), 7.0)) == {"p:2": 7.0}


def test_the_idf_of_a_closed_form_is_that_of_the_word_in_the_main_stream(tmp_path: Path) -> None:
    """``multi-task`` is in one title only; with an idf of its own, its closed form would score as a rare word."""
    titles = ["multi-task learning", *["multitask learning"] * 6, *["meadow"] * 9]
    reader = open_index(tmp_path, [make_document(f"p:{number}", title=title) for number, title in enumerate(titles)])
    stem = "multitask"
    assert reader.frequency("title_closed", stem) == 1
    assert reader.frequency("title", stem) == 6
    (closed,) = scores(reader, TokenMatch("title_closed", stem, 1.0)).values()
    rare = scores(reader, TokenMatch("title", "multi", 1.0))["p:0"]  # in one title, too
    assert 0 < closed < rare


@pytest.mark.parametrize(
    "query",
    [
        "graph",
        "Networks of graphs",
        "graph OR meadows",
        "graph -meadow",
        '"graph networks"',
        "net* OR meadow",
        "author:hinton",
    ],
)
def test_what_only_matches_finds_the_same_documents(tmp_path: Path, query: str) -> None:
    reader = open_index(tmp_path, DOCUMENTS)
    clause = compile_query(parse_query(query))
    assert scores(reader, matching_only(clause)).keys() == scores(reader, clause).keys() != set()


def test_a_word_as_typed_is_left_out_beside_its_stem_only() -> None:
    stem, typed = TokenMatch("title", "network", 1.1), TokenMatch("title_exact", "networks", 0.25)
    assert matching_only(Bool(should=(stem, typed))) == Bool(should=(TokenMatch("title", "network", 1.0),))
    assert matching_only(Bool(should=(typed,))) == Bool(should=(TokenMatch("title_exact", "networks", 1.0),))
    assert matching_only(Bool(must=(stem,), should=(typed,))) == Bool(must=(TokenMatch("title", "network", 1.0),))


def test_a_constant_reads_all_words_of_an_index_of_an_older_version(tmp_path: Path) -> None:
    """There a document may have a word as typed without the stem of today."""
    reader = open_index(tmp_path, DOCUMENTS)
    # "zebra" stands for a stem that the older version did not make.
    clause = Bool(should=(TokenMatch("title", "zebra", 1.1), TokenMatch("title_exact", "zebra", 0.25)))
    assert Translator(reader, is_outdated=True).matching(clause) == clause
    assert Translator(reader).matching(clause) == Bool(should=(TokenMatch("title", "zebra", 1.0),))
    networks = Constant(
        Bool(should=(TokenMatch("title", "network", 1.1), TokenMatch("title_exact", "networks", 1.0))), 0.5
    )
    assert scores(reader, networks) == {"p:0": 0.5, "p:1": 0.5}
