"""How good a ranking is: nDCG, recall and reciprocal rank, with bootstrap intervals over queries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N_RESAMPLES = 2000
SEED = 20261123
"""Fixed, so that the same run prints the same interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over queries with its 95% percentile bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lead:
    """How much better one system is than another on the same queries: the mean difference with its 95% interval.

    p: two-sided, from the same paired bootstrap; small where chance rarely turns the sign.
    """

    mean: float
    low: float
    high: float
    p: float


def ndcg(ranked: Sequence[str], grades: Mapping[str, float], *, n: int) -> float:
    """Return the normalised discounted cumulative gain of the first `n` ids, in [0, 1]; linear gain."""
    ideal = _discounted(sorted(grades.values(), reverse=True)[:n])
    return _discounted([grades.get(document_id, 0.0) for document_id in ranked[:n]]) / ideal


def recall(ranked: Sequence[str], grades: Mapping[str, float], *, n: int) -> float:
    """Return the share of the relevant documents among the first `n` ids."""
    return sum(document_id in grades for document_id in ranked[:n]) / len(grades)


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, float], *, n: int) -> float:
    """Return 1 / the rank of the first relevant id, 0 if it is not among the first `n`."""
    ranks = (rank for rank, document_id in enumerate(ranked[:n], start=1) if document_id in grades)
    return 1 / next(ranks, math.inf)


def bootstrap_interval(values: Floats) -> Interval:
    """Return the mean of `values` (one a query) with its interval; a single query has no width to show."""
    low, high = np.percentile(_resampled_means(values), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def paired_lead(ours: Floats, theirs: Floats) -> Lead:
    """Return by how much `ours` is ahead of `theirs`; both have one value a query, in the same order."""
    differences = ours - theirs
    means = _resampled_means(differences)
    low, high = np.percentile(means, [2.5, 97.5])
    p = min(1.0, 2 * min(float((means <= 0).mean()), float((means >= 0).mean())))
    return Lead(float(differences.mean()), float(low), float(high), p)


def _resampled_means(values: Floats) -> Floats:
    rng = np.random.default_rng(SEED)
    draws = rng.integers(len(values), size=(N_RESAMPLES, len(values)))
    return np.asarray(values[draws].mean(axis=1), np.float64)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
