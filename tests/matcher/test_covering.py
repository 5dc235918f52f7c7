from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.covering import (
    Budget,
    Cover,
    Piece,
    best_cover,
    bits,
    cover_of,
    cover_of_size,
    greedy_cover,
    lower_bound,
    undominated,
    union,
)

PLENTY = 100_000


@st.composite
def markets(draw: st.DrawFn, n_points: int = 5, n_pieces: int = 7) -> list[Piece]:
    """Small markets with many ties."""
    masks = st.integers(0, 2**n_points - 1)
    drawn = draw(st.lists(st.tuples(masks, masks, st.integers(0, 3)), max_size=n_pieces))
    return [Piece(key, cover, met & cover, strength) for key, (cover, met, strength) in enumerate(drawn, 1)]


def best_by_trying_all(pieces: list[Piece], points: int) -> Cover | None:
    covers = [
        cover_of(chosen, points)
        for size in range(len(pieces) + 1)
        for chosen in combinations(pieces, size)
        if points & ~union(chosen) == 0
    ]
    return min(covers, key=lambda cover: cover.rank, default=None)


@given(markets())
def test_the_search_finds_what_trying_everything_finds(pieces: list[Piece]) -> None:
    points = union(pieces)

    found = best_cover(undominated(pieces), points, Budget(PLENTY))

    assert found.is_complete
    assert found.best == best_by_trying_all(pieces, points)
    assert found.lower_bound == len(found.best.keys)


@given(markets())
def test_greed_covers_and_is_bounded_from_both_sides(pieces: list[Piece]) -> None:
    points = union(pieces)

    greedy, best = greedy_cover(pieces, points), best_by_trying_all(pieces, points)

    assert greedy is not None and best is not None
    chosen = [piece for piece in pieces if piece.key in greedy.keys]
    assert points & ~union(chosen) == 0
    assert lower_bound(pieces, points) <= min(len(best.keys), len(greedy.keys))
    # Nobody in it is superfluous.
    for left_out in chosen:
        others = [piece for piece in chosen if piece is not left_out]
        assert points & ~union(others) or cover_of(others, points).cost >= greedy.cost
    assert best.cost <= greedy.cost


def test_points_that_nobody_covers_leave_nothing_to_find() -> None:
    pieces = [Piece(1, 0b01, 0, 0)]

    assert best_cover(pieces, 0b11, Budget(PLENTY)).best is None
    assert greedy_cover(pieces, 0b11) is None


def test_nothing_to_cover_needs_nobody() -> None:
    assert best_cover([], 0, Budget(PLENTY)).best == Cover((), 0, 0)
    assert greedy_cover([], 0) == Cover((), 0, 0)


def test_the_bound_counts_points_that_share_no_piece() -> None:
    # One large piece makes the bound by size useless: 6 points, at most 3 at once, but three need their own.
    pieces = [
        Piece(1, 0b000111, 0, 0),
        Piece(2, 0b001000, 0, 0),
        Piece(3, 0b010000, 0, 0),
        Piece(4, 0b100000, 0, 0),
    ]

    assert lower_bound(pieces, 0b111111) == 4


def test_whoever_another_can_stand_in_for_is_left_out() -> None:
    strong, same_but_weaker, less, other = (
        Piece(4, 0b11, 0b01, 5),
        Piece(1, 0b11, 0b01, 4),
        Piece(2, 0b01, 0b01, 5),
        Piece(3, 0b11, 0b10, 1),
    )

    # The equally strong one with the smaller id is no stand-in: ids decide last.
    assert undominated([strong, same_but_weaker, less, other]) == [less, other, strong]


def test_running_out_of_nodes_is_said() -> None:
    pieces = [Piece(key, 1 << (key % 8) | 1 << (key * 3 % 8), 0, key) for key in range(1, 9)]

    found = best_cover(pieces, union(pieces), Budget(2))

    assert not found.is_complete
    assert found.lower_bound >= 1


def test_a_size_can_be_shown_to_be_impossible() -> None:
    pieces = [Piece(1, 0b01, 0, 0), Piece(2, 0b10, 0, 0)]

    found = cover_of_size(pieces, 0b11, size=1, budget=Budget(PLENTY))

    assert (found.best, found.is_complete) == (None, True)


def test_a_wish_for_points_covered_well_is_kept() -> None:
    pieces = [Piece(1, 0b11, 0b01, 9), Piece(2, 0b11, 0b11, 0)]

    found = cover_of_size(pieces, 0b11, size=1, budget=Budget(PLENTY), n_met=2)

    assert found.best is not None and found.best.keys == (2,)
    assert cover_of_size(pieces[:1], 0b11, size=1, budget=Budget(PLENTY), n_met=2).best is None


@pytest.mark.parametrize(("helper", "keys"), [(0b0001, (1,)), (0b0011, (1, 2)), (0b0111, (1, 2))])
def test_one_more_is_taken_where_it_makes_two_points_better(helper: int, keys: tuple[int, ...]) -> None:
    pieces = [Piece(1, 0b1111, 0b1000, 5), Piece(2, helper, helper, 1)]

    found = best_cover(pieces, 0b1111, Budget(PLENTY))

    assert found.best is not None and found.best.keys == keys
    assert greedy_cover(pieces, 0b1111) == found.best
    assert found.lower_bound == len(keys)


@pytest.mark.parametrize(("points", "singles"), [(0, []), (0b101, [0b1, 0b100])])
def test_points_are_taken_apart(points: int, singles: list[int]) -> None:
    assert bits(points) == singles
