import random

from hypothesis import given
from hypothesis import strategies as st

from matcher.explanation import word
from matcher.ranking import rank, rank_key
from matcher.scoring import ScoredMatch
from models.match import Band
from models.rotation import Rotation

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


crowds = st.builds(
    lambda crowded, favoured: Rotation(frozenset(crowded), frozenset(favoured - crowded)),
    st.sets(st.integers(1, 6)),
    st.sets(st.integers(1, 6)),
)


@given(matches, crowds, st.integers())
def test_rotation_moves_and_says_so_and_touches_neither_band_nor_score(found, rotation, seed):
    plain = {match.capability_id: match for match in found}
    ordered = rank(random.Random(seed).sample(found, len(found)), rotation=rotation)

    assert ordered == rank(found, rotation=rotation)
    for match in ordered:
        before = plain[match.capability_id]
        assert (match.band, match.score) == (before.band, before.score)
        assert [reason.code for reason in match.reasons] in (
            [],
            ["rotation_moved_up"],
            ["rotation_gave_way"],
        )
    moved = [match for match in ordered if match.reasons]
    assert bool(moved) == ([m.capability_id for m in ordered] != [m.capability_id for m in rank(found)])


def test_a_near_tie_is_turned_and_both_say_why():
    crowded, small = scored(1, 0.80), scored(2, 0.79)
    rotation = Rotation(frozenset({1}), frozenset({2}))

    first, second = rank([crowded, small], rotation=rotation)

    assert (first.capability_id, second.capability_id) == (2, 1)
    assert "同档内轮换" in word(first.reasons[0].code, {}, "zh")
    assert "Rotation within the band" in word(second.reasons[0].code, {}, "en")
