import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import likeness
from matcher.grid import unit_rows
from matcher.likeness import ChunkSet, _Runs, hubness, likenesses

DIM = 12
sizes = st.lists(st.integers(0, 20), min_size=1, max_size=12)


def chunk_set(sizes, seed):
    rng = np.random.default_rng(seed)
    return ChunkSet.of([unit_rows(rng.standard_normal((n, DIM)).astype(np.float32)) for n in sizes], DIM)


@given(sizes, sizes, st.integers(0, 1000))
def test_many_needs_at_once_are_as_alike_as_one_by_one(documents, needs, seed):
    offers, asked = chunk_set(documents, seed), chunk_set(needs, seed + 1)

    together = likenesses(offers, asked)

    alone = [offers.best_and_back(asked.only(at).chunks) for at in range(len(asked))]
    assert together.tolist() == np.stack(alone, axis=1).tolist()


def test_however_many_are_compared_at_once_the_figures_are_the_same(monkeypatch):
    offers, asked = chunk_set([3, 0, 9, 1, 17, 2], 1), chunk_set([4, 1, 0, 6], 2)
    whole = likenesses(offers, asked)

    monkeypatch.setattr(likeness, "_FIGURES_AT_ONCE", 20)

    assert likenesses(offers, asked).tolist() == whole.tolist()


def test_hubness_is_the_mean_over_the_needs():
    offers, asked = chunk_set([3, 0, 9], 1), chunk_set([4, 1, 6], 2)

    assert hubness(offers, asked) == pytest.approx(likenesses(offers, asked).mean(axis=1))
    assert hubness(offers, chunk_set([], 3)).tolist() == [0, 0, 0]


@given(sizes, st.integers(0, 1000))
def test_parts_of_a_set_are_its_documents(sizes, seed):
    whole = chunk_set(sizes, seed)
    last = len(whole) - 1

    assert np.array_equal(whole.only(last).chunks, whole.between(last, last + 1).chunks)
    assert np.array_equal(whole.at(np.array([last, 0])).only(0).chunks, whole.only(last).chunks)
    assert np.array_equal(whole.at(np.array([last, 0])).only(1).chunks, whole.only(0).chunks)


def test_long_runs_are_compared_like_short_ones():
    values = np.random.default_rng(3).integers(0, 9, (90, 4)).astype(np.float32)
    sizes = np.array([1, 40, 3, 17, 16, 13])
    begin = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    runs = _Runs.of(begin, sizes)

    assert np.array_equal(runs.best(values), np.maximum.reduceat(values, begin, axis=0)[runs.order])
    sums = np.add.reduceat(values, begin, axis=0, dtype=np.float64)[runs.order]
    assert np.array_equal(runs.sums(values), sums)
