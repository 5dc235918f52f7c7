import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.grid import mean_rows, on_grid, unit_rows


@given(st.integers(0, 10_000))
def test_a_cosine_on_the_grid_has_one_value_in_whatever_order_it_is_added(seed):
    rng = np.random.default_rng(seed)
    rows = on_grid(unit_rows(rng.standard_normal((7, 384)).astype(np.float32)))
    order = rng.permutation(384)

    together = rows @ rows.T
    shuffled = np.ascontiguousarray(rows[:, order]) @ np.ascontiguousarray(rows[:, order]).T
    exact = rows.astype(np.float64) @ rows.astype(np.float64).T

    assert together.tolist() == shuffled.tolist() == exact.tolist()


def test_the_grid_is_held_by_half_precision_without_loss():
    rows = on_grid(unit_rows(np.random.default_rng(1).standard_normal((50, 384)).astype(np.float32)))

    assert np.array_equal(rows.astype(np.float16).astype(np.float32), rows)


def test_rounding_moves_a_row_hardly():
    rows = unit_rows(np.random.default_rng(2).standard_normal((50, 384)).astype(np.float32))

    assert np.abs(np.einsum("ij,ij->i", on_grid(rows), rows) - 1).max() < 1e-3


def test_zeros_stay_zeros():
    assert not on_grid(unit_rows(np.zeros((2, 5), np.float32))).any()


def test_the_mean_of_a_run_is_a_direction_and_an_empty_run_has_none():
    rows = on_grid(np.array([[1, 0], [0, 1], [-1, 0]], np.float32))

    means = mean_rows(rows, np.array([0, 2, 2, 3]))

    assert means[0].tolist() == on_grid(np.array([[0.5**0.5, 0.5**0.5]], np.float32))[0].tolist()
    assert means[1].tolist() == [0, 0]
    assert means[2].tolist() == [-1, 0]
