from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from matcher.meeting_board import Board
from matcher.meeting_grid import busy_masks, idle_gaps, make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import place_greedily
from tests.matcher.small_events import events, fits, grid_of


@given(events(), st.data())
def test_any_row_of_swaps_and_exchanges_keeps_the_rules_and_the_figures(
    event: dict[str, Any], data: st.DataObject
) -> None:
    grid = make_grid(make_instance(event))
    board = Board(grid, place_greedily(grid, {}))
    for _ in range(12):
        move(board, data)

    placement: dict[int, int] = {}
    for wish, position in board.placement().items():
        assert position in grid.allowed[wish]
        assert fits_but_for_tables(board, placement, wish, position)
        placement[wish] = position
    assert board.gaps == idle_gaps(grid, placement)
    assert board.mask == busy_masks(grid, placement)
    assert board.n_meetings == grid.counts(placement)
    loads = [sum(at == position for at in placement.values()) for position in range(grid.n_positions)]
    assert board.overflow == sum(max(n - room, 0) for n, room in zip(loads, grid.capacity, strict=True))


def move(board: Board, data: st.DataObject) -> None:
    """One random change, where it is legal."""
    wishes = [wish for wish in range(board.grid.n_wishes) if board.grid.allowed[wish]]
    if not wishes:
        return
    wish = data.draw(st.sampled_from(wishes))
    position = data.draw(st.sampled_from(board.grid.allowed[wish]))
    if board.position[wish] < 0:
        exchange = board.exchange(wish, position)
        if exchange is not None:
            board.take(exchange)
    elif board.position[wish] != position:
        chain = board.chain(wish, position)
        if chain is not None:
            board.swap(chain, waits=board.waits(chain), crowding=board.crowding(chain))


def fits_but_for_tables(board: Board, placement: dict[int, int], wish: int, position: int) -> bool:
    """Swaps may leave meetings without a table on the way; everything else holds at every step."""
    at_once = {other: at for other, at in placement.items() if at == position}
    nobody_twice = all(
        not set(board.grid.resources[wish]) & set(board.grid.resources[other]) for other in at_once
    )
    elsewhere = {other: at for other, at in placement.items() if at != position}
    return nobody_twice and (
        board.grid.capacity[position] == 0 or fits(board.grid, elsewhere, wish, position)
    )


def test_a_swap_moves_the_whole_chain() -> None:
    grid = grid_of()
    board = Board(grid, {0: 0, 1: 1})

    chain = board.chain(0, 1)

    assert chain is not None
    board.swap(chain, waits=board.waits(chain), crowding=board.crowding(chain))
    assert board.placement() == {0: 1, 1: 0}


def test_a_swap_that_would_take_somebody_where_they_are_not_is_refused() -> None:
    grid = grid_of(participants=[{"id": "a"}, {"id": "b"}, {"id": "c", "unavailable_slots": [1]}])
    board = Board(grid, {0: 0, 1: 1})

    assert board.chain(0, 1) is None


def test_an_exchange_names_who_loses_the_place() -> None:
    grid = grid_of(n_tables=1)
    board = Board(grid, {0: 0})

    exchange = board.exchange(1, 0)

    assert exchange is not None
    assert (exchange.out, exchange.gain) == (0, 0.0)


def test_a_required_meeting_is_not_exchanged() -> None:
    grid = grid_of(
        meetings=[
            {"id": "x", "participants": ["a", "b"], "required": True},
            {"id": "y", "participants": ["a", "c"]},
        ]
    )

    assert Board(grid, {0: 0}).exchange(1, 0) is None
