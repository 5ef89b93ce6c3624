#!/usr/bin/env python3
"""Reference numbers for eval.NestedInterval, another way: by restricted maximum likelihood.

For as many scores in each split, REML's estimates of the variances are those of the analysis
of variance where both are positive (Searle, Casella, McCulloch 1992, section 3.8), and the
standard error of the mean is that of generalised least squares. For unequal splits the
analysis of variance is written out with design matrices. Needs NumPy and SciPy.

    python3 testdata/reference/nested.py
"""
import numpy as np
from scipy import linalg, optimize, stats

CASES = {
    "balanced": [[60.1, 61.0, 60.4], [57.2, 58.1, 57.5], [62.3, 61.8, 62.9], [59.0, 60.2, 59.1]],
    "unequal": [[10.0, 12.0], [15.0, 14.0, 16.5], [9.0, 9.5, 8.0, 10.5]],
}


def design(splits):
    y = np.concatenate(splits)
    z = linalg.block_diag(*[np.ones((len(s), 1)) for s in splits])
    return y, z


def reml(splits):
    y, z = design(splits)
    x = np.ones((len(y), 1))

    def parts(log):
        v = np.exp(log[0]) * z @ z.T + np.exp(log[1]) * np.eye(len(y))
        w = np.linalg.inv(v)
        information = x.T @ w @ x
        mean = np.linalg.solve(information, x.T @ w @ y)
        r = y - x @ mean
        return v, information, mean, r @ w @ r

    def loss(log):
        v, information, _, square = parts(log)
        return np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + square

    best = optimize.minimize(loss, [0, 0], method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14, "maxiter": 20000})
    _, information, mean, _ = parts(best.x)
    error = 1 / np.sqrt(information[0, 0])
    return mean[0], stats.t.ppf(0.975, len(splits) - 1) * error, *np.exp(best.x / 2)


def quadratic_forms(splits):
    """Henderson's method 1: sums of squares as projections, their expectations as traces."""
    y, z = design(splits)
    n, s = len(y), len(splits)
    onto_splits, onto_mean = z @ np.linalg.pinv(z), np.full((n, n), 1 / n)
    within, between = np.eye(n) - onto_splits, onto_splits - onto_mean
    seeds = y @ within @ y / np.trace(within)
    each = np.trace(between @ z @ z.T)
    splits_variance = (y @ between @ y - np.trace(between) * seeds) / each
    # The mean of the splits' means, as a linear form, and its error by seeds alone.
    a = np.concatenate([np.full(len(g), 1 / len(g) / s) for g in splits])
    half = stats.t.ppf(0.975, n - s) * np.sqrt(seeds * a @ a)
    return a @ y, half, np.sqrt(max(0, splits_variance)), np.sqrt(seeds)


for name, splits in CASES.items():
    if name == "balanced":
        print(name, "REML: mean, half, splits, seeds:", *(f"{v:.9g}" for v in reml(splits)))
    print(name, "quadratic forms: mean, within, splits, seeds:", *(f"{v:.9g}" for v in quadratic_forms(splits)))
