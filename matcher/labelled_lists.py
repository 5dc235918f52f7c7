"""Labelled lists: the firms of a scenario as its page orders them, beside what people think of them.

Orders are made of stored views, so that a weighting can be tried without the model: it changes scores, neither
bands nor relevance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.comparisons import ChoiceList, Floats
from matcher.rank_metrics import ndcg, recall
from matcher.scoring import Weights, score_of
from models.match_decisions import Decider, View, best_view, newest_views, page_order
from models.pair_label import LabelGrade, Pair, PairLabel

FIRST = 10
"""Places that count."""


@dataclass(frozen=True, slots=True)
class LabelledList:
    """The views of one scenario, one a capability, and by firm the labels there are; at least one of them fits."""

    scenario_id: int
    views: tuple[View, ...]
    grades: Mapping[int, LabelGrade]


def labelled_lists(
    labels: Mapping[Pair, PairLabel], views: Mapping[int, Iterable[View]]
) -> list[LabelledList]:
    """The lists on which something that is labelled fits, by scenario; labels of firms that were no candidate count
    too: they are what the list misses.
    """
    grades: dict[int, dict[int, LabelGrade]] = defaultdict(dict)
    for (scenario_id, firm_id), label in labels.items():
        grades[scenario_id][firm_id] = label.grade
    lists = [
        LabelledList(id_, tuple(newest_views(views[id_])), found)
        for id_, found in sorted(grades.items())
        if LabelGrade.FITS in found.values()
    ]
    return [each for each in lists if each.views]


def ranked_firms(views: Iterable[View], weights: Weights | None) -> list[View]:
    """The best view of each firm in the order of the page. weights: to score by; None takes the stored scores."""
    scored = [view if weights is None else rescored(view, weights) for view in views]
    by_firm: dict[int, list[View]] = defaultdict(list)
    for view in scored:
        by_firm[view.organisation_id].append(view)
    best = (best_view(group) for group in by_firm.values())
    return sorted((view for view in best if view is not None), key=page_order)


def rescored(view: View, weights: Weights) -> View:
    """The view with the score these weights give it."""
    return replace(view, score=score_of(view.signals, weights))


def label_ndcgs(lists: Sequence[LabelledList], weights: Weights | None) -> Floats:
    """(n_lists,) nDCG of the first places, whatever is not labelled as fitting counting as not fitting."""
    return np.array([_measured(each, weights, ndcg) for each in lists], np.float64)


def label_recalls(lists: Sequence[LabelledList], weights: Weights | None) -> Floats:
    """(n_lists,) share of the fitting firms among the first places."""
    return np.array([_measured(each, weights, recall) for each in lists], np.float64)


def _measured(each: LabelledList, weights: Weights | None, measure: Callable[..., float]) -> float:
    fitting = {str(id_): 1.0 for id_, grade in each.grades.items() if grade is LabelGrade.FITS}
    ranked = [str(view.organisation_id) for view in ranked_firms(each.views, weights)]
    return measure(ranked, fitting, n=FIRST)


def choice_ndcgs(lists: Sequence[ChoiceList], weights: Sequence[Weights]) -> Floats:
    """(n_lists,) nDCG of what was wanted among what was answered, each list under the weights beside it.

    Only answered items are ranked: those nobody answered were often never looked at.
    """
    return np.array([_choice_ndcg(each, own) for each, own in zip(lists, weights, strict=True)], np.float64)


def _choice_ndcg(each: ChoiceList, weights: Weights) -> float:
    views = sorted((rescored(view, weights) for view in (*each.wanted, *each.refused)), key=page_order)
    wanted = {_item(each.side, view): 1.0 for view in each.wanted}
    return ndcg([_item(each.side, view) for view in views], wanted, n=FIRST)


def _item(side: Decider, view: View) -> str:
    return str(view.organisation_id if side is Decider.AGENCY else view.scenario_id)
