"""The gate before a weighting: better on decisions it was not fitted to, and not worse on any labelled list.

Held out are whole organisations, not single answers: what is tested is whether weights learnt from some serve others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matcher.comparisons import ChoiceList, Floats, compare
from matcher.labelled_lists import LabelledList, choice_ndcgs, label_ndcgs
from matcher.learning import Fit, fit, log_scores, sharpness_of
from matcher.rank_metrics import Lead, paired_lead
from matcher.scoring import Weights

N_FOLDS = 5

MARGIN = 0.02
"""How much nDCG@10 may be lost, at the lower end of the 95% interval of the paired bootstrap, and still be "not worse":
one place out of ten changed in a tenth of the lists."""

MIN_LABELLED = 5
"""Scenarios with a labelled firm that fits: with fewer, "not worse" would say nothing."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition. code: as in CHECKS. n: lists it was measured on."""

    code: str
    passed: bool
    n: int


CHECKS = ("held_out_better", "held_out_ndcg_not_worse", "labels_enough", "labels_ndcg_not_worse")


@dataclass(frozen=True, slots=True)
class Trial:
    """A weighting tried against the one in force. Leads are the new one's; None where there is nothing to measure on.

    held_out: log probability of the decisions, a list. *_ndcg: of nDCG@10. *_before, *_after: means.
    """

    n_lists: int
    n_labelled: int
    held_out: Lead
    choices_ndcg: Lead
    choices_before: float
    choices_after: float
    labels_ndcg: Lead | None
    labels_before: float | None
    labels_after: float | None

    @property
    def checks(self) -> list[Check]:
        """Every condition, in the order of CHECKS."""
        labels = self.labels_ndcg
        found = (
            self.held_out.low > 0.0,
            self.choices_ndcg.low >= -MARGIN,
            self.n_labelled >= MIN_LABELLED,
            labels is not None and labels.low >= -MARGIN,
        )
        sizes = (self.n_lists, self.n_lists, self.n_labelled, self.n_labelled)
        return [Check(code, passed, n) for code, passed, n in zip(CHECKS, found, sizes, strict=True)]

    @property
    def passed(self) -> bool:
        """Whether the weighting may be put in force."""
        return all(check.passed for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored."""
        return {**asdict(self), "checks": [asdict(check) for check in self.checks], "margin": MARGIN}


def try_weights(
    choices: Sequence[ChoiceList], labelled: Sequence[LabelledList], *, before: Weights, after: Weights
) -> Trial:
    """Try weights fitted to all `choices`. For the decisions each organisation's lists are measured under weights that
    were fitted without it; for the labels, which no fit uses, under `after` itself. `choices` must not be empty.
    """
    held_out = held_out_fits(choices, before)
    old = choice_ndcgs(choices, [before] * len(choices))
    new = choice_ndcgs(choices, [own.weights for own, _ in held_out])
    labels_old, labels_new = label_ndcgs(labelled, before), label_ndcgs(labelled, after)
    return Trial(
        n_lists=len(choices),
        n_labelled=len(labelled),
        held_out=paired_lead(
            _list_scores(choices, [(own.weights, own.sharpness) for own, _ in held_out]),
            _list_scores(choices, [(before, sharpness) for _, sharpness in held_out]),
        ),
        choices_ndcg=paired_lead(new, old),
        choices_before=float(old.mean()),
        choices_after=float(new.mean()),
        labels_ndcg=paired_lead(labels_new, labels_old) if len(labelled) else None,
        labels_before=float(labels_old.mean()) if len(labelled) else None,
        labels_after=float(labels_new.mean()) if len(labelled) else None,
    )


def held_out_fits(choices: Sequence[ChoiceList], before: Weights) -> list[tuple[Fit, float]]:
    """For each list what is fitted without any list of its organisation, and of a fifth of the others; and how sharply
    the same others go by the weights `before`, so that the two differ in their weights only.
    """
    folds = folds_of([each.decider_id for each in choices])
    found: dict[int, tuple[Fit, float]] = {}
    for fold in set(folds.values()):
        rest = compare([each for each in choices if folds[each.decider_id] != fold])
        found[fold] = fit(rest), sharpness_of(rest, before)
    return [found[folds[each.decider_id]] for each in choices]


def folds_of(deciders: Sequence[int]) -> Mapping[int, int]:
    """The fold of each organisation: those with most lists are dealt out first, ties by id, so folds are even."""
    by_size = sorted(set(deciders), key=lambda id_: (-deciders.count(id_), id_))
    return {id_: at % N_FOLDS for at, id_ in enumerate(by_size)}


def _list_scores(choices: Sequence[ChoiceList], models: Sequence[tuple[Weights, float]]) -> Floats:
    """(n_lists,) mean log probability of what was wanted, a list counting once whatever its length."""
    return np.array(
        [
            float(log_scores(compare([each]), *model).mean())
            for each, model in zip(choices, models, strict=True)
        ],
        np.float64,
    )
