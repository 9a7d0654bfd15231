from __future__ import annotations

from search.engines.clauses import (
    All,
    Bool,
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
from search.engines.opensearch import translation
from search.engines.opensearch.mapping import GAP
from search.engines.opensearch.translation import Translator, escape_pattern, limited_tokens, phrase_text

FREQUENCIES = {("title_closed", "dataset"): 2, ("title", "dataset"): 40}
translator = Translator(lambda stream, token: FREQUENCIES.get((stream, token), 0), 100)
GRAPH = TokenMatch("title", "graph", 1.1)


def test_scored_clauses_are_queries_with_their_weight() -> None:
    assert translator.translate(GRAPH) == {"term": {"title": {"value": "graph", "boost": 1.1}}}
    assert translator.translate(PrefixMatch("title_exact", "gra", 0.5)) == {
        "prefix": {"title_exact": {"value": "gra", "boost": 0.5}}
    }
    fuzzy = translator.translate(FuzzyMatch("title_exact", "graph", 2, 0.5))["fuzzy"]["title_exact"]
    assert (fuzzy["fuzziness"], fuzzy["rewrite"]) == (2, "constant_score")
    assert translator.translate(Constant(GRAPH, 2.0))["constant_score"]["boost"] == 2.0


def test_a_group_scores_by_its_words_and_filters_by_the_rest() -> None:
    group = Bool(must=(GRAPH, NumberIn("year", 2020, 2024)), must_not=(KeyIn(frozenset({"p:1"})),))
    query = translator.translate(group)["bool"]
    assert [next(iter(part)) for part in query["must"]] == ["term"]
    assert query["filter"] == [{"range": {"year": {"gte": 2020, "lte": 2024}}}]
    assert query["must_not"] == [{"terms": {"key": ["p:1"]}}]
    assert "minimum_should_match" not in query
    assert translator.translate(Bool(should=(GRAPH, All())))["bool"]["minimum_should_match"] == 1


def test_what_matches_nothing_says_so() -> None:
    nothing: dict[str, object] = {"match_none": {}}
    assert translator.translate(Bool()) == nothing
    for clause in (Nothing(), KeyIn(frozenset()), Marks(frozenset())):
        assert translator.translate(clause)["constant_score"]["filter"] == nothing


def test_a_gap_in_a_phrase_keeps_its_place() -> None:
    assert phrase_text(((0, "deep"), (1, "network"))) == "deep network"
    assert phrase_text(((0, "state"), (3, "art"))) == f"state {GAP} {GAP} art"
    query = translator.translate(PhraseMatch("title", ((0, "state"), (2, "art")), 0.5))
    assert query == {"match_phrase": {"title": {"query": f"state {GAP} art", "boost": 0.5}}}


def test_the_idf_of_a_closed_form_is_limited_to_that_of_its_main_stream() -> None:
    closed = TokenMatch("title_closed", "dataset", 1.0)
    assert 0 < translator.translate(closed)["term"]["title_closed"]["boost"] < 0.5
    assert set(limited_tokens(Bool(must=(GRAPH, Constant(closed, 1.0))))) == set(FREQUENCIES)


def test_more_keys_than_the_server_takes_at_once_are_several_lists() -> None:
    n_keys = translation.MAX_TERMS + 5
    query = translator.translate(KeyIn(frozenset(map(str, range(n_keys)))))["constant_score"]["filter"]
    lists = [part["terms"]["key"] for part in query["bool"]["should"]]
    assert [len(keys) for keys in lists] == [translation.MAX_TERMS, 5]


def test_signs_of_patterns_are_escaped() -> None:
    assert escape_pattern("c++_1") == r"c\+\+\_1"
    assert escape_pattern("schrö") == r"schr\ö"
    name = translator.translate(NameMatch("o", 'o"x.*'))["constant_score"]["filter"]["regexp"]["author_exact"]
    assert name == {"value": 'o\\"x.*', "flags": "NONE"}
