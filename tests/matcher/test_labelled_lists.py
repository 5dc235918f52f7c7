from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matcher.labelled_lists import choice_ndcgs, label_ndcgs, label_recalls, labelled_lists, ranked_firms
from matcher.scoring import WEIGHTS
from models.match import Band
from models.match_decisions import Decider
from models.pair_label import LabelGrade, LabelSource, PairLabel
from tests.choices import make_choice, make_view

AT = datetime(2026, 11, 20, tzinfo=UTC)
PROVEN = replace(WEIGHTS, proven=0.9)


def labels(**grades: LabelGrade) -> dict:
    """Grades of the firms of scenario 1, named f1, f2, ..."""
    return {
        (1, int(name[1:])): PairLabel(
            scenario_id=1, organisation_id=int(name[1:]), grade=grade, source=LabelSource.PAGE, labelled_at=AT
        )
        for name, grade in grades.items()
    }


def test_a_list_needs_a_firm_that_fits_and_a_view() -> None:
    fits = labels(f1=LabelGrade.FITS)

    assert [each.scenario_id for each in labelled_lists(fits, {1: [make_view(1, 1)]})] == [1]
    assert labelled_lists(fits, {1: []}) == []
    assert labelled_lists(labels(f1=LabelGrade.DOES_NOT_FIT), {1: [make_view(1, 1)]}) == []


def test_a_firm_stands_with_its_best_capability_and_bands_come_before_scores() -> None:
    weak = make_view(1, 1, capability_id=10, band=Band.WEAK, signals={"relevance": 9.0})
    strong = make_view(1, 1, capability_id=11, signals={"relevance": 3.6})
    other = make_view(1, 2, signals={"relevance": 3.8})

    assert [view.capability_id for view in ranked_firms([weak, strong, other], WEIGHTS)] == [2, 11]


def test_only_the_newest_view_of_a_pair_of_texts_counts() -> None:
    old = make_view(1, 1, signals={"relevance": 9.0})
    new = make_view(1, 1, serial=2, signals={"relevance": 1.0})

    (found,) = labelled_lists(labels(f1=LabelGrade.FITS), {1: [new, old]})

    assert found.views == (new,)


def test_weights_change_the_order_and_so_the_figures() -> None:
    fitting = make_view(1, 1, signals={"relevance": 4.0, "proven": 1.0})
    nearer = make_view(1, 2, signals={"relevance": 4.4, "proven": None})
    lists = labelled_lists(labels(f1=LabelGrade.FITS, f2=LabelGrade.DOES_NOT_FIT), {1: [fitting, nearer]})

    assert label_ndcgs(lists, WEIGHTS).tolist() == [pytest.approx(0.6309, abs=1e-4)]
    assert label_ndcgs(lists, PROVEN).tolist() == [1.0]


def test_without_weights_the_stored_scores_rank() -> None:
    lists = labelled_lists(
        labels(f1=LabelGrade.FITS), {1: [make_view(1, 1, score=0.1), make_view(1, 2, score=0.2)]}
    )

    assert label_ndcgs(lists, None)[0] < 1.0


def test_a_fitting_firm_that_was_no_candidate_is_missed() -> None:
    lists = labelled_lists(labels(f1=LabelGrade.FITS, f9=LabelGrade.FITS), {1: [make_view(1, 1)]})

    assert label_recalls(lists, WEIGHTS).tolist() == [0.5]


def test_firms_beyond_the_first_ten_are_not_found() -> None:
    crowd = [make_view(1, n, signals={"relevance": 5.0}) for n in range(2, 12)]
    lists = labelled_lists(labels(f1=LabelGrade.FITS), {1: [make_view(1, 1), *crowd]})

    assert label_recalls(lists, WEIGHTS).tolist() == [0.0]


@pytest.mark.parametrize("side", list(Decider))
def test_only_what_was_answered_is_ranked(side: Decider) -> None:
    same_firm = side is Decider.FIRM
    wanted = make_view(1, 1, signals={"relevance": 4.0, "proven": 1.0})
    refused = make_view(
        2 if same_firm else 1, 1 if same_firm else 2, signals={"relevance": 4.4, "proven": None}
    )
    choice = make_choice(1, decider_id=1, wanted=[wanted], refused=[refused], side=side)

    assert choice_ndcgs([choice, choice], [WEIGHTS, PROVEN]).tolist() == [
        pytest.approx(0.6309, abs=1e-4),
        1.0,
    ]
