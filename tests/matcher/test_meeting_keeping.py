from matcher.linear_program import Limits
from matcher.meeting_keeping import keep
from tests.matcher.small_events import grid_of


def test_what_can_stay_is_nailed_down() -> None:
    kept = keep(grid_of(), {0: 2, 1: 1}, Limits())

    assert kept.start == {0: 2, 1: 1}
    assert kept.grid.allowed[:2] == ((2,), (1,))
    assert {0, 1} <= kept.grid.required


def test_only_what_must_move_moves() -> None:
    late = [{"id": "a"}, {"id": "b", "unavailable_slots": [1]}, {"id": "c"}]

    kept = keep(grid_of(participants=late), {0: 0, 1: 1}, Limits())

    assert kept.start == {0: 2, 1: 1}
    assert kept.grid.allowed[1] == (1,)
    assert kept.grid.allowed[0] == (1, 2)


def test_another_is_moved_where_that_saves_a_meeting() -> None:
    # b can come in slot 2 only, where a has c.
    late = [{"id": "a"}, {"id": "b", "unavailable_slots": [1, 3]}, {"id": "c"}]

    kept = keep(grid_of(participants=late), {0: 0, 1: 1}, Limits())

    assert kept.start[0] == 1
    assert kept.start[1] in (0, 2)


def test_a_slot_that_is_gone_keeps_nobody() -> None:
    kept = keep(grid_of(), {0: -1}, Limits())

    assert kept.start[0] in (0, 1, 2)
