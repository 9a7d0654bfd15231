"""Papers by a reader's preference, with hand-made vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.ranking import preference
from search.ranking.preference import (
    MIN_STARS_LINEAR,
    Background,
    Preference,
    by_keywords,
    by_stars,
    likeness_to,
    linear_direction,
    lower,
    mean_direction,
    order_by_preference,
)
from tests.search.concepts import ConceptRetriever
from tests.search.meanings import make_engine, make_library, make_retriever

CARS = {"p:00", "p:01", "p:02", "p:03", "p:05", "p:06", "p:08", "p:09", "p:10", "p:11"}


@pytest.fixture
def documents() -> list[Document]:
    return make_library()


@pytest.fixture
def keys(documents: list[Document]) -> list[str]:
    return [document["key"] for document in documents]


@pytest.fixture
def engine(documents: list[Document]) -> MemoryBackend:
    return make_engine(documents)


@pytest.fixture
def dense(documents: list[Document], tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", documents)


def order(keys: list[str], preference: Preference, engine: MemoryBackend, dense: ConceptRetriever) -> list[str]:
    return order_by_preference(keys, preference, engine=engine, dense=dense).keys


def test_keywords_come_first_and_the_others_keep_their_places(
    keys: list[str], engine: MemoryBackend, dense: ConceptRetriever
) -> None:
    ordered = order(keys, Preference({"feline": 1, "cat": 1}), engine, dense)
    assert set(ordered[:2]) == {"p:07", "p:09"}
    assert ordered[2:] == [key for key in keys if key not in ("p:07", "p:09")]


def test_a_heavier_keyword_counts_more(keys: list[str], engine: MemoryBackend) -> None:
    keywords = {"feline": 1.0, "forest": 1.0}
    light, heavy = (dict(by_keywords(keys, keywords | {"feline": weight}, engine)) for weight in (1.0, 3.0))
    assert heavy["p:07"] == pytest.approx(3 * light["p:07"])
    assert heavy["p:04"] == pytest.approx(light["p:04"])


@pytest.mark.parametrize("word", ["the", "", "!", "x", r"\alpha", "zeppelin"])
def test_stop_words_change_nothing(keys: list[str], engine: MemoryBackend, dense: ConceptRetriever, word: str) -> None:
    assert order(keys, Preference({word: 1}), engine, dense) == keys


def test_one_star_ranks_similar_papers_first(keys: list[str], engine: MemoryBackend, dense: ConceptRetriever) -> None:
    ordered = order(keys, Preference(starred=["p:04"]), engine, dense)
    assert ordered[0] == "p:04"
    assert ordered[1] == "p:03"  # oak
    assert sorted(ordered) == sorted(keys)


def test_several_stars_discount_features_that_all_papers_share(
    monkeypatch: pytest.MonkeyPatch, keys: list[str], engine: MemoryBackend, dense: ConceptRetriever
) -> None:
    # Most papers are about cars; the reader prefers those with a second subject: sea, cats.
    monkeypatch.setattr(preference, "MIN_STARS_LINEAR", 2)
    ordered = order(keys, Preference(starred=["p:05", "p:10"]), engine, dense)
    assert set(ordered[:2]) == {"p:05", "p:10"}
    assert set(ordered[-3:]) <= CARS


def test_both_parts_are_fused(keys: list[str], engine: MemoryBackend, dense: ConceptRetriever) -> None:
    ordered = order(keys, Preference({"census": 1}, ["p:04"]), engine, dense)
    assert set(ordered[:3]) >= {"p:11", "p:04"}
    assert sorted(ordered) == sorted(keys)


def test_without_vectors_or_index_a_note_says_what_was_not_used(
    keys: list[str], engine: MemoryBackend, tmp_path: Path
) -> None:
    nothing = ConceptRetriever(path=tmp_path / "nothing")
    ordered = order_by_preference(keys, Preference({"feline": 1}, ["p:04"]), engine=engine, dense=nothing)
    assert ordered.keys[0] == "p:07"
    assert ordered.notes == ("Your stars were not used: the papers have no embeddings.",)
    none = order_by_preference(keys, Preference({"feline": 1}), engine=MemoryBackend(), dense=nothing)
    assert none.keys == keys
    assert none.notes == ("Your keywords were not used: there is no search index.",)


def test_stars_that_the_library_lacks_change_nothing(
    keys: list[str], engine: MemoryBackend, dense: ConceptRetriever
) -> None:
    assert order(keys, Preference(starred=["gone:1", "gone:2"]), engine, dense) == keys
    assert order([], Preference({"feline": 1}, ["p:04"]), engine, dense) == []
    assert Preference().is_empty


def test_papers_without_a_vector_come_last(keys: list[str], engine: MemoryBackend, dense: ConceptRetriever) -> None:
    assert order(["new", *keys], Preference(starred=["p:04"]), engine, dense)[-1] == "new"


def test_the_mean_of_vectors() -> None:
    np.testing.assert_allclose(mean_direction(np.array([[1.0, 0.0], [0.0, 1.0]])), [0.5, 0.5])


def test_the_linear_direction_by_hand() -> None:
    # Mean 0, covariance diag(4, 1), t = 2.5; with ρ = 0.4 the penalty is 1: weights 1/5 and 1/2 of the mean (1, 1).
    background = Background.of_vectors(np.array([[2.0, 1.0], [-2.0, -1.0], [2.0, -1.0], [-2.0, 1.0]]), ridge=0.4)
    np.testing.assert_allclose(linear_direction(np.array([[1.0, 1.0]]), background), [0.2, 0.5], rtol=1e-6)


def test_the_linear_direction_is_that_of_ridge_regression() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 5)) * [3, 1, 1, 0.5, 0.1]
    positives = vectors[:40]
    labels = np.r_[np.ones(40), np.zeros(160)]
    background = Background.of_vectors(vectors, ridge=0.3)
    centred = vectors - vectors.mean(axis=0)
    penalty = 0.3 * np.trace(centred.T @ centred) / 5
    solved = np.linalg.solve(centred.T @ centred + penalty * np.eye(5), centred.T @ (labels - labels.mean()))
    direction = linear_direction(positives, background)
    assert float(direction @ solved / np.linalg.norm(direction) / np.linalg.norm(solved)) == pytest.approx(
        1.0, abs=1e-5
    )


def test_equal_vectors_do_not_break_it() -> None:
    background = Background.of_vectors(np.ones((5, 3)))
    assert np.isfinite(linear_direction(np.ones((2, 3)), background)).all()


def test_a_changed_library_is_read_again(documents: list[Document], dense: ConceptRetriever) -> None:
    def identities() -> list[str]:
        by_stars(["p:00"], [f"p:{number:02}" for number in range(MIN_STARS_LINEAR)], dense)
        return list(preference._cached_background)

    first = identities()
    assert identities() == first
    dense.update(["p:new"], ["A whale in the ocean"], removed=(), revision=2)
    assert identities() != first
    assert len(identities()) == 1
    assert documents


def test_papers_like_hidden_ones_sink_and_the_others_keep_their_order(
    keys: list[str], engine: MemoryBackend, dense: ConceptRetriever
) -> None:
    # p:10 is about the ocean, p:05 about sea water; no other paper is.
    ordered = order(keys, Preference(hidden=["p:10"]), engine, dense)
    assert sorted(ordered) == sorted(keys)
    assert ordered.index("p:05") > keys.index("p:05") + 3
    others = [key for key in keys if key not in ("p:05", "p:10")]
    assert [key for key in ordered if key not in ("p:05", "p:10")] == others


def test_what_is_hidden_weighs_less_than_what_is_starred(
    keys: list[str], engine: MemoryBackend, dense: ConceptRetriever
) -> None:
    liked = order(keys, Preference(starred=["p:04"]), engine, dense)
    assert liked[0] == "p:04"
    both = order(keys, Preference(starred=["p:04"], hidden=["p:07"]), engine, dense)
    assert both[0] == "p:04"


def test_without_vectors_the_words_of_the_hidden_papers_serve(
    keys: list[str], engine: MemoryBackend, tmp_path: Path
) -> None:
    nothing = ConceptRetriever(path=tmp_path / "nothing")

    def lowered(hidden: list[str], words: dict[str, float]) -> list[str]:
        return order_by_preference(
            keys, Preference(hidden=hidden), engine=engine, dense=nothing, words_of=lambda _keys: words
        ).keys

    ordered = lowered(["p:07"], {"feline": 1.0})
    assert ordered.index("p:07") > keys.index("p:07")
    assert [key for key in ordered if key != "p:07"] == [key for key in keys if key != "p:07"]
    assert lowered(["p:07"], {}) == keys
    assert lowered(["gone:1"], {"feline": 1.0}) == keys  # nothing tells how like such papers could be


def test_papers_without_a_vector_sink_by_their_words(
    keys: list[str], engine: MemoryBackend, dense: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preference, "likeness_by_vectors", lambda _hidden, _keys, _dense: {"p:00": 1.0})
    likeness = likeness_to(["p:07"], keys, engine, dense, lambda _keys: {"feline": 1.0})
    assert likeness["p:00"] == 1.0
    assert likeness["p:07"] == 1.0


def test_the_likeness_to_hidden_papers_is_in_deviations_of_the_library() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 4)) * [3, 1, 1, 0.5] + 2
    background = Background.of_vectors(vectors)
    direction = linear_direction(vectors[:3], background)
    assert background.spread(direction) == pytest.approx(float((vectors @ direction).std()), rel=1e-3)


@given(
    n=st.integers(0, 40),
    likeness=st.dictionaries(st.integers(0, 39).map(str), st.floats(0, 1)),
    weight=st.floats(0, 1),
)
def test_a_lowered_order_has_the_same_papers_and_moves_none_further_than_the_weight(
    n: int, likeness: dict[str, float], weight: float
) -> None:
    keys = [str(number) for number in range(n)]
    ordered = lower(keys, likeness, weight=weight)
    assert sorted(ordered) == sorted(keys)
    for place, key in enumerate(ordered):
        assert place - keys.index(key) <= weight * n + 1
    assert [key for key in ordered if not likeness.get(key)] == [key for key in keys if not likeness.get(key)]
