from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rerank.arrays import Float64s, Int32s
from rerank.encoders.tokens import TokenTable
from rerank.errors import ModelMismatch, ShapeError
from rerank.research.soft_match import COLUMNS, EXACT, MAX_WORDS, SoftIndex, build_soft_index, query_length_share

N_WORDS = 60


def make_index(rng: np.random.Generator, *, n: int = 40, dim: int = 16) -> SoftIndex:
    lengths, titles = rng.integers(0, 15, n), rng.integers(0, 6, n)
    tokens = TokenTable.of([rng.integers(0, N_WORDS, size) for size in lengths])
    return build_soft_index(rng.normal(size=(N_WORDS, 32)), tokens, titles, dim=dim)


def by_hand(index: SoftIndex, query_ids: list[int], row: int) -> list[float]:
    """The columns of one paper, word by word."""
    ids = index.tokens.ids[index.tokens.offsets[row] : index.tokens.offsets[row + 1]]
    title, text = ids[: index.title_lengths[row]], ids[index.title_lengths[row] :]
    distinct_ids = sorted(set(query_ids))
    weights = index.idf[distinct_ids] / index.idf[distinct_ids].sum()

    def best(part: Int32s) -> Float64s:
        return np.array([max([0.0, *(float(index.words[a] @ index.words[b]) for b in part)]) for a in distinct_ids])

    in_title, anywhere = best(title), np.maximum(best(title), best(text))
    return [
        anywhere @ weights,
        anywhere.mean(),
        anywhere.min(),
        anywhere**3 @ weights,
        (anywhere > EXACT) @ weights,
        in_title @ weights,
        in_title.mean(),
    ]


def test_the_columns_are_what_their_names_say() -> None:
    rng = np.random.default_rng(0)
    index = make_index(rng)
    query = [3, 17, 17, 42]
    matches = index.match(query, np.arange(40))
    assert matches.shape == (40, len(COLUMNS))
    assert matches == pytest.approx(np.array([by_hand(index, query, row) for row in range(40)]), abs=1e-5)


def test_chosen_rows_are_the_same_in_any_order() -> None:
    index = make_index(np.random.default_rng(1))
    rows = np.array([39, 0, 7, 7])
    assert np.array_equal(index.match([1, 2], rows), index.match([1, 2], np.arange(40))[rows])


def test_a_paper_with_the_words_matches_exactly() -> None:
    tokens = TokenTable.of([[1, 2, 3], [4, 5, 6], []])
    index = build_soft_index(np.eye(8), tokens, np.array([2, 1, 0]), dim=8)
    matches = index.match([1, 3], np.arange(3))
    assert matches[0, COLUMNS.index("weighted exact")] == pytest.approx(1.0)
    assert matches[0, COLUMNS.index("mean in title")] < matches[0, COLUMNS.index("mean")]
    assert matches[2].tolist() == [0] * 7


def test_rare_words_weigh_more() -> None:
    tokens = TokenTable.of([[1, 2], [1], [1], [1]])
    index = build_soft_index(np.eye(4), tokens, np.zeros(4, dtype=np.int64), dim=4)
    assert index.idf[2] > index.idf[1]


def test_a_long_query_keeps_its_rarest_words() -> None:
    rng = np.random.default_rng(2)
    index = make_index(rng, n=300)
    rarest = np.argsort(-index.idf, kind="stable")[:MAX_WORDS]
    everything = index.match(list(range(N_WORDS)), np.arange(9))
    assert everything == pytest.approx(index.match(rarest.tolist(), np.arange(9)), abs=1e-6)


def test_an_empty_query_or_pool_gives_zeros() -> None:
    index = make_index(np.random.default_rng(3))
    assert index.match([], np.arange(4)).tolist() == [[0] * 7] * 4
    assert index.match([1], np.arange(0)).shape == (0, 7)


def test_it_is_nearly_the_same_after_saving_and_refuses_another_model(tmp_path: Path) -> None:
    index = make_index(np.random.default_rng(4))
    index.save(tmp_path)
    again = SoftIndex.load(tmp_path)
    assert again.match([1, 2], np.arange(40)) == pytest.approx(index.match([1, 2], np.arange(40)), abs=5e-3)
    with pytest.raises(ModelMismatch):
        SoftIndex.load(tmp_path, model_hash="b" * 64)


def test_tokens_of_another_vocabulary_are_refused() -> None:
    with pytest.raises(ShapeError, match="do not fit"):
        build_soft_index(np.eye(3), TokenTable.of([[7]]), np.array([1]))
    with pytest.raises(ShapeError, match="do not fit"):
        build_soft_index(np.eye(9), TokenTable.of([[7]]), np.array([1, 1]))


def test_length_shares_rise_to_one() -> None:
    assert [query_length_share(range(n)) for n in (0, 6, 12, 99)] == [0, 0.5, 1, 1]
