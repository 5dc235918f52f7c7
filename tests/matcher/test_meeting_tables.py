from typing import Any

from hypothesis import given

from matcher.meeting_grid import make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import place_greedily
from matcher.meeting_tables import assign_tables, table_changes
from tests.matcher.small_events import events, grid_of

BOTH = {0: [1, 2], 1: [1, 2], 2: [1, 2]}


@given(events())
def test_no_table_is_given_twice_and_bound_ones_are_kept(event: dict[str, Any]) -> None:
    instance = make_instance(event)
    grid = make_grid(instance)
    placement = place_greedily(grid, {})
    slots = {slot.id: slot for slot in instance.slots}
    open_tables = {
        position: set(range(1, instance.n_tables + 1)) - set(slots[slot_id].closed_tables)
        for position, slot_id in enumerate(grid.slot_ids)
        if slot_id in slots
    }

    tables = assign_tables(grid, placement, open_tables)

    assert tables.keys() == placement.keys()
    assert len({(placement[wish], table) for wish, table in tables.items()}) == len(tables)
    for wish, table in tables.items():
        assert table in open_tables[placement[wish]]
        assert grid.bound_table[wish] in (None, table)


def test_whoever_meets_again_stays_at_the_table() -> None:
    grid = grid_of(
        participants=[{"id": who} for who in "abcd"],
        meetings=[
            {"id": "ab", "participants": ["a", "b"]},
            {"id": "cd", "participants": ["c", "d"]},
            {"id": "bc", "participants": ["b", "c"]},
            {"id": "ad", "participants": ["a", "d"]},
        ],
    )
    placement = {0: 0, 1: 0, 2: 1, 3: 1}

    tables = assign_tables(grid, placement, BOTH)

    assert table_changes(grid, placement, tables) == 2


def test_an_earlier_table_is_kept_where_it_can_be() -> None:
    grid = grid_of()

    assert assign_tables(grid, {0: 0}, BOTH, earlier={0: 2}) == {0: 2}
