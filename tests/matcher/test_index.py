"""Search over a snapshot: exact, ordered, the same however it is asked."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.index import VectorIndex

DIM = 16


def unit_rows(n, *, seed=0, dim=DIM):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def plain_search(ids, vectors, query, n, allowed=None):
    """All cosines, sorted by score and id."""
    scores = np.einsum("ij,j->i", vectors.astype(np.float64), query.astype(np.float64))
    ranked = sorted(zip(-scores, ids, strict=True))
    return [(doc_id, -score) for score, doc_id in ranked if allowed is None or doc_id in allowed][:n]


@settings(deadline=None)
@given(
    n_documents=st.integers(0, 60),
    n_distinct=st.integers(1, 8),
    n=st.integers(0, 70),
    seed=st.integers(0, 1000),
    share=st.none() | st.floats(0, 1),
)
def test_search_is_exact_with_ties_by_id(n_documents, n_distinct, n, seed, share):
    rng = np.random.default_rng(seed)
    vectors = unit_rows(n_distinct, seed=seed)[rng.integers(0, n_distinct, n_documents)]
    ids = np.sort(rng.choice(1_000, n_documents, replace=False)).tolist()
    allowed = None if share is None else {i for i in range(1_000) if rng.random() < share}
    query = unit_rows(1, seed=seed + 1)

    (found,) = VectorIndex(ids, vectors).search(query, n=n, allowed=allowed)

    expected = plain_search(ids, vectors, query[0], n, allowed)
    assert [hit.id for hit in found] == [doc_id for doc_id, _ in expected]
    assert [hit.score for hit in found] == pytest.approx([score for _, score in expected], abs=1e-12)


def test_ties_at_the_cut_go_to_the_lowest_ids_even_among_thousands():
    vectors = np.repeat(unit_rows(1), 3_000, axis=0)
    (hits,) = VectorIndex(range(10, 3_010), vectors).search(unit_rows(1), n=5)

    assert [hit.id for hit in hits] == [10, 11, 12, 13, 14]
    assert hits[0].score == pytest.approx(1.0)


def test_the_answer_does_not_depend_on_the_batch():
    index, queries = VectorIndex(range(5_000), unit_rows(5_000)), unit_rows(64, seed=1)
    together = index.search(queries, n=20)

    assert [index.search(queries[i : i + 1], n=20)[0] for i in range(64)] == together
    assert [hits for i in range(0, 64, 8) for hits in index.search(queries[i : i + 8], n=20)] == together


def test_an_empty_index_and_no_queries_give_empty_answers():
    assert VectorIndex([], np.empty((0, DIM), np.float32)).search(unit_rows(2), n=5) == [[], []]
    assert VectorIndex([1], unit_rows(1)).search(unit_rows(0), n=5) == []
    assert VectorIndex([1], unit_rows(1)).search(unit_rows(1), n=5, allowed=[]) == [[]]


@pytest.mark.parametrize("queries", [unit_rows(1, dim=DIM + 1), unit_rows(1)[0]])
def test_queries_of_another_dimension_are_refused(queries):
    with pytest.raises(ValueError, match="dimension 16"):
        VectorIndex([1], unit_rows(1)).search(queries, n=1)


def test_many_threads_get_the_same_answers():
    index, queries = VectorIndex(range(3_000), unit_rows(3_000)), unit_rows(6, seed=1)
    expected, answers = index.search(queries, n=10), []

    def search():
        answers.extend(index.search(queries, n=10, allowed=None) == expected for _ in range(50))

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [True] * 200


@pytest.mark.parametrize("n_queries", [1, 64])
def test_a_forked_child_can_search_after_its_parent_has(n_queries):
    index, queries = VectorIndex(range(2_000), unit_rows(2_000)), unit_rows(n_queries, seed=1)
    index.search(queries, n=5)
    child = os.fork()
    if child == 0:
        index.search(queries, n=5)
        os._exit(0)
    until = time.monotonic() + 20
    done, status = os.waitpid(child, os.WNOHANG)
    while not done and time.monotonic() < until:
        time.sleep(0.02)
        done, status = os.waitpid(child, os.WNOHANG)
    if not done:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert (done, status) == (child, 0)


def test_a_similarity_has_one_value_whatever_is_asked_beside_it():
    index, queries = VectorIndex(range(500), unit_rows(500)), unit_rows(7, seed=1)
    together = index.similarities(queries, range(500))

    assert [
        [index.similarities(queries[[i]], [row])[0, 0] for row in range(0, 500, 50)] for i in range(7)
    ] == together[:, ::50].tolist()
