from __future__ import annotations

import numpy as np
import pytest

from rerank.arrays import Float32s, Ints
from rerank.budget.fitting import calibrate
from rerank.budget.prior import fused_ranks, pair_features, ranks
from rerank.budget.retrieval import Retrieved
from rerank.errors import ShapeError
from rerank.evaluation import recall_of_scored
from rerank.lexical import Matches
from rerank.research.methods import DEFAULT, METHODS, Pool, spend

N_ANCHORS, N_QUERIES, N_PAPERS, DIM = 40, 60, 300, 12


def unit(rng: np.random.Generator, n: int) -> Float32s:
    vectors = rng.normal(size=(n, DIM)).astype(np.float32)
    unit_vectors: Float32s = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit_vectors


class World:
    """Queries and papers whose exact scores combine similarity, words, and a structure visible only in scores."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.queries, self.papers = unit(rng, N_QUERIES), unit(rng, N_PAPERS)
        self.words = rng.gamma(1.0, 1.0, (N_QUERIES, N_PAPERS)).astype(np.float32)
        hidden = rng.normal(size=(N_PAPERS, 4))
        tastes = self.queries @ rng.normal(size=(DIM, 4)) + 0.5 * rng.normal(size=(N_QUERIES, 4))
        noise = rng.normal(0, 0.2, (N_QUERIES, N_PAPERS))
        self.scores = 2 * self.queries @ self.papers.T + 0.4 * self.words + 0.7 * tastes @ hidden.T + noise
        self.calibration = calibrate(
            self.scores[:N_ANCHORS], self.features, self.queries[:N_ANCHORS], self.papers, rng=rng
        )

    def matches(self, query: int, rows: Ints) -> Matches:
        words = self.words[query, rows]
        return Matches(words, words * 0, words / words.max(), words * 0)

    def features(self, query: int, rows: Ints) -> Float32s:
        return pair_features(self.papers[rows] @ self.queries[query], self.matches(query, rows))

    def pool(self, query: int) -> Pool:
        rows = np.arange(N_PAPERS)
        return Pool(
            rows=rows,
            query_vector=self.queries[query],
            vectors=self.papers,
            matches=self.matches(query, rows),
            features=self.features(query, rows),
            anchor_scores=self.scores[:N_ANCHORS],
        )


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def spent(world: World, name: str, query: int, *, budget: int = 40) -> Retrieved:
    exact = world.scores[query]
    return spend(name, world.pool(query), exact.__getitem__, budget=budget, top_k=10, calibration=world.calibration)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("budget", [1, 7, 40, 1000])
def test_every_method_spends_its_budget_and_reports_exact_scores(world: World, name: str, budget: int) -> None:
    result = spent(world, name, N_ANCHORS, budget=budget)
    assert result.n_calls == len(set(result.scored.tolist())) == min(budget, N_PAPERS)
    exact = world.scores[N_ANCHORS]
    assert result.scores[: result.n_exact] == pytest.approx(exact[result.rows[: result.n_exact]])
    if budget > N_PAPERS:
        assert result.rows.tolist() == np.argsort(-exact)[:10].tolist()


def test_the_default_finds_more_than_any_other(world: World) -> None:
    recalls = {
        name: np.mean(
            [
                recall_of_scored(world.scores[query], spent(world, name, query).scored, k=10)
                for query in range(N_ANCHORS, N_QUERIES)
            ]
        )
        for name in METHODS
    }
    assert max(recalls, key=recalls.__getitem__) == DEFAULT
    assert recalls[DEFAULT] > recalls["embedding"] + 0.2
    assert recalls["adacur"] > recalls["anncur"]


def first_scored(world: World, name: str) -> list[int]:
    scored: list[int] = spent(world, name, N_ANCHORS, budget=30).scored.tolist()
    return scored


def test_retrieve_and_rerank_follows_its_order(world: World) -> None:
    similarity = world.papers @ world.queries[N_ANCHORS]
    words = world.words[N_ANCHORS]
    assert first_scored(world, "embedding") == np.argsort(-similarity)[:30].tolist()
    assert first_scored(world, "bm25") == np.argsort(-words)[:30].tolist()
    fused = fused_ranks(ranks(similarity), ranks(words))
    assert first_scored(world, "rrf") == np.argsort(-fused, kind="stable")[:30].tolist()


def test_fixed_anchors_are_half_of_the_budget(world: World) -> None:
    exact = world.scores[N_ANCHORS]
    first = spend("anncur", world.pool(N_ANCHORS), exact.__getitem__, budget=30, top_k=5, rng=np.random.default_rng(1))
    again = spend("anncur", world.pool(N_ANCHORS), exact.__getitem__, budget=30, top_k=5, rng=np.random.default_rng(1))
    other = spend("anncur", world.pool(N_ANCHORS), exact.__getitem__, budget=30, top_k=5, rng=np.random.default_rng(2))
    assert first.scored.tolist() == again.scored.tolist()
    assert first.scored[:15].tolist() != other.scored[:15].tolist()


def test_a_method_without_what_it_needs_is_refused(world: World) -> None:
    pool = world.pool(0)
    bare = Pool(pool.rows, pool.query_vector, pool.vectors, pool.matches)
    exact = world.scores[0]
    with pytest.raises(ShapeError, match="requires a calibration"):
        spend("posterior", pool, exact.__getitem__, budget=5, top_k=5)
    with pytest.raises(ShapeError, match="requires a calibration"):
        spend("prior", bare, exact.__getitem__, budget=5, top_k=5, calibration=world.calibration)
    with pytest.raises(ShapeError, match="AXN requires"):
        spend("axn", pool, exact.__getitem__, budget=5, top_k=5)
    with pytest.raises(ShapeError, match="CUR methods"):
        spend("adacur", bare, exact.__getitem__, budget=5, top_k=5)
    with pytest.raises(ShapeError, match="'magic'"):
        spend("magic", pool, exact.__getitem__, budget=5, top_k=5)
