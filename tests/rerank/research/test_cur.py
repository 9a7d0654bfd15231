from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from rerank.arrays import AnyArray, Float64s, Floats, Ints
from rerank.errors import ModelMismatch, ShapeError
from rerank.research.cur import CUR, approximate, factorize, held_out_errors, residuals, tune_rcond


def low_rank(rng: np.random.Generator, n_rows: int, n_items: int, rank: int) -> Float64s:
    return rng.normal(size=(n_rows, rank)) @ rng.normal(size=(rank, n_items))


@pytest.mark.parametrize(("n_rows", "n_anchors"), [(12, 6), (12, 12), (9, 30)])
def test_it_is_exact_on_a_matrix_of_low_rank(n_rows: int, n_anchors: int) -> None:
    rng = np.random.default_rng(0)
    matrix = low_rank(rng, n_rows + 5, 80, rank=5)
    cur = factorize(matrix[:n_rows], rng.choice(80, n_anchors, replace=False))
    new = matrix[n_rows:]
    assert np.abs(cur.approximate(new[:, cur.anchors]) - new).max() < 1e-8
    assert np.abs(residuals(new, cur)).max() < 1e-8


def test_a_single_query_gives_a_single_row() -> None:
    rng = np.random.default_rng(1)
    cur = factorize(low_rank(rng, 8, 20, 3), np.arange(5))
    row = rng.normal(size=5)
    assert np.allclose(approximate(row, cur.factors), approximate(row[None], cur.factors)[0])


def noisy(rng: np.random.Generator, n_rows: int = 40, n_items: int = 300) -> Float64s:
    return low_rank(rng, n_rows, n_items, 4) + rng.normal(0, 0.3, size=(n_rows, n_items))


def square_case() -> tuple[Float64s, Float64s, Ints]:
    rng = np.random.default_rng(2)
    matrix = noisy(rng, n_rows=60)
    return matrix[:40], matrix[40:], rng.choice(300, 40, replace=False)


def relative_error(new: Float64s, cur: CUR) -> float:
    return float(np.linalg.norm(residuals(new, cur)) / np.linalg.norm(new))


def test_a_tuned_square_w_is_stable() -> None:
    rows, new, anchors = square_case()
    inverted = (new[:, anchors] @ np.linalg.inv(rows[:, anchors])) @ rows
    assert np.linalg.norm(new - inverted) / np.linalg.norm(new) > 1  # worse than predicting zero
    assert relative_error(new, factorize(rows, anchors)) < 0.5


def test_an_rcond_that_ruins_a_square_w_is_refused_with_one_that_works() -> None:
    rows, new, anchors = square_case()
    with pytest.raises(ShapeError, match=r"nearly square \(40 × 40\), and rcond=1e-10 .*; (\S+) leaves") as caught:
        factorize(rows, anchors, rcond=1e-10)
    match = re.search(r"; (\S+) leaves", str(caught.value))
    assert match is not None
    proposed = float(match[1])
    cur = factorize(rows, anchors, rcond=proposed)
    assert cur.rcond == proposed
    assert relative_error(new, cur) < 0.5


@pytest.mark.parametrize("n_anchors", [10, 40])
def test_a_given_rcond_is_obeyed_or_refused_but_never_replaced(n_anchors: int) -> None:
    rows, _new, anchors = square_case()
    for rcond in (1e-10, 1e-4, 1e-2, 0.05, 0.1, 0.3):
        try:
            cur = factorize(rows, anchors[:n_anchors], rcond=rcond)
        except ShapeError:
            assert n_anchors == 40
        else:
            assert cur.rcond == rcond


def test_the_tuned_cut_is_the_best_of_the_grid() -> None:
    rng = np.random.default_rng(3)
    rows, anchors = noisy(rng), rng.choice(300, 35, replace=False)
    grid = (1e-10, 1e-2, 0.1, 0.3)
    errors = held_out_errors(rows, anchors, rconds=grid)
    assert errors[grid.index(tune_rcond(rows, anchors, rconds=grid))] <= errors.min() * 1.001


def changed(kind: str, cur: CUR, rng: np.random.Generator) -> tuple[CUR, Floats, AnyArray]:
    if kind == "items added":
        columns = rng.normal(size=(len(cur.rows), 7))
        return cur.with_items(columns), np.concatenate([cur.rows, columns], axis=1), cur.anchors
    if kind == "items removed":
        removed = np.setdiff1d(np.arange(20), cur.anchors)
        remaining = np.setdiff1d(np.arange(cur.rows.shape[1]), removed)
        return cur.without_items(removed), cur.rows[:, remaining], np.searchsorted(remaining, cur.anchors)
    if kind == "an anchor removed":
        removed = cur.anchors[:1]
        remaining = np.setdiff1d(np.arange(cur.rows.shape[1]), removed)
        return cur.without_items(removed), cur.rows[:, remaining], np.searchsorted(remaining, cur.anchors[1:])
    if kind == "queries added":
        rows = rng.normal(size=(3, cur.rows.shape[1]))
        return cur.with_queries(rows), np.concatenate([cur.rows, rows]), cur.anchors
    return cur.without_queries(np.array([0, 5])), np.delete(cur.rows, [0, 5], axis=0), cur.anchors


@pytest.mark.parametrize(
    "kind", ["items added", "items removed", "an anchor removed", "queries added", "queries removed"]
)
def test_a_change_equals_a_rebuild(kind: str) -> None:
    rng = np.random.default_rng(4)
    cur = factorize(noisy(rng), rng.choice(300, 12, replace=False), rcond=1e-2)
    after, rows, anchors = changed(kind, cur, rng)
    rebuilt = factorize(rows, anchors, rcond=cur.rcond)
    assert after.anchors.tolist() == rebuilt.anchors.tolist()
    assert np.abs(after.factors - rebuilt.factors).max() < 1e-6
    assert np.array_equal(after.rows, rows)


def test_it_is_the_same_after_saving_and_refuses_another_model(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    cur = factorize(noisy(rng), np.arange(10))
    cur.save(tmp_path, model="a", model_hash="1" * 64)
    again = CUR.load(tmp_path, model_hash="1" * 64)
    assert np.array_equal(again.factors, cur.factors)
    assert again.rcond == cur.rcond
    with pytest.raises(ModelMismatch, match=r"'a' \(111111111111\), and model 'b' \(222222222222\)"):
        CUR.load(tmp_path, model_hash="2" * 64, model="b")


@pytest.mark.parametrize("anchors", [[], [1, 1], [99], [-1]])
def test_unusable_anchors_are_refused(anchors: list[int]) -> None:
    with pytest.raises(ShapeError):
        factorize(np.ones((3, 5)), np.array(anchors, dtype=np.int64))


def test_arrays_that_do_not_fit_are_refused() -> None:
    cur = factorize(np.random.default_rng(7).normal(size=(6, 9)), np.arange(3))
    for call in (
        lambda: cur.approximate(np.ones(4)),
        lambda: cur.with_items(np.ones((5, 2))),
        lambda: cur.with_queries(np.ones((1, 8))),
        lambda: residuals(np.ones((2, 8)), cur),
    ):
        with pytest.raises(ShapeError):
            call()
