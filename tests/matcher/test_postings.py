"""The postings under the word index: segments, tails and rebuilding."""

import numpy as np
import pytest

from matcher.postings import ASKED_BEFORE, MIN_TAIL_POSTINGS, Segment, Shelf


def scores_by_id(shelf, terms):
    gathered = shelf.gather(terms)
    scores = shelf.scores(gathered, np.ones(len(terms)))
    return {int(doc_id): float(score) for doc_id, score in zip(shelf.ids, scores, strict=True) if score}


def test_a_segment_is_sorted_by_term_then_document():
    segment = Segment.build(
        np.array([5, 2, 5]), np.array([1, 0, 0], np.int32), np.array([1, 2, 3], np.float32)
    )

    assert segment.terms.tolist() == [2, 5]
    assert segment.ranges(np.array([5, 3, 2])) == ([1, 0, 0], [3, 0, 1])
    assert segment.slots.tolist() == [0, 0, 1]
    assert segment.counts.tolist() == [2.0, 3.0, 1.0]


def test_an_empty_segment_has_no_ranges():
    assert Segment.empty().ranges(np.array([0, 7])) == ([0, 0], [0, 0])


def test_an_empty_shelf_answers_nothing():
    shelf = Shelf()

    assert len(shelf) == 0
    assert scores_by_id(shelf, ["a"]) == {}


def test_document_frequencies_count_the_living_only():
    shelf = Shelf()
    for doc_id in range(4):
        shelf.add(doc_id, ["a", "b"] if doc_id % 2 else ["a"])
    shelf.remove(1)

    assert shelf.gather(["a", "b", "c"]).frequencies.tolist() == [3, 1, 0]


def test_removing_an_unknown_document_is_an_error():
    with pytest.raises(KeyError):
        Shelf().remove(1)


def test_a_document_can_come_back_under_its_id():
    shelf = Shelf()
    shelf.add(1, ["a"])
    shelf.remove(1)
    shelf.add(1, ["b"])

    assert scores_by_id(shelf, ["a"]) == {}
    assert set(scores_by_id(shelf, ["b"])) == {1}


def test_scores_do_not_depend_on_how_often_the_tail_was_folded():
    rng = np.random.default_rng(1)
    texts = [[f"w{n}" for n in rng.integers(0, 300, 40)] for _ in range(MIN_TAIL_POSTINGS // 20)]
    asked_often, asked_once = Shelf(), Shelf()
    for doc_id, tokens in enumerate(texts):
        asked_often.add(doc_id, tokens)
        asked_once.add(doc_id, tokens)
        asked_often.gather(["w1"])

    assert scores_by_id(asked_often, ["w1", "w2", "w3"]) == scores_by_id(asked_once, ["w1", "w2", "w3"])


def test_many_removals_rebuild_the_shelf_and_forget_dead_words():
    shelf = Shelf()
    for doc_id in range(2_500):
        shelf.add(doc_id, ["common", f"only{doc_id}"])
    shelf.gather(["common"])
    for doc_id in range(2_000):
        shelf.remove(doc_id)
    found = scores_by_id(shelf, ["common", "only3", "only2400"])

    assert set(found) == set(range(2_000, 2_500))
    assert shelf.ids.tolist() == list(range(2_000, 2_500))
    assert found[2400] > found[2401]


def test_a_shelf_comes_back_from_its_arrays():
    shelf = Shelf()
    for doc_id in range(50):
        shelf.add(doc_id * 3, ["a", "b", f"c{doc_id}", "a"])
    shelf.remove(9)
    before = scores_by_id(shelf, ["a", "c5"])
    again = Shelf.from_arrays(*shelf.to_arrays())
    again.add(1_000, ["z"])
    again.remove(1_000)

    assert scores_by_id(again, ["a", "c5"]) == before


@pytest.mark.parametrize(
    "damage",
    [
        {"lengths": np.zeros(1, np.int64)},
        {"slots": np.array([0, 9], np.int32)},
        {"terms": np.array([0, 9])},
        {"counts": np.zeros(1, np.float32)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(damage):
    shelf = Shelf()
    shelf.add(1, ["a"])
    shelf.add(2, ["b"])
    vocabulary, arrays = shelf.to_arrays()

    with pytest.raises(ValueError):
        Shelf.from_arrays(vocabulary, {**arrays, **damage})


def test_a_standing_shelf_answers_the_same_when_it_has_been_made_ready():
    rng = np.random.default_rng(4)
    shelf = Shelf()
    for doc_id in range(300):
        shelf.add(doc_id, ["common", *(f"w{n}" for n in rng.zipf(1.4, 20) % 50)])
    shelf.to_arrays()  # makes one base of all
    terms = ["common", *(f"w{n}" for n in range(50))]

    first = scores_by_id(shelf, terms)
    later = [scores_by_id(shelf, terms) for _ in range(ASKED_BEFORE + 2)]

    assert shelf._ready is not None
    assert shelf._ready.rows
    assert all(found == first for found in later)


def test_what_comes_later_is_found_beside_what_is_ready():
    shelf, plain = Shelf(), Shelf()
    for doc_id in range(40):
        for each in (shelf, plain):
            each.add(doc_id, ["a", "b"] if doc_id % 2 else ["a"])
    shelf.to_arrays()
    for _ in range(ASKED_BEFORE + 2):
        scores_by_id(shelf, ["a", "b"])
    for each in (shelf, plain):
        each.add(99, ["b", "c"])
        each.remove(3)

    assert scores_by_id(shelf, ["a", "b", "c"]) == scores_by_id(plain, ["a", "b", "c"])
