"""Weights follow the evidence, exactly as far as it goes, and nobody can drag them along."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from matcher.comparisons import SIGNALS, compare
from matcher.learning import PRIORS, fit, log_odds, log_scores
from matcher.scoring import SPREAD, WEIGHTS, Weights, score_of
from models.rotation import log_odds as score_log_odds
from tests.choices import distance, make_choice, make_choices, make_view

PROVEN_COUNTS = replace(WEIGHTS, proven=0.9)


def test_every_weight_has_a_prior_and_the_built_in_weights_lie_within_it() -> None:
    assert list(PRIORS) == list(SIGNALS)
    for name, value in asdict(WEIGHTS).items():
        assert PRIORS[name].low <= value <= PRIORS[name].high
        assert PRIORS[name].deviation > 0


def test_without_evidence_the_weights_are_exactly_the_built_in_ones() -> None:
    assert fit(compare([])).weights == WEIGHTS


def test_items_that_differ_in_nothing_teach_nothing() -> None:
    same = [
        make_choice(n, decider_id=n, wanted=[make_view(n, 1)], refused=[make_view(n, 2)])
        for n in range(1, 30)
    ]

    assert fit(compare(same)).weights == WEIGHTS


def test_a_choice_goes_by_the_difference_of_the_scores_log_odds() -> None:
    wanted = make_view(1, 1, signals={"relevance": 3.1, "proven": 1.0})
    refused = make_view(1, 2, signals={"relevance": 3.4, "proven": None, "unmet_musts": 0.5})
    rows = compare([make_choice(1, decider_id=1, wanted=[wanted], refused=[refused])])

    expected = score_log_odds(score_of(wanted.signals)) - score_log_odds(score_of(refused.signals))
    assert log_odds(rows, WEIGHTS)[0] == pytest.approx(expected)
    assert log_scores(rows, WEIGHTS)[0] == pytest.approx(-np.log1p(np.exp(-expected)))


def test_more_evidence_moves_further() -> None:
    choices = [
        make_choice(
            n, decider_id=n,
            wanted=[make_view(n, 1, signals={"proven": 1.0})],
            refused=[make_view(n, 2, signals={"proven": None})],
        )
        for n in range(1, 41)
    ]  # fmt: skip

    found = [fit(compare(choices[:n])).weights for n in (0, 5, 10, 20, 40)]

    assert all(one.proven < other.proven for one, other in pairwise(found))
    # What is the same on both sides is not touched.
    assert all(weights.same_district == WEIGHTS.same_district for weights in found)


@pytest.mark.parametrize("noise", [0.4, 1.0, 2.0])
def test_with_much_evidence_the_truth_is_found_again_however_sharply_people_decide(noise: float) -> None:
    truth = Weights(unmet_musts=-3.0, proven=0.7, maturity=0.4, same_district=0.2, coverage=0.6)

    found = fit(compare(make_choices(8000, truth=truth, n_deciders=40, noise=noise)))

    for name, value in asdict(truth).items():
        assert getattr(found.weights, name) == pytest.approx(value, abs=3 * found.deviations[name])
    assert found.sharpness == pytest.approx(1 / noise, rel=0.15)
    assert all(found.deviations[name] < PRIORS[name].deviation for name in SIGNALS)


@given(st.integers(0, 2**32), st.integers(0, 60))
@hypothesis_settings(max_examples=25)
def test_the_order_of_the_lists_changes_nothing_and_the_bounds_hold(seed: int, n: int) -> None:
    choices = make_choices(n, seed=seed)
    shuffled = choices[:]
    random.Random(seed).shuffle(shuffled)

    one, other = fit(compare(choices)).weights, fit(compare(shuffled)).weights

    assert distance(one, other) < 1e-6
    for name in SIGNALS:
        assert PRIORS[name].low <= getattr(one, name) <= PRIORS[name].high


@given(st.integers(0, 2**32))
@hypothesis_settings(max_examples=15)
def test_what_is_found_is_the_best_within_the_bounds(seed: int) -> None:
    rows = compare(make_choices(80, seed=seed, truth=PROVEN_COUNTS))
    best = fit(rows)
    found = best.weights

    def loss(weights: Weights) -> float:
        prior = sum(
            ((getattr(weights, name) - getattr(WEIGHTS, name)) / PRIORS[name].deviation) ** 2
            for name in SIGNALS
        )
        return float(-(rows.weights * log_scores(rows, weights, best.sharpness)).sum() + prior / 2)

    rng = random.Random(seed)
    for _ in range(20):
        moved = {name: getattr(found, name) + rng.gauss(0, 0.05) for name in SIGNALS}
        kept = {name: min(max(value, PRIORS[name].low), PRIORS[name].high) for name, value in moved.items()}
        assert loss(found) <= loss(Weights(**kept)) + 1e-9


POOR = {"proven": None, "maturity": 0.0, "unmet_musts": 1.0, "coverage": 0.0, "same_district": 0.0}
GOOD = {"proven": 1.0, "maturity": 1.0, "unmet_musts": 0.0, "coverage": 1.0, "same_district": 1.0}


def poison(n: int, *, decider_id: int) -> list:
    """One organisation that refuses whatever is proven and wanted, and wants what contradicts every must."""
    return [
        make_choice(
            1000 + at, decider_id=decider_id,
            wanted=[make_view(1000 + at, 1, signals=POOR)],
            refused=[make_view(1000 + at, 2, signals=GOOD)],
        )
        for at in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_one_organisation_cannot_train_the_ranking_however_much_it_decides(seed: int) -> None:
    honest = make_choices(120, seed=seed, truth=PROVEN_COUNTS)
    without = fit(compare(honest)).weights

    few = fit(compare([*honest, *poison(30, decider_id=999)])).weights
    many = fit(compare([*honest, *poison(1000, decider_id=999)])).weights

    # Past its share, what it decides makes no difference at all.
    assert distance(few, many) < 1e-6
    for name in SIGNALS:
        assert abs(getattr(many, name) - getattr(without, name)) <= 2 * PRIORS[name].deviation
        assert PRIORS[name].low <= getattr(many, name) <= PRIORS[name].high
    # Without the limit it has its way: every signal at the bound it pushes to.
    unlimited = fit(compare([*honest, *poison(1000, decider_id=999)], max_share=1.0)).weights
    assert unlimited == Weights(-1.0, 0.0, 0.0, 0.0, 0.0)
    assert many.proven > 0.1


def test_a_refusal_says_nothing_of_the_firm_elsewhere() -> None:
    """Nothing that is learnt knows a firm: two firms with the same signals stay level, whoever was refused."""
    refused_often = [
        make_choice(n, decider_id=n, wanted=[make_view(n, 1)], refused=[make_view(n, 77)])
        for n in range(1, 60)
    ]

    weights = fit(compare(refused_often)).weights

    elsewhere, other = make_view(99, 77), make_view(99, 78)
    assert score_of(elsewhere.signals, weights) == score_of(other.signals, weights)
    assert weights == WEIGHTS


def test_the_step_of_one_deviation_of_relevance_is_that_of_the_score() -> None:
    one, other = (
        make_view(1, 1, signals={"relevance": 4.0}),
        make_view(1, 2, signals={"relevance": 4.0 - SPREAD}),
    )
    rows = compare([make_choice(1, decider_id=1, wanted=[one], refused=[other])])

    assert log_odds(rows, WEIGHTS)[0] == pytest.approx(1.0)
