import random

from hypothesis import given
from hypothesis import strategies as st

from matcher.ranking import rank, rank_key
from matcher.scoring import ScoredMatch
from models.match import Band

# Few values of each kind, so that ties are common: (capability, score in tenths, band).
pairs = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2), st.sampled_from(Band)), max_size=8)
matches = pairs.map(
    lambda rows: [scored(at, tenths / 10, band) for at, (tenths, band) in {r[0]: r[1:] for r in rows}.items()]
)


def scored(capability_id, score, band=Band.POSSIBLE):
    return ScoredMatch(1, capability_id, capability_id, score, band)


@given(matches, st.integers())
def test_the_order_does_not_depend_on_the_order_of_arrival(found, seed):
    shuffled = random.Random(seed).sample(found, len(found))

    assert rank(shuffled) == rank(found)


@given(matches, st.integers(0, 20))
def test_fewer_are_the_first_of_all(found, n):
    assert rank(found, n=n) == rank(found)[:n]


@given(matches)
def test_no_two_pairs_share_a_place(found):
    assert len({rank_key(match) for match in found}) == len(found)


def test_the_band_comes_before_the_score_and_equal_scores_go_by_id():
    strong, first, second = scored(9, 0.2, Band.STRONG), scored(3, 0.7), scored(5, 0.7)

    assert rank([second, first, strong]) == [strong, first, second]


def test_abstentions_come_last():
    silent, weak = scored(1, 0.99, Band.NOT_ENOUGH_INFORMATION), scored(2, 0.01, Band.WEAK)

    assert rank([silent, weak]) == [weak, silent]
