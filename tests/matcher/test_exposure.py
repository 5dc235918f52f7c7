from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.exposure import FIRST, ListedFirm, crowded_firms, gini, lorenz, measure

counts = st.lists(st.integers(0, 30), max_size=20)
firms = st.lists(
    st.builds(
        ListedFirm,
        st.integers(1, 12),
        st.sampled_from((None, 1, 4)),
        st.booleans(),
        st.sampled_from((None, 1, 2)),
    ),
    unique_by=lambda firm: firm.id,
)
shown = st.dictionaries(st.integers(1, 9), st.lists(st.integers(1, 12), unique=True, max_size=12))


def firm(id_: int, team_size: int | None = 1, *, is_new: bool = False, district_id: int | None = 1):
    return ListedFirm(id_, team_size, is_new, district_id)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([5, 5, 5, 5], 0.0),
        ([0, 0, 0, 8], 0.75),  # one of n has all: (n - 1) / n
        ([1, 2, 3, 4], 0.25),  # the first n numbers: (n - 1) / (3 n)
        ([1, 3], 0.25),
        ([7], 0.0),
    ],
)
def test_gini_of_known_cases(found, expected):
    assert gini(found) == pytest.approx(expected)


@pytest.mark.parametrize("found", [[], [0, 0, 0]])
def test_without_an_impression_there_is_no_gini_and_no_curve(found):
    assert gini(found) is None
    assert lorenz(found) == []


@given(counts.filter(any))
def test_gini_is_the_area_between_the_curve_and_the_diagonal(found):
    points = lorenz(found)
    under = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(points))

    assert gini(found) == pytest.approx(1 - 2 * under)
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert all(y <= x + 1e-12 for x, y in points)


@given(counts, st.integers())
def test_gini_does_not_depend_on_the_order_or_on_the_unit(found, seed):
    shuffled = random.Random(seed).sample(found, len(found))

    assert gini(shuffled) == gini(found)
    if any(found):
        assert gini([3 * n for n in found]) == pytest.approx(gini(found))


@given(shown, firms, st.integers())
def test_the_order_of_firms_and_scenarios_changes_nothing(lists, rows, seed):
    rng = random.Random(seed)
    items = rng.sample(list(lists.items()), len(lists))

    assert measure(dict(items), rng.sample(rows, len(rows))) == measure(lists, rows)


@given(shown, firms)
def test_every_impression_and_every_firm_is_in_one_part_of_each_division(lists, rows):
    found = measure(lists, rows)

    for shares in (found.by_size, found.by_age, found.by_district):
        assert sum(share.n_firms for share in shares) == len(rows) == found.n_firms
        assert sum(share.n_impressions for share in shares) == found.n_impressions
    assert not set(found.crowded) & set(found.favoured)
    assert set(found.never) == {row.id for row in rows} - {
        id_ for ids in lists.values() for id_ in ids[:FIRST]
    }


def test_only_the_first_ten_of_a_list_count():
    found = measure({1: list(range(1, 13))}, [firm(id_) for id_ in range(1, 13)])

    assert (found.n_impressions, found.never) == (FIRST, (11, 12))


def test_shares_and_the_most_shown():
    found = measure(
        {1: [1, 2], 2: [1], 3: [1, 3]},
        [firm(1, 8), firm(2, is_new=True), firm(3, district_id=None), firm(4, None)],
    )

    assert [(s.kind, s.n_firms, s.n_impressions) for s in found.by_size] == [
        ("one_person", 2, 2),
        ("larger", 1, 3),
        ("unknown", 1, 0),
    ]
    assert [(s.kind, s.n_firms) for s in found.by_age] == [("established", 3), ("new", 1)]
    assert [(s.kind, s.n_firms) for s in found.by_district] == [(1, 3), (None, 1)]
    assert found.most == ((1, 3), (2, 1), (3, 1))
    assert found.never == (4,)
    assert (found.crowded, found.favoured) == ((1,), (2, 3))


def test_a_firm_that_is_no_longer_listed_has_no_impressions():
    assert measure({1: [1, 99]}, [firm(1)]).n_impressions == 1


@pytest.mark.parametrize(
    ("n_shown", "n_scenarios", "is_crowded"),
    [(2, 3, False), (3, 3, True), (3, 29, True), (3, 30, False), (10, 100, False), (11, 100, True)],
)
def test_crowded_is_who_is_in_more_than_a_tenth_of_the_lists_and_in_three_at_least(
    n_shown, n_scenarios, is_crowded
):
    assert (crowded_firms({7: n_shown}, n_scenarios=n_scenarios) == [7]) is is_crowded
