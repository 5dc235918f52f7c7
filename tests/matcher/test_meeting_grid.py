import pytest

from matcher.meeting_grid import HOLE, count_gaps, idle_gaps
from tests.matcher.small_events import clock, grid_of

TIMED = [
    {"id": number, "session": "morning", **times} for number, times in zip(range(1, 4), clock(), strict=False)
]


@pytest.mark.parametrize(
    ("busy", "gaps"), [(0b0, 0), (0b1, 0), (0b111, 0), (0b101, 1), (0b1001, 1), (0b10101, 2), (0b11011, 1)]
)
def test_a_gap_is_one_run_of_waiting(busy: int, gaps: int) -> None:
    assert count_gaps(busy) == gaps


def test_a_meeting_may_be_where_both_are_and_its_session_is() -> None:
    grid = grid_of(
        participants=[{"id": "a", "unavailable_slots": [1]}, {"id": "b"}, {"id": "c"}],
        meetings=[
            {"id": "x", "participants": ["a", "b"]},
            {"id": "y", "participants": ["b", "c"], "session": "afternoon"},
            {"id": "z", "participants": ["a", "c"], "forbidden_slots": [2]},
        ],
    )

    assert grid.allowed == ((1, 2), (2,), (2,))


def test_missing_ids_are_one_hole_in_which_people_wait() -> None:
    grid = grid_of(
        slots=[{"id": 1, "session": "any"}, {"id": 7, "session": "any"}, {"id": 8, "session": "any"}]
    )

    assert grid.slot_ids == (1, HOLE, 7, 8)
    assert grid.capacity == (2, 0, 2, 2)
    assert idle_gaps(grid, {0: 0, 1: 2}) == 1


def test_a_host_binds_its_meetings_to_its_table() -> None:
    grid = grid_of(participants=[{"id": "a", "table": 2}, {"id": "b"}, {"id": "c"}])

    assert grid.bound_table == (2, 2, None)
    assert [len(resources) for resources in grid.resources] == [3, 3, 2]


def test_a_closed_table_takes_room_and_the_meetings_bound_to_it() -> None:
    grid = grid_of(
        slots=[{"id": 1, "session": "any", "closed_tables": [2]}, {"id": 2, "session": "any"}],
        participants=[{"id": "a", "table": 2}, {"id": "b"}, {"id": "c"}],
    )

    assert grid.capacity == (1, 2)
    assert grid.allowed == ((1,), (1,), (0, 1))


def test_slots_nearer_than_the_buffer_clash() -> None:
    grid = grid_of(slots=TIMED, participants=[{"id": "a", "buffer_minutes": 20}, {"id": "b"}, {"id": "c"}])

    assert grid.clashes[0] == (0b010, 0b101, 0b010)
    assert grid.clashes[1] == (0, 0, 0)


def test_a_meeting_that_needs_longer_takes_only_longer_slots() -> None:
    longer = [*TIMED[:2], {"id": 3, "session": "morning", "start": "11:00", "end": "11:45"}]
    grid = grid_of(slots=longer, meetings=[{"id": "x", "participants": ["a", "b"], "min_minutes": 40}])

    assert grid.allowed == ((2,),)


def test_the_floor_asks_nobody_for_more_than_was_wished() -> None:
    grid = grid_of(
        fairness_floor=3, participants=[{"id": "a"}, {"id": "b", "max_meetings": 1}, {"id": "d"}, {"id": "c"}]
    )

    assert grid.floor == (2, 1, 0, 2)
    assert grid.served({0: 0, 1: 1}) == 4
