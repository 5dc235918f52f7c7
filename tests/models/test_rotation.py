"""Rotation moves near ties within a band and nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.match import Band
from models.match_queries import BAND_ORDER
from models.rotation import NO_ROTATION, Move, Rotation, Standing, log_odds, rotate

CROWDED, FAVOURED, OTHER = 1, 2, 3

standings = st.lists(
    st.builds(Standing, st.integers(1, 12), st.sampled_from(Band), st.integers(0, 20).map(lambda n: n / 100)),
    unique_by=lambda row: row.organisation_id,
    max_size=12,
).map(lambda rows: sorted(rows, key=lambda row: (BAND_ORDER[row.band], -row.score, row.organisation_id)))
rotations = st.builds(
    lambda crowded, favoured: Rotation(frozenset(crowded), frozenset(favoured - crowded)),
    st.sets(st.integers(1, 12)),
    st.sets(st.integers(1, 12)),
)


def standing(row: Standing) -> Standing:
    return row


def order(rows: list[Standing], rotation: Rotation) -> list[Standing]:
    return [row for row, _ in rotate(rows, standing, rotation)]


def rotated(*rows: tuple[int, float], band: Band = Band.STRONG) -> list[tuple[int, Move]]:
    rotation = Rotation(frozenset({CROWDED}), frozenset({FAVOURED}))
    found = rotate([Standing(id_, band, score) for id_, score in rows], standing, rotation)
    return [(row.organisation_id, move) for row, move in found]


def test_a_crowded_firm_gives_way_to_a_favoured_one_in_a_near_tie() -> None:
    assert rotated((CROWDED, 0.9), (FAVOURED, 0.885)) == [(FAVOURED, Move.MOVED_UP), (CROWDED, Move.GAVE_WAY)]


def test_beyond_the_margin_nobody_moves() -> None:
    assert rotated((CROWDED, 0.9), (FAVOURED, 0.875)) == [(CROWDED, Move.NONE), (FAVOURED, Move.NONE)]


def test_a_firm_between_the_two_keeps_its_place_before_the_favoured_one() -> None:
    found = rotated((CROWDED, 0.9), (OTHER, 0.89), (FAVOURED, 0.885))

    assert found == [(OTHER, Move.NONE), (FAVOURED, Move.MOVED_UP), (CROWDED, Move.GAVE_WAY)]


def test_nobody_gives_way_to_a_firm_that_is_not_favoured() -> None:
    assert rotated((CROWDED, 0.9), (OTHER, 0.9)) == [(CROWDED, Move.NONE), (OTHER, Move.NONE)]


@pytest.mark.parametrize("band", [Band.WEAK, Band.NOT_ENOUGH_INFORMATION])
def test_what_pages_do_not_show_unasked_does_not_move(band: Band) -> None:
    found = rotated((CROWDED, 0.9), (FAVOURED, 0.9), band=band)

    assert [move for _, move in found] == [Move.NONE, Move.NONE]


@pytest.mark.parametrize("score", [0.02, 0.2, 0.5, 0.9, 0.98])
def test_the_margin_is_as_wide_anywhere_on_the_scale(score: float) -> None:
    def lower(by: float) -> float:
        return 1 / (1 + math.exp(by - log_odds(score)))

    assert rotated((CROWDED, score), (FAVOURED, lower(0.19)))[0][0] == FAVOURED
    assert rotated((CROWDED, score), (FAVOURED, lower(0.21)))[0][0] == CROWDED


def test_scores_at_either_end_are_near_themselves_only() -> None:
    assert rotated((CROWDED, 1.0), (FAVOURED, 1.0))[0][0] == FAVOURED
    assert rotated((CROWDED, 1.0), (FAVOURED, 0.999))[0][0] == CROWDED
    assert rotated((CROWDED, 0.001), (FAVOURED, 0.0))[0][0] == CROWDED


@given(standings)
def test_off_is_the_same_order(rows: list[Standing]) -> None:
    assert rotate(rows, standing, NO_ROTATION) == [(row, Move.NONE) for row in rows]


@given(standings, rotations)
def test_no_band_is_ever_crossed_and_nobody_is_lost(rows: list[Standing], rotation: Rotation) -> None:
    found = order(rows, rotation)

    assert [row.band for row in found] == [row.band for row in rows]
    assert sorted(found, key=rows.index) == rows


@given(standings, rotations)
def test_only_crowded_firms_are_overtaken_and_only_within_the_margin(
    rows: list[Standing], rotation: Rotation
) -> None:
    found = order(rows, rotation)

    for at, below in enumerate(found):
        for above in found[:at]:
            if rows.index(above) > rows.index(below):
                assert below.organisation_id in rotation.crowded
                assert log_odds(below.score) - log_odds(above.score) <= rotation.margin


@given(standings, rotations)
def test_all_others_keep_the_order_among_themselves(rows: list[Standing], rotation: Rotation) -> None:
    def others(listed: list[Standing]) -> list[Standing]:
        return [row for row in listed if row.organisation_id not in rotation.crowded]

    assert others(order(rows, rotation)) == others(rows)


@given(standings, rotations)
def test_a_firm_says_that_it_moved_exactly_if_rotation_is_why(
    rows: list[Standing], rotation: Rotation
) -> None:
    for row, move in rotate(rows, standing, rotation):
        if move is Move.GAVE_WAY:
            assert row.organisation_id in rotation.crowded
        if move is Move.MOVED_UP:
            assert row.organisation_id in rotation.favoured
    moved = [move for _, move in rotate(rows, standing, rotation)]
    assert (Move.GAVE_WAY in moved) == (Move.MOVED_UP in moved) == (order(rows, rotation) != rows)
