from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct

from rerank.budget.posterior import fit_scales, log_evidence, posterior_mean
from rerank.errors import ShapeError


def test_it_is_the_mean_of_a_gaussian_process() -> None:
    rng = np.random.default_rng(0)
    features, rows = rng.normal(size=(60, 8)), np.arange(15)
    residuals = rng.normal(size=15)
    ours = posterior_mean(features, rows, residuals, noise=0.3)
    theirs = GaussianProcessRegressor(DotProduct(sigma_0=1e-12, sigma_0_bounds="fixed"), alpha=0.3, optimizer=None)
    assert ours == pytest.approx(theirs.fit(features[rows], residuals).predict(features), abs=1e-6)


def test_it_is_the_same_from_the_other_side_of_woodbury() -> None:
    rng = np.random.default_rng(1)
    features, rows, residuals = rng.normal(size=(50, 6)), np.arange(20), rng.normal(size=20)
    observed = features[rows]
    weights = np.linalg.solve(observed.T @ observed + 0.5 * np.eye(6), observed.T @ residuals)
    assert posterior_mean(features, rows, residuals, noise=0.5) == pytest.approx(features @ weights, abs=1e-6)


def test_without_noise_the_posterior_passes_through_the_observations() -> None:
    rng = np.random.default_rng(2)
    features, rows = rng.normal(size=(30, 30)), np.array([3, 9, 27])
    posterior = posterior_mean(features, rows, np.array([1.0, -2.0, 0.5]), noise=0.0)
    assert posterior[rows] == pytest.approx([1.0, -2.0, 0.5], abs=1e-5)


def test_the_evidence_is_a_normal_density() -> None:
    rng = np.random.default_rng(3)
    a, b, residuals = rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), rng.normal(size=7)
    covariance = 2.0 * a @ a.T + 0.5 * b @ b.T + 0.1 * np.eye(7)
    expected = scipy.stats.multivariate_normal(np.zeros(7), covariance).logpdf(residuals)
    assert log_evidence([a @ a.T, b @ b.T], residuals, scales=(2.0, 0.5), noise=0.1) == pytest.approx(expected)


def test_scales_and_noise_are_found_again() -> None:
    rng = np.random.default_rng(4)
    samples = []
    for _ in range(60):
        a, b = rng.normal(size=(40, 5)), rng.normal(size=(40, 5))
        residuals = a @ rng.normal(0, 2.0, 5) + b @ rng.normal(0, 0.5, 5) + rng.normal(0, 0.7, 40)
        samples.append(((a @ a.T, b @ b.T), residuals))
    fitted = fit_scales(("a", "b"), samples)
    assert fitted.blocks["a"] == pytest.approx(4.0, rel=0.35)
    assert fitted.blocks["b"] == pytest.approx(0.25, rel=0.35)
    assert fitted.noise == pytest.approx(0.49, rel=0.15)


def test_a_block_that_explains_nothing_is_scaled_away() -> None:
    rng = np.random.default_rng(5)
    samples = []
    for _ in range(40):
        a, b = rng.normal(size=(30, 4)), rng.normal(size=(30, 4))
        samples.append(((a @ a.T, b @ b.T), a @ rng.normal(size=4) + rng.normal(0, 0.5, 30)))
    fitted = fit_scales(("a", "b"), samples)
    assert fitted.blocks["b"] < 0.02 * fitted.blocks["a"]


def test_arrays_of_other_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match="2 papers and 1"):
        posterior_mean(np.ones((3, 2)), np.array([0, 1]), np.array([1.0]), noise=1.0)
    with pytest.raises(ShapeError, match="at least one anchor query"):
        fit_scales(("a",), [])
