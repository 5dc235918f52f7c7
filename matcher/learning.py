"""Weights learnt from comparisons: conditional logistic regression with a prior and bounds.

Of two items on one list the better one is wanted with the probability that the difference of their scores' log odds
gives, times how sharply people go by it. Relevance keeps weight 1, so scores go on comparing. The prior stands at the
built-in weights and never at learnt ones: the same decisions are fitted again every day, and would otherwise count
again every day (ADR 0010).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from matcher.comparisons import SIGNALS, Comparisons, Floats
from matcher.scoring import SPREAD, WEIGHTS, Weights


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of one number beforehand: its deviation around the built-in value, and where it must stay."""

    deviation: float
    low: float
    high: float


PRIORS = {
    "unmet_musts": Prior(0.5, -4.0, -1.0),
    "proven": Prior(0.2, 0.0, 0.9),
    "maturity": Prior(0.15, 0.0, 0.6),
    "same_district": Prior(0.1, 0.0, 0.3),
    "coverage": Prior(0.3, 0.0, 0.9),
}
"""A deviation is about what would still be a reasonable choice by hand. The bounds keep every sign, keep a signal below
one deviation of relevance, so that it settles near ties as it is meant to, and keep a contradicted must from becoming
harmless; nobody's decisions lead beyond them. Chosen 2026-11-26, before anything was fitted."""

SHARPNESS = Prior(1.0, 0.2, 5.0)
"""Around 1: people who go by the score as its log odds say. Without it, people who decide more sharply than that would
seem to care more for every signal, because relevance may not weigh more."""

_TOLERANCE, _MAX_ROUNDS = 1e-10, 20_000


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights most probable after the comparisons, and the sharpness. deviations: how sure of each, by signal."""

    weights: Weights
    sharpness: float
    deviations: dict[str, float]


def fit(comparisons: Comparisons) -> Fit:
    """The weights within the bounds that make comparisons and prior together most probable; the same for any order of
    the rows. Without comparisons exactly the built-in ones.
    """
    centre, deviations, low, high = _prior()
    rows, offsets = comparisons.signals / SPREAD, comparisons.relevance / SPREAD
    # No step overshoots: the curvature of the loss in one weight is never more than this, times sharpness squared.
    steepest = 0.25 * (comparisons.weights[:, None] * rows**2).sum(axis=0)
    weights, sharpness = centre.copy(), 1.0
    for _ in range(_MAX_ROUNDS):
        before = np.append(weights, sharpness)
        for at in range(len(weights)):
            missed = comparisons.weights * _sigmoid(-sharpness * (offsets + rows @ weights))
            slope = -sharpness * (missed @ rows[:, at]) + (weights[at] - centre[at]) / deviations[at] ** 2
            step = slope / (sharpness**2 * steepest[at] + deviations[at] ** -2)
            weights[at] = np.clip(weights[at] - step, low[at], high[at])
        sharpness = _sharper(comparisons.weights, offsets + rows @ weights, sharpness)
        if np.abs(np.append(weights, sharpness) - before).max() < _TOLERANCE:
            break
    odds = sharpness * (offsets + rows @ weights)
    return Fit(
        weights=Weights(**dict(zip(SIGNALS, weights.tolist(), strict=True))),
        sharpness=sharpness,
        deviations=_deviations(comparisons, sharpness * rows, odds, deviations),
    )


def sharpness_of(comparisons: Comparisons, weights: Weights) -> float:
    """How sharply people go by the scores that these weights give: the factor that makes their wishes most probable."""
    odds, sharpness = log_odds(comparisons, weights), 1.0
    for _ in range(_MAX_ROUNDS):
        before, sharpness = sharpness, _sharper(comparisons.weights, odds, sharpness)
        if abs(sharpness - before) < _TOLERANCE:
            break
    return sharpness


def _sharper(row_weights: Floats, odds: Floats, sharpness: float) -> float:
    """One step of the sharpness towards its best value for these log odds."""
    missed = row_weights * _sigmoid(-sharpness * odds)
    slope = -(missed @ odds) + (sharpness - 1.0) / SHARPNESS.deviation**2
    step = slope / (0.25 * (row_weights @ odds**2) + SHARPNESS.deviation**-2)
    return float(np.clip(sharpness - step, SHARPNESS.low, SHARPNESS.high))


def log_odds(comparisons: Comparisons, weights: Weights) -> Floats:
    """(n,) differences of the log odds of the scores that these weights give, wanted less refused."""
    values = np.array([asdict(weights)[name] for name in SIGNALS], np.float64)
    return np.asarray((comparisons.relevance + comparisons.signals @ values) / SPREAD, np.float64)


def log_scores(comparisons: Comparisons, weights: Weights, sharpness: float = 1.0) -> Floats:
    """(n,) log probability of what was wanted in each row; nearer 0 is better."""
    return np.asarray(-np.logaddexp(0.0, -sharpness * log_odds(comparisons, weights)), np.float64)


def _prior() -> tuple[Floats, Floats, Floats, Floats]:
    """Centre, deviation and both bounds, each (n_signals,)."""
    priors = [PRIORS[name] for name in SIGNALS]
    return (
        np.array([asdict(WEIGHTS)[name] for name in SIGNALS], np.float64),
        np.array([prior.deviation for prior in priors], np.float64),
        np.array([prior.low for prior in priors], np.float64),
        np.array([prior.high for prior in priors], np.float64),
    )


def _deviations(comparisons: Comparisons, rows: Floats, odds: Floats, prior: Floats) -> dict[str, float]:
    """From the curvature where the weights stand, sharpness held; the bounds are left out of account."""
    likely = _sigmoid(odds)
    spread = comparisons.weights * likely * (1.0 - likely)
    curvature = rows.T @ (spread[:, None] * rows) + np.diag(prior**-2)
    return dict(zip(SIGNALS, np.sqrt(np.diag(np.linalg.inv(curvature))).tolist(), strict=True))


def _sigmoid(values: Floats) -> Floats:
    # The same as 1 / (1 + e^-x), without its overflow far below.
    return np.asarray((1.0 + np.tanh(values / 2)) / 2, np.float64)
