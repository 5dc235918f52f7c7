from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matcher.centring import unit_rows
from matcher.clusters import MAX_ITEMS, cluster, medoid
from matcher.grid import on_grid

rows = st.integers(0, 14).flatmap(
    lambda n: arrays(np.float32, (n, 6), elements=st.integers(-3, 3).map(np.float32)).map(unit_rows)
)
thresholds = st.sampled_from((0.2, 0.5, 0.8))


def direction(*degrees: float) -> np.ndarray:
    """Unit vectors of the plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def means(vectors: np.ndarray, one: list[int], other: list[int]) -> float:
    grid = on_grid(vectors).astype(np.float64)
    return float((grid[one] @ grid[other].T).mean())


def test_what_points_the_same_way_is_one_group():
    assert cluster(direction(0, 90, 5, 95, 180), threshold=0.9) == [[0, 2], [1, 3], [4]]


def test_the_most_alike_come_together_first_and_the_mean_decides():
    # 0 and 20 join; to 50 their mean cosine is (.643 + .866) / 2 = .754.
    assert cluster(direction(0, 20, 50), threshold=0.75) == [[0, 1, 2]]
    assert cluster(direction(0, 20, 50), threshold=0.76) == [[0, 1], [2]]


@given(rows, thresholds)
def test_every_row_is_in_exactly_one_group(vectors, threshold):
    groups = cluster(vectors, threshold=threshold)

    assert sorted(row for group in groups for row in group) == list(range(len(vectors)))
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)


@given(rows, thresholds)
def test_no_two_groups_are_left_that_belong_together(vectors, threshold):
    groups = cluster(vectors, threshold=threshold)

    together = [means(vectors, a, b) for a in groups for b in groups if a is not b]
    assert all(mean < threshold for mean in together)


@given(rows, thresholds)
def test_it_is_what_looking_at_every_pair_again_each_time_gives(vectors, threshold):
    groups = [[row] for row in range(len(vectors))]
    while len(groups) > 1:
        pairs = [(i, j) for i in range(len(groups)) for j in range(i + 1, len(groups))]
        sums = {pair: means(vectors, groups[pair[0]], groups[pair[1]]) for pair in pairs}
        first = min(pairs, key=lambda pair: (-round(sums[pair], 12), groups[pair[0]][0], groups[pair[1]][0]))
        if round(sums[first], 12) < threshold:
            break
        groups[first[0]] = sorted(groups[first[0]] + groups.pop(first[1]))

    assert cluster(vectors, threshold=threshold) == sorted(groups, key=lambda g: (-len(g), g[0]))


def test_texts_without_a_vector_stay_alone():
    vectors = np.concatenate([np.zeros((2, 2), np.float32), direction(0, 1)])

    assert cluster(vectors, threshold=0.1) == [[2, 3], [0], [1]]


def test_nothing_gives_nothing():
    assert cluster(np.empty((0, 4), np.float32), threshold=0.5) == []


def test_the_medoid_is_in_the_middle_and_the_first_among_equals():
    assert medoid(direction(0, 40, 80, 200), [0, 1, 2]) == 1
    assert medoid(direction(0, 40), [0, 1]) == 0


@pytest.mark.parametrize("threshold", [0.0, -0.5])
def test_a_threshold_that_joins_strangers_is_refused(threshold):
    with pytest.raises(ValueError, match="threshold"):
        cluster(direction(0), threshold=threshold)


def test_too_many_items_are_refused():
    with pytest.raises(ValueError, match="items"):
        cluster(np.zeros((MAX_ITEMS + 1, 2), np.float32), threshold=0.5)
