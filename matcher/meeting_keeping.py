"""Planning again after something changed: what was planned stays where it is, as far as it can.

In this order: as much of the earlier plan as possible is still held (by weight), as few of its meetings as possible are
at another time, and only then the free places are filled with new ones. So the most weight of all is not the goal here:
one meeting more is not worth moving thirty people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from matcher.linear_program import Limits, maximise
from matcher.meeting_board import Board
from matcher.meeting_grid import Grid, Placement
from matcher.meeting_placement import make_columns


@dataclass(frozen=True)
class Kept:
    """What becomes of an earlier plan. grid: the event with everything that stays nailed down. start: the part of the
    earlier plan that is held, with its (old or new) times.
    """

    grid: Grid
    start: dict[int, int]


def keep(grid: Grid, earlier: Placement, limits: Limits) -> Kept:
    """Nail down what can stay of `earlier`, and find other times for as much of the rest as possible."""
    start = _still_possible(grid, earlier)
    if len(start) < len(earlier):
        start = _fewest_moves(grid, earlier, start, limits)
    allowed = list(grid.allowed)
    for wish, position in start.items():
        if earlier[wish] == position:
            allowed[wish] = (position,)
    required = grid.required | start.keys()
    return Kept(replace(grid, allowed=tuple(allowed), required=required), start)


def _still_possible(grid: Grid, earlier: Placement) -> dict[int, int]:
    """The earlier meetings that are all possible together where they were; heavier ones first where some are not."""
    board = Board(grid, {})
    for wish in sorted(earlier, key=lambda each: (each not in grid.required, -grid.weights[each], each)):
        if earlier[wish] in grid.allowed[wish]:
            found = board.exchange(wish, earlier[wish])
            if found is not None and found.out < 0:
                board.take(found)
    return board.placement()


def _fewest_moves(grid: Grid, earlier: Placement, start: dict[int, int], limits: Limits) -> dict[int, int]:
    """Most weight of the earlier meetings, then most of them at their old times."""
    lost = frozenset(range(grid.n_wishes)) - earlier.keys()
    allowed = tuple(() if wish in lost else grid.allowed[wish] for wish in range(grid.n_wishes))
    old = replace(grid, allowed=allowed, required=grid.required & earlier.keys(), least=(0,) * grid.n_people)
    columns = make_columns(old, weigh=False)
    lightest = min((grid.weights[wish] for wish in earlier if grid.weights[wish] > 0), default=1.0)
    for column, (wish, position) in columns.where.items():
        worth = grid.weights[wish] / lightest * (len(earlier) + 1)
        columns.program.objective[column] = worth + (earlier[wish] == position)
    outcome = maximise(columns.program, limits, start=columns.start(start))
    return columns.placement(outcome) or start
