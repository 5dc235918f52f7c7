"""The gate: what is worse is refused, what cannot be measured is refused, and what is better passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matcher.comparisons import compare
from matcher.labelled_lists import LabelledList
from matcher.learning import fit
from matcher.scoring import WEIGHTS
from matcher.weight_trial import CHECKS, MIN_LABELLED, N_FOLDS, folds_of, held_out_fits, try_weights
from models.pair_label import LabelGrade
from tests.choices import make_choice, make_choices, make_view

AT = datetime(2026, 11, 20, tzinfo=UTC)
PROVEN_COUNTS = replace(WEIGHTS, proven=0.9, coverage=0.6)


def labelled(n: int = MIN_LABELLED, *, fitting_is_proven: bool = True) -> list[LabelledList]:
    """Lists of a near tie between a firm that is proven and one that is a little nearer; one of them fits."""
    views = [
        make_view(1, 1, signals={"relevance": 4.0, "proven": 1.0}),
        make_view(1, 2, signals={"relevance": 4.4, "proven": None}),
    ]
    grades = {1 if fitting_is_proven else 2: LabelGrade.FITS}
    return [LabelledList(scenario_id, tuple(views), grades) for scenario_id in range(1, n + 1)]


def passed(trial) -> dict[str, bool]:
    return {check.code: check.passed for check in trial.checks}


def test_a_weighting_that_follows_a_real_wish_of_many_passes() -> None:
    choices = make_choices(300, truth=PROVEN_COUNTS, n_deciders=15, noise=0.3)
    found = fit(compare(choices)).weights

    trial = try_weights(choices, labelled(), before=WEIGHTS, after=found)

    assert passed(trial) == dict.fromkeys(CHECKS, True)
    assert trial.passed
    assert trial.choices_after > trial.choices_before
    assert trial.to_json()["checks"][0] == {"code": "held_out_better", "passed": True, "n": 300}


def test_noise_around_the_built_in_weights_does_not_pass() -> None:
    choices = make_choices(300, n_deciders=15)

    trial = try_weights(choices, labelled(), before=WEIGHTS, after=fit(compare(choices)).weights)

    assert not passed(trial)["held_out_better"]
    assert not trial.passed


def test_what_the_decisions_want_and_the_labels_do_not_is_refused() -> None:
    choices = make_choices(300, truth=PROVEN_COUNTS, n_deciders=15, noise=0.3)
    found = fit(compare(choices)).weights

    trial = try_weights(choices, labelled(fitting_is_proven=False), before=WEIGHTS, after=found)

    assert passed(trial) == {**dict.fromkeys(CHECKS, True), "labels_ndcg_not_worse": False}
    assert (trial.labels_before, trial.labels_after) == (1.0, pytest.approx(0.6309, abs=1e-4))


@pytest.mark.parametrize("n", [0, MIN_LABELLED - 1])
def test_without_enough_labels_not_worse_cannot_be_said(n: int) -> None:
    choices = make_choices(300, truth=PROVEN_COUNTS, n_deciders=15, noise=0.3)

    trial = try_weights(choices, labelled(n), before=WEIGHTS, after=fit(compare(choices)).weights)

    assert not passed(trial)["labels_enough"]
    assert not trial.passed
    assert (trial.labels_ndcg is None) is (n == 0)


def test_what_one_organisation_wants_does_not_help_the_others_and_does_not_pass() -> None:
    one = make_choices(
        200, truth=replace(WEIGHTS, proven=0.9, unmet_musts=-1.0), n_deciders=1, seed=3, noise=0.3
    )
    others = make_choices(60, truth=replace(WEIGHTS, proven=0.0), n_deciders=12, first=100, seed=4, noise=0.3)
    choices = [*one, *others]

    trial = try_weights(choices, labelled(), before=WEIGHTS, after=fit(compare(choices)).weights)

    assert not trial.passed


def test_an_organisations_lists_are_measured_without_any_of_its_own() -> None:
    wants_proven = [
        make_choice(
            n, decider_id=1,
            wanted=[make_view(n, 1, signals={"proven": 1.0})], refused=[make_view(n, 2, signals={"proven": None})],
        )
        for n in range(1, 40)
    ]  # fmt: skip
    indifferent = [
        make_choice(n, decider_id=n, wanted=[make_view(n, 1)], refused=[make_view(n, 2)])
        for n in range(100, 130)
    ]

    found = [own.weights for own, _ in held_out_fits([*wants_proven, *indifferent], WEIGHTS)]

    assert {weights.proven for weights in found[: len(wants_proven)]} == {WEIGHTS.proven}
    assert max(weights.proven for weights in found[len(wants_proven) :]) > WEIGHTS.proven


def test_folds_are_even_and_keep_an_organisation_together() -> None:
    folds = folds_of([7, 7, 7, 3, 3, 1, 2, 4, 5, 6])

    assert folds[7] == 0
    assert set(folds.values()) == set(range(N_FOLDS))
    assert folds == folds_of([1, 2, 3, 3, 4, 5, 6, 7, 7, 7])
