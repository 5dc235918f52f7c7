"""Sums are exact, equal ones share a rank, and evaluators who are far apart are flagged."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from models.jury import Mark
from models.jury_scores import SPREAD_LIMIT, results_of
from models.rubric import Criterion, default_criteria

CRITERIA = (Criterion("甲", 60, ("0", "1", "2", "3")), Criterion("乙", 40, ("0", "1", "2", "3")))


def marks(bid_id: int, juror_id: int, *scores: int) -> list[Mark]:
    return [
        Mark(bid_id=bid_id, juror_id=juror_id, position=position, score=score)
        for position, score in enumerate(scores, 1)
    ]


def test_points_are_weights_times_mean_scores() -> None:
    (row,) = results_of([*marks(1, 1, 3, 1), *marks(1, 2, 2, 0)], CRITERIA)

    assert row.points == 60 * Fraction(5, 6) + 40 * Fraction(1, 6)
    assert row.tenths == 567
    assert (row.criteria[0].mean, row.criteria[0].spread) == (Fraction(5, 2), 1)


def test_the_best_comes_first_and_equal_ones_share_a_rank() -> None:
    found = results_of([*marks(7, 1, 1, 1), *marks(3, 1, 2, 2), *marks(5, 1, 2, 2)], CRITERIA)

    assert [(row.bid_id, row.rank) for row in found] == [(3, 1), (5, 1), (7, 3)]


def test_two_steps_apart_are_flagged_and_a_change_of_mind_lifts_it() -> None:
    far = [*marks(1, 1, 3, 2), *marks(1, 2, 1, 2)]
    (before,) = results_of(far, CRITERIA)
    far[0].revised_score = 2
    (after,) = results_of(far, CRITERIA)

    assert SPREAD_LIMIT == 2
    assert (before.n_flagged, after.n_flagged) == (1, 0)
    assert (after.criteria[0].first_spread, after.criteria[0].spread) == (2, 1)
    assert after.criteria[0].first == {1: 3, 2: 1}


def test_nothing_judged_is_no_result() -> None:
    assert results_of([], CRITERIA) == []


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=6), st.randoms())
def test_points_lie_between_nothing_and_all_whatever_the_order(rows: list[list[int]], random) -> None:
    given_marks = [mark for juror, scores in enumerate(rows, 1) for mark in marks(1, juror, *scores)]
    shuffled = random.sample(given_marks, len(given_marks))

    (row,) = results_of(given_marks, default_criteria("zh"))
    (other,) = results_of(shuffled, default_criteria("zh"))

    assert 0 <= row.points <= 100
    assert other.points == row.points
    assert abs(row.tenths - row.points * 10) <= Fraction(1, 2)
