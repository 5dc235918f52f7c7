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
    rng = np.random.default_rng(SEED)
    draws = rng.integers(len(values), size=(N_RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
