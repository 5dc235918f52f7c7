"""What is compared with what, how much it counts, and when it is enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.comparisons import (
    MAX_SHARE,
    MIN_COMPARED,
    MIN_DECIDERS,
    MIN_LISTS,
    SIGNALS,
    choice_lists,
    compare,
    evidence_of,
    limited,
)
from models.match import Band
from models.match_decisions import Decider
from tests.choices import LATER, MADE_AT, make_choice, make_choices, make_decision, make_view


def test_a_list_needs_a_wish_and_a_refusal_of_the_same_organisation() -> None:
    one, other, third = make_view(1, 1), make_view(1, 2), make_view(2, 3)

    lists = choice_lists(
        [make_decision(one), make_decision(other, wanted=False), make_decision(third, wanted=False)]
    )

    assert [(each.list_id, each.wanted, each.refused) for each in lists] == [(1, (one,), (other,))]


def test_refusals_that_say_nothing_of_fit_are_left_out() -> None:
    decisions = [make_decision(make_view(1, 1)), make_decision(make_view(1, 2), wanted=None)]

    assert choice_lists(decisions) == []


@pytest.mark.parametrize("view", [None, make_view(1, 2, band=Band.NOT_ENOUGH_INFORMATION)])
def test_what_the_machine_did_not_rank_is_left_out(view) -> None:
    decisions = [make_decision(make_view(1, 1)), make_decision(view, wanted=False)]

    assert choice_lists(decisions) == []


def test_an_agencys_list_and_a_firms_list_of_the_same_number_are_two() -> None:
    firm = {"side": Decider.FIRM, "decider_id": 1, "list_id": 1}
    decisions = [
        make_decision(make_view(1, 1)),
        make_decision(make_view(1, 2), wanted=False),
        make_decision(make_view(1, 1), **firm),
        make_decision(make_view(2, 1), wanted=False, **firm),
    ]

    assert [each.side for each in choice_lists(decisions)] == [Decider.AGENCY, Decider.FIRM]


def test_every_wish_is_compared_with_every_refusal_and_a_missing_signal_is_nothing() -> None:
    wanted = make_view(1, 1, signals={"relevance": 4.0, "proven": 1.0})
    refused = [
        make_view(1, 2, signals={"relevance": 3.0, "proven": None}),
        make_view(1, 3, signals={"relevance": 5.0, "proven": 0.5}),
    ]

    rows = compare([make_choice(1, decider_id=9, wanted=[wanted], refused=refused)])

    assert rows.relevance.tolist() == [1.0, -1.0]
    assert rows.signals[:, SIGNALS.index("proven")].tolist() == [1.0, 0.5]
    # One wish among two refusals is one decision's worth, however many pairs it makes.
    assert rows.weights.tolist() == [0.5, 0.5]


def test_no_organisation_counts_for_more_than_its_share() -> None:
    loud = make_choices(90, n_deciders=1, first=1)
    others = make_choices(12, n_deciders=12, first=100, seed=2)

    rows = compare([*loud, *others])

    share = rows.weights[rows.deciders == 1].sum() / rows.weights.sum()
    assert share == pytest.approx(MAX_SHARE)
    assert rows.weights[rows.deciders != 1].tolist() == [1.0] * 12


def test_too_few_organisations_count_alike() -> None:
    rows = compare([*make_choices(9, n_deciders=1), *make_choices(3, n_deciders=1, first=2)])

    assert rows.weights[rows.deciders == 1].sum() == pytest.approx(rows.weights[rows.deciders == 2].sum())


@given(st.lists(st.floats(0.1, 50.0), min_size=10, max_size=40), st.lists(st.integers(0, 9), max_size=60))
def test_shares_are_kept_whatever_the_weights_and_nobody_gains(first: list[float], more: list[int]) -> None:
    deciders = np.array([*range(len(first)), *more])
    weights = np.array([*first, *(first[id_] for id_ in more)])

    found = limited(weights, deciders, MAX_SHARE)

    totals = [found[deciders == id_].sum() for id_ in set(deciders.tolist())]
    assert max(totals) <= MAX_SHARE * found.sum() * (1 + 1e-9)
    assert (found <= weights * (1 + 1e-9)).all()
    assert (found > 0).all()


def test_nothing_at_all_is_no_comparison() -> None:
    rows = compare([])

    assert rows.signals.shape == (0, len(SIGNALS))
    assert rows.weights.shape == (0,)


def test_the_counts_say_what_is_lacking() -> None:
    decisions = [
        make_decision(make_view(1, 1)),
        make_decision(make_view(1, 2), wanted=False, decided_at=MADE_AT.replace(day=1, hour=0)),
        make_decision(make_view(1, 3, made_at=LATER), wanted=False, decided_at=MADE_AT),
        make_decision(make_view(1, 4), wanted=None),
        make_decision(make_view(2, 5)),
    ]

    evidence = evidence_of(decisions, choice_lists(decisions))

    assert (evidence.n_answers, evidence.n_about_fit, evidence.n_compared) == (5, 4, 3)
    assert (evidence.n_lists, evidence.n_deciders) == (1, 1)
    assert evidence.n_seen == 2
    assert evidence.lacking == [
        ("n_compared", 3, MIN_COMPARED), ("n_lists", 1, MIN_LISTS), ("n_deciders", 1, MIN_DECIDERS),
    ]  # fmt: skip
