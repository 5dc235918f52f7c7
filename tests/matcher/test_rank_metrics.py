"""The figures of a ranking, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.rank_metrics import bootstrap_interval, ndcg, paired_lead, recall, reciprocal_rank

GRADES = {"a": 2.0, "b": 1.0}
RANKINGS = st.permutations(["a", "b", "c", "d", "e"])


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    ideal = 2 + 1 / math.log2(3)

    assert ndcg(["a", "b"], GRADES, n=10) == pytest.approx(1)
    assert ndcg(["b", "x", "a"], GRADES, n=10) == pytest.approx((1 + 2 / math.log2(4)) / ideal)
    assert ndcg(["x", "a"], GRADES, n=1) == 0


def test_the_ideal_is_cut_at_the_same_depth() -> None:
    assert ndcg(["a"], GRADES, n=1) == pytest.approx(1)


def test_recall_is_the_share_found() -> None:
    assert recall(["a", "x", "b"], GRADES, n=2) == 0.5
    assert recall([], GRADES, n=10) == 0


def test_reciprocal_rank_looks_at_the_first_that_is_relevant() -> None:
    assert reciprocal_rank(["x", "b", "a"], GRADES, n=10) == 0.5
    assert reciprocal_rank(["x", "b"], GRADES, n=1) == 0


@given(RANKINGS)
def test_no_ranking_beats_the_ideal_one(ranked: list[str]) -> None:
    assert 0 <= ndcg(ranked, GRADES, n=3) <= ndcg(["a", "b"], GRADES, n=3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_interval_holds_the_mean_and_is_the_same_each_time(values: list[float]) -> None:
    interval = bootstrap_interval(np.array(values))

    assert interval.low - 1e-9 <= interval.mean <= interval.high + 1e-9
    assert interval == bootstrap_interval(np.array(values))


def test_equal_values_have_no_width() -> None:
    interval = bootstrap_interval(np.full(20, 0.5))

    assert (interval.low, interval.mean, interval.high) == (0.5, 0.5, 0.5)


def test_a_lead_on_every_query_is_no_chance() -> None:
    lead = paired_lead(np.full(30, 0.6), np.full(30, 0.5))

    assert (lead.mean, lead.low, lead.high) == pytest.approx((0.1, 0.1, 0.1))
    assert lead.p == 0


def test_equal_systems_have_no_lead() -> None:
    lead = paired_lead(np.full(30, 0.5), np.full(30, 0.5))

    assert (lead.mean, lead.p) == (0, 1)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=30))
def test_a_lead_turned_round_is_the_other_systems(values: list[tuple[float, float]]) -> None:
    ours, theirs = np.array(values).T

    there, back = paired_lead(ours, theirs), paired_lead(theirs, ours)

    assert there.mean == pytest.approx(-back.mean)
    assert there.p == pytest.approx(back.p)
