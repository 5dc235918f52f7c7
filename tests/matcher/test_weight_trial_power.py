"""How often the gate lets a weighting through: rarely where there is nothing to learn, often where there is much.

`python -m pytest tests/matcher/test_weight_trial_power.py -m proof -s` prints the table of docs/learning.md.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.comparisons import compare
from matcher.labelled_lists import LabelledList
from matcher.learning import fit
from matcher.scoring import WEIGHTS, Weights
from matcher.weight_trial import MIN_LABELLED, try_weights
from models.pair_label import LabelGrade
from tests.choices import make_choices, make_view

pytestmark = pytest.mark.proof

N_RUNS = 40
SIZES = (25, 50, 100, 200, 400)
# A label that no weighting can lose, so that only the decisions decide here.
LABELLED = [
    LabelledList(scenario_id, (make_view(scenario_id, 1),), {1: LabelGrade.FITS})
    for scenario_id in range(1, MIN_LABELLED + 1)
]
TRUTHS = {
    "as built in": WEIGHTS,
    "proven 0.6": replace(WEIGHTS, proven=0.6),
    "proven 0.9, coverage 0.6": replace(WEIGHTS, proven=0.9, coverage=0.6),
}


def pass_rate(truth: Weights, n: int, *, noise: float) -> float:
    """The share of runs in which n lists of twenty organisations that decide as `truth` says pass the gate."""
    passed = 0
    for seed in range(N_RUNS):
        choices = make_choices(n, seed=seed, truth=truth, n_deciders=20, noise=noise)
        after = fit(compare(choices)).weights
        passed += try_weights(choices, LABELLED, before=WEIGHTS, after=after).passed
    return passed / N_RUNS


@pytest.mark.parametrize("noise", [1.0, 0.5])
def test_the_gate_rarely_errs_and_sees_what_is_large(noise: float) -> None:
    rates = {name: [pass_rate(truth, n, noise=noise) for n in SIZES] for name, truth in TRUTHS.items()}
    for name, row in rates.items():
        print(
            f"noise {noise}  {name:<26}"
            + "  ".join(f"{n}: {rate:.2f}" for n, rate in zip(SIZES, row, strict=True))
        )

    assert max(rates["as built in"]) <= 0.15
    assert rates["proven 0.9, coverage 0.6"][-1] >= (0.7 if noise < 1.0 else 0.2)
    assert rates["proven 0.9, coverage 0.6"][-1] > rates["proven 0.6"][-1] >= rates["as built in"][-1]
