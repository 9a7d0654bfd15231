"""Ranking losses on scores: CoSENT and smooth top-k; and cross-entropy for comparison.

CoSENT (Huang et al., "CoSENT: Consistent Sentence Embedding via Similarity Ranking", TASLP 2024; first described by
Su Jianlin, 2022) depends only on the order of labels:

    ``L = log(1 + Σ exp(λ (s_kl − s_ij)))``  over all pairs of pairs with ``label(i, j) > label(k, l)``.

``s`` is the cosine for a bi-encoder (λ = 20) and the raw logit for a cross-encoder (λ = 1). If all labels of a batch
are equal, the sum is empty, the loss 0 and there is no gradient; :func:`mixes_labels` detects this.

The numpy functions are the reference. Those that end in ``_tensor`` compute the same on torch tensors, with gradients.
The sum over O(n²) comparisons is computed in O(n log n): after sorting by label, one cumulative log-sum-exp contains
the comparisons of each score with all higher labels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rerank.arrays import Floats
from rerank.errors import ShapeError

if TYPE_CHECKING:
    from torch import Tensor


BI_ENCODER_SCALE = 20.0  # λ for cosines (Su 2022; the default of sentence-transformers' CoSENTLoss)
CROSS_ENCODER_SCALE = 1.0  # λ for logits, whose range is not bounded


def cosent_loss(scores: npt.ArrayLike, labels: npt.ArrayLike, *, scale: float = BI_ENCODER_SCALE) -> float:
    """CoSENT loss of scored pairs.

    Parameters
    ----------
    scores : floats, shape (n_pairs,)
        Cosines or logits. Converted to float64, because ``exp`` would overflow in half precision.
    labels : numbers, shape (n_pairs,)
        Only their order matters.

    Returns
    -------
    float, at least 0; 0 if all labels are equal.

    Raises
    ------
    ShapeError
        If the lengths differ or an array has more than one axis.

    Examples
    --------
    >>> round(cosent_loss([0.9, 0.1], [1, 0], scale=1.0), 6)
    0.371101
    >>> cosent_loss([0.9, 0.1], [1, 0]) == cosent_loss([0.9, 0.1], [7, -3])
    True
    >>> cosent_loss([0.9, 0.1], [1, 1])
    0.0
    """
    values, ranks = _checked(scores, labels)
    order = np.argsort(ranks, kind="stable")
    values, ranks = values[order] * scale, ranks[order]
    first_higher = np.searchsorted(ranks, ranks, side="right")  # (n_pairs,)
    tail = np.logaddexp.accumulate(-values[::-1])[::-1]  # (n_pairs,) log Σ exp(-s) from this pair to the last
    tail = np.append(tail, -np.inf)
    return float(np.logaddexp.reduce(np.append(values + tail[first_higher], 0.0)))


def cosent_loss_tensor(scores: Tensor, labels: Tensor, *, scale: float = BI_ENCODER_SCALE) -> Tensor:
    """:func:`cosent_loss` on torch tensors, differentiable in ``scores``; half precision is converted to float32."""
    import torch

    if scores.ndim != 1 or scores.shape != labels.shape:
        raise ShapeError(f"CoSENT needs one score per label, got {tuple(scores.shape)} and {tuple(labels.shape)}.")
    ranks, order = labels.float().sort(stable=True)
    values = scores.float()[order] * scale if scores.dtype.itemsize < 4 else scores[order] * scale
    first_higher = torch.searchsorted(ranks, ranks, right=True)  # (n_pairs,)
    tail = torch.logcumsumexp(-values.flip(0), dim=0).flip(0)  # (n_pairs,)
    # A finite floor instead of -inf: for an empty sum, exp(-inf - x) would have the gradient NaN.
    tail = torch.cat((tail, tail.new_full((1,), -1e30)))
    return torch.logsumexp(torch.cat((values + tail[first_higher], values.new_zeros(1))), dim=0)


def cosent_rows_loss_tensor(scores: Tensor, labels: Tensor, used: Tensor, *, scale: float = BI_ENCODER_SCALE) -> Tensor:
    """Mean over rows of the CoSENT loss of each row.

    Parameters
    ----------
    scores, labels : shape (n_rows, n_columns)
        Cosines or logits, and labels, of one query per row.
    used : bool, same shape
        The columns that count in a row. Rows whose labels are all equal do not count.

    Returns
    -------
    scalar tensor; 0 if no row counts.
    """
    import torch

    if scores.ndim != 2 or scores.shape != labels.shape or scores.shape != used.shape:
        raise ShapeError(
            f"Scores, labels and mask must have equal shapes, got {tuple(scores.shape)}, {tuple(labels.shape)} and"
            f" {tuple(used.shape)}."
        )
    ranks, order = labels.float().masked_fill(~used, -math.inf).sort(dim=1, stable=True)  # unused columns first
    values = (scores.float() * scale).gather(1, order)
    used_sorted = used.gather(1, order)
    # A finite floor instead of -inf: for an empty sum, exp(-inf - x) would have the gradient NaN.
    lower, upper = values.masked_fill(~used_sorted, -1e30), (-values).masked_fill(~used_sorted, -1e30)
    first_higher = torch.searchsorted(ranks.contiguous(), ranks.contiguous(), right=True)  # (n_rows, n_columns)
    tail = torch.logcumsumexp(upper.flip(1), dim=1).flip(1)  # (n_rows, n_columns) log Σ exp(-s) to the last column
    tail = torch.cat((tail, tail.new_full((len(tail), 1), -1e30)), dim=1)
    terms = lower + tail.gather(1, first_higher)
    losses = torch.logsumexp(torch.cat((terms, terms.new_zeros(len(terms), 1)), dim=1), dim=1)  # (n_rows,)
    counts = ranks.amax(dim=1) > labels.float().masked_fill(~used, math.inf).amin(dim=1)
    return (losses * counts).sum() / counts.sum().clamp_min(1)


def cosine_scores(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Cosine of each row of `a` with the same row of `b`; 0 if a row is all zero.

    >>> cosine_scores([[3.0, 4.0]], [[4.0, 3.0]]).tolist()
    [0.96]
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.ndim != 2 or left.shape != right.shape:
        raise ShapeError(f"Expected two arrays of one shape (n_pairs, dim), got {left.shape} and {right.shape}.")
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)  # (n_pairs,)
    products = np.einsum("nd,nd->n", left, right)  # (n_pairs,)
    return np.asarray(np.divide(products, norms, out=np.zeros_like(products), where=norms > 0))


def mixes_labels(labels: npt.ArrayLike) -> bool:
    """Whether a batch has at least two different labels, without which CoSENT has no gradient.

    >>> mixes_labels([1, 1, 0]), mixes_labels([2, 2])
    (True, False)
    """
    values = np.asarray(labels)
    return bool(values.size and values.min() != values.max())


def cross_entropy_loss(scores: npt.ArrayLike, targets: npt.ArrayLike) -> float:
    """Binary cross-entropy of raw logits, mean over pairs.

    Raises
    ------
    ShapeError
        If the lengths differ, or a target is outside 0 to 1.

    >>> round(cross_entropy_loss([0.0, 0.0], [1.0, 0.0]), 6)
    0.693147
    """
    logits, goals = _checked(scores, targets)
    if goals.size and (goals.min() < 0 or goals.max() > 1):
        raise ShapeError("Targets of cross-entropy must be between 0 and 1; divide graded labels by their maximum.")
    return float(np.mean(np.logaddexp(0.0, logits) - goals * logits)) if logits.size else 0.0


def cross_entropy_loss_tensor(scores: Tensor, targets: Tensor) -> Tensor:
    """:func:`cross_entropy_loss` on torch tensors."""
    from torch.nn import functional

    loss: Tensor = functional.binary_cross_entropy_with_logits(scores.float(), targets.float())
    return loss


def smooth_top_k(scores: npt.ArrayLike, *, k: int) -> Floats:
    """Smooth membership of the top `k`: values between 0 and 1 that sum to `k`.

    The membership of `x` is ``f(x − t)`` with ``f(x) = e^x / 2`` for negative `x` and ``1 − e^{−x} / 2`` otherwise; the
    threshold `t` makes the sum `k`. If the `j` largest scores are above `t`, the sum is
    ``j + (e^{−t} B − e^{t} A) / 2`` with ``A = Σ e^{−x}`` over these and ``B = Σ e^{x}`` over the rest: a quadratic
    equation in ``e^t``, solved exactly for the one `j` that fits (Su Jianlin, "a smooth approximation of top-k",
    kexue.fm 2024).

    Raises
    ------
    ShapeError
        Unless ``1 ≤ k < n``.

    >>> smooth_top_k([4.0, 0.0, -4.0], k=1).round(3).tolist()
    [0.932, 0.067, 0.001]
    >>> round(float(smooth_top_k([3.0, 2.0, 1.0, 0.0], k=2).sum()), 9)
    2.0
    """
    values = np.asarray(scores, dtype=np.float64)
    threshold = _top_k_threshold(values, k=k)
    distance = np.abs(values - threshold)
    half = np.exp(-distance) / 2  # (n,)
    return np.where(values < threshold, half, 1 - half)


def smooth_recall_loss(scores: npt.ArrayLike, relevant: npt.ArrayLike, *, k: int) -> float:
    """Smooth ``1 − recall@k``: the share of the relevance that is outside the smooth top `k`.

    >>> smooth_recall_loss([9.0, 8.0, -9.0], [1, 1, 0], k=2) < 0.01
    True
    """
    values, relevance = _checked(scores, relevant)
    total = float(relevance.sum())
    return 1.0 - float(smooth_top_k(values, k=k) @ relevance) / total if total > 0 else 0.0


def smooth_recall_loss_tensor(scores: Tensor, relevant: Tensor, *, k: int) -> Tensor:
    """:func:`smooth_recall_loss` on torch tensors; the gradient includes the threshold's.

    Implicit differentiation of ``Σ f(x_i − t) = k`` gives ``dt/dx_i = f'(x_i − t) / Σ f'(x_j − t)``. The threshold is
    written as a function with this derivative and the same value, so that autograd finds it.
    """
    import torch

    values = scores.float()
    threshold = float(_top_k_threshold(values.detach().cpu().numpy().astype(np.float64), k=k))
    slope = torch.exp(-(values.detach() - threshold).abs())
    slope = slope / slope.sum()
    differentiable = threshold + (slope * (values - values.detach())).sum()
    distance = (values - differentiable).abs()
    half = torch.exp(-distance) / 2
    membership = torch.where(values < differentiable, half, 1 - half)
    relevance = relevant.float()
    return 1 - (membership * relevance).sum() / relevance.sum().clamp_min(1e-12)


def _top_k_threshold(values: Floats, *, k: int) -> float:
    n = values.size
    if values.ndim != 1 or not 1 <= k < n:
        raise ShapeError(f"Smooth top-k needs one row of more than k scores, got shape {values.shape} and k = {k}.")
    ordered = np.sort(values)[::-1]
    centre = ordered[k - 1]  # subtracted from the scores, because e^x of a raw logit may overflow
    x = ordered - centre
    above = np.append(-np.inf, np.logaddexp.accumulate(-x))  # (n + 1,) log Σ_{i<j} e^{-x_i}
    below = np.append(np.logaddexp.accumulate(x[::-1])[::-1], -np.inf)  # (n + 1,) log Σ_{i>=j} e^{x_i}
    # Σ f = j + (e^{-t} B_j − e^{t} A_j) / 2 falls with t, so its value at t = x_j grows with j: search for k.
    with np.errstate(invalid="ignore"):
        sums = np.arange(n) + (np.exp(below[:-1] - x) - np.exp(above[:-1] + x)) / 2  # (n,) Σ f at t = x_j
    j = int(np.searchsorted(sums, k, side="left"))
    return float(centre + _solve_threshold(above[j], below[j], excess=2.0 * (k - j)))


def _solve_threshold(log_a: float, log_b: float, *, excess: float) -> float:
    """Root t of ``e^{-t} B − e^{t} A = excess``, given log A and log B (one of them may be −inf)."""
    if np.isneginf(log_a):
        return float(log_b - np.log(excess))
    if np.isneginf(log_b):
        return float(np.log(-excess) - log_a)
    if excess == 0:
        return float((log_b - log_a) / 2)
    # t = (log B − log A)/2 − asinh(excess / (2 √(AB))): the positive root of the quadratic, without cancellation.
    log_y = np.log(abs(excess) / 2) - (log_a + log_b) / 2
    asinh = log_y + np.log(2.0) if log_y > 20 else np.arcsinh(np.exp(log_y))  # for large y, asinh(y) = log 2y
    return float((log_b - log_a) / 2 - np.sign(excess) * asinh)


def _checked(scores: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Floats]:
    values, ranks = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if values.ndim != 1 or values.shape != ranks.shape:
        raise ShapeError(f"A loss needs one score per label, got {values.shape} and {ranks.shape}.")
    return values, ranks
