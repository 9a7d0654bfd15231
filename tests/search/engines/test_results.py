"""Results are plain data: they can be cached and compared, and are immutable."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from search.engines.results import (
    EngineResult,
    Explanation,
    FacetCount,
    Hit,
    Request,
    SearchPage,
    Share,
    most_frequent_first,
)

HIT = Hit("p:1", 2.5, Explanation(2.5, (Share("title", "graph", 2.5),), similarity=0.5, rank_before=3, rank_after=1))
RESULT = EngineResult((HIT,), 1, {"year": (FacetCount("2024", 1),)})
PAGE = SearchPage("graph", (HIT,), 1, 0, "relevance", "hybrid", facets=RESULT.facets)


@pytest.mark.parametrize("result", [RESULT, PAGE, Request(facets=("year",))])
def test_results_survive_a_cache_and_cannot_be_changed(result: object) -> None:
    assert pickle.loads(pickle.dumps(result)) == result
    assert dataclasses.is_dataclass(result)
    name = dataclasses.fields(result)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, name, None)


@pytest.mark.parametrize("result", [HIT, FacetCount("2024", 1)])
def test_what_a_page_has_many_of_is_an_unchangeable_tuple(result: Hit | FacetCount) -> None:
    assert pickle.loads(pickle.dumps(result)) == result
    with pytest.raises(AttributeError):
        setattr(result, result._fields[0], None)


def test_values_of_a_facet_stand_by_count_then_by_value() -> None:
    first, *others = most_frequent_first([("b", 1), ("c", 2), ("a", 1)])
    assert (first.value, first.n_documents) == ("c", 2)
    assert others == [FacetCount("a", 1), FacetCount("b", 1)]
    assert {type(count) for count in (first, *others)} == {FacetCount}


def test_stages_that_did_not_run_are_not_explained() -> None:
    silent = Explanation()
    assert (silent.bm25_score, silent.similarity, silent.rank_before, silent.rank_after) == (None,) * 4
    assert silent.shares == ()


def test_results_do_not_share_their_defaults() -> None:
    first, second = EngineResult((), 0), EngineResult((), 0)
    assert first.facets == {}
    assert first.facets is not second.facets
