from typing import Any

import pytest
from hypothesis import given, settings

from matcher.linear_program import Limits
from matcher.meeting_grid import make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import keeps_rules, place, place_greedily
from tests.matcher.small_events import best_rank, events, fits, grid_of


@settings(max_examples=40, deadline=None)
@given(events())
def test_weight_and_floor_are_those_of_trying_everything(event: dict[str, Any]) -> None:
    grid = make_grid(make_instance(event))

    placed = place(grid, Limits())

    assert placed.placement is not None
    assert (grid.weight(placed.placement), grid.served(placed.placement)) == best_rank(grid)
    assert placed.is_proved(grid)
    assert placed.served_bound >= grid.served(placed.placement)


@given(events())
def test_greed_keeps_the_rules(event: dict[str, Any]) -> None:
    grid = make_grid(make_instance(event))

    placement: dict[int, int] = {}
    for wish, position in place_greedily(grid, {}).items():
        assert fits(grid, placement, wish, position)
        placement[wish] = position


def test_a_required_meeting_stands_before_heavier_ones() -> None:
    grid = grid_of(
        n_tables=1,
        slots=[{"id": 1, "session": "any"}],
        meetings=[
            {"id": "x", "participants": ["a", "b"], "weight": 9.0},
            {"id": "y", "participants": ["b", "c"], "required": True},
        ],
    )

    placed = place(grid, Limits())

    assert placed.placement == {1: 0}
    assert placed.bound == pytest.approx(1.0)


def test_the_floor_decides_between_plans_of_equal_weight() -> None:
    # One table, two slots: a meets b and c twice over, or everybody once.
    grid = grid_of(
        n_tables=1,
        slots=[{"id": 1, "session": "any"}, {"id": 2, "session": "any"}],
        participants=[{"id": who} for who in "abcd"],
        meetings=[
            {"id": "ab", "participants": ["a", "b"]},
            {"id": "ac", "participants": ["a", "c"]},
            {"id": "cd", "participants": ["c", "d"]},
        ],
    )

    placed = place(grid, Limits())

    assert placed.placement is not None
    assert set(placed.placement) == {0, 2}
    assert placed.served_bound == 4


def test_a_least_number_that_cannot_be_has_no_placement() -> None:
    grid = grid_of(participants=[{"id": "a", "min_meetings": 3}, {"id": "b"}, {"id": "c"}])

    placed = place(grid, Limits())

    assert placed.placement is None
    assert not keeps_rules(grid, {})
