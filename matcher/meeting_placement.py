"""Which meetings are held, and when: most weight first, then a floor for everybody. Proved by HiGHS where it must be.

Most events can be placed in full, and a few hundred thousand swaps find such a plan in a tenth of a second; then the
sum of all weights is the proof. Where something must stay out, HiGHS proves what is the most.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from matcher.linear_program import PRECISION, Ending, Limits, Outcome, Program, maximise
from matcher.meeting_annealing import Effort, anneal
from matcher.meeting_board import Board
from matcher.meeting_grid import Grid, Placement

FIRST_STEPS, KEEPING_STEPS = 400, 15
"""Swaps for each wish before HiGHS is asked. The seven events of brokerage were placed in full after a hundred; the
large one comes to 99% of its best weight. Fewer where most of a plan stays as it was and people wait for the answer."""


@dataclass(frozen=True)
class Placed:
    """A placement with what is proved about it. bound: no placement is worth more. served_bound: nor can more meetings
    count towards the floor at that weight. placement: None where the rules contradict each other.
    """

    placement: dict[int, int] | None
    bound: float
    served_bound: int

    def is_proved(self, grid: Grid) -> bool:
        """Whether its weight is the most there is."""
        return self.placement is not None and self.bound - grid.weight(self.placement) <= PRECISION


def place_greedily(grid: Grid, start: Placement) -> dict[int, int]:
    """Each meeting at the first position where it fits, required and heavy ones first; `start` is there already."""
    board = Board(grid, start)
    for wish in sorted(range(grid.n_wishes), key=lambda w: (w not in grid.required, -grid.weights[w], w)):
        for position in grid.allowed[wish] if board.position[wish] < 0 else ():
            found = board.exchange(wish, position)
            if found is not None and found.out < 0:
                board.take(found)
                break
    return board.placement()


def place(grid: Grid, limits: Limits, *, start: Placement | None = None) -> Placed:
    """Most weight, then most served, as far as the limits allow. Hard rules are kept, or nothing is placed.

    start: where some meetings are already; greed then fills up around them.
    """
    possible = weight_bound(grid)
    effort = Effort(
        grid.n_wishes * (FIRST_STEPS if start is None else KEEPING_STEPS),
        limits.deadline,
        limits.is_stopped,
        goal=lambda: grid.n_people * grid.n_positions,
    )
    first = anneal(grid, place_greedily(grid, start or {}), effort, seed=limits.seed)
    placed = Placed(first, possible, sum(grid.floor))
    if not keeps_rules(grid, first):
        placed = Placed(None, possible, sum(grid.floor))
    if not placed.is_proved(grid):
        placed = _most_weight(grid, placed, limits)
    return _most_served(grid, placed, limits)


def weight_bound(grid: Grid) -> float:
    """A bound without a solver: no table holds two meetings, nobody has more than the most, nothing counts twice."""
    possible = [w for w, allowed in zip(grid.weights, grid.allowed, strict=True) if allowed]
    by_tables = sum(sorted(possible, reverse=True)[: sum(grid.capacity)])
    own: list[list[float]] = [[] for _ in range(grid.n_people)]
    for wish in range(grid.n_wishes):
        if grid.allowed[wish]:
            for person in grid.people(wish):
                own[person].append(grid.weights[wish])
    by_people = sum(
        sum(sorted(weights, reverse=True)[:most]) for weights, most in zip(own, grid.most, strict=True)
    )
    return min(by_tables, by_people / 2)


def keeps_rules(grid: Grid, placement: Placement) -> bool:
    """Whether all that is required is there and everybody has the least they must have."""
    return grid.required <= placement.keys() and all(
        n >= least for n, least in zip(grid.counts(placement), grid.least, strict=True)
    )


@dataclass
class Columns:
    """A program of a grid: `where` says which wish and position a column stands for."""

    program: Program
    where: dict[int, tuple[int, int]]
    of_person: list[list[int]]

    def placement(self, outcome: Outcome) -> dict[int, int] | None:
        """The placement of a solution, or None."""
        if outcome.columns is None:
            return None
        return dict(self.where[column] for column in outcome.columns if column in self.where)

    def start(self, placement: Placement) -> dict[int, int]:
        """A placement as a solution to begin with."""
        return {
            column: 1 for column, (wish, position) in self.where.items() if placement.get(wish) == position
        }


def make_columns(grid: Grid, *, weigh: bool) -> Columns:
    """All rules of a grid but what is required. weigh: the objective is the weight placed, else nothing yet."""
    program, where = Program(), {}
    of_person: list[list[int]] = [[] for _ in range(grid.n_people)]
    uses: dict[tuple[int, int], list[int]] = {}
    loads: list[list[int]] = [[] for _ in range(grid.n_positions)]
    for wish in range(grid.n_wishes):
        worth = grid.weights[wish] if weigh else 0.0
        own = {program.add_column(worth): position for position in grid.allowed[wish]}
        for column, position in own.items():
            where[column] = (wish, position)
            loads[position].append(column)
            for resource in grid.resources[wish]:
                uses.setdefault((resource, position), []).append(column)
        for person in grid.people(wish):
            of_person[person] += own
        program.add_row(_ones(own), lower=1 if wish in grid.required else None, upper=1)
    _add_places(program, grid, loads, uses)
    _add_people(program, grid, of_person, uses)
    return Columns(program, where, of_person)


def _add_places(
    program: Program, grid: Grid, loads: list[list[int]], uses: Mapping[tuple[int, int], list[int]]
) -> None:
    """Nobody and no bound table twice at a position, and no more meetings than tables."""
    for columns in uses.values():
        if len(columns) > 1:
            program.add_row(_ones(columns), upper=1)
    for columns, room in zip(loads, grid.capacity, strict=True):
        if len(columns) > room:
            program.add_row(_ones(columns), upper=room)


def _ones(columns: Iterable[int]) -> Iterator[tuple[int, float]]:
    return ((column, 1.0) for column in columns)


def _add_people(
    program: Program,
    grid: Grid,
    of_person: list[list[int]],
    uses: Mapping[tuple[int, int], list[int]],
) -> None:
    """Most and least meetings of everybody, and the time between two of them."""
    for person, columns in enumerate(of_person):
        most, least = grid.most[person], grid.least[person]
        if columns or least:
            program.add_row(_ones(columns), lower=least or None, upper=most)
        for position, near in enumerate(grid.clashes[person]):
            for other in range(position + 1, grid.n_positions):
                if near >> other & 1:
                    pair = uses.get((person, position), []) + uses.get((person, other), [])
                    program.add_row(_ones(pair), upper=1)


def _most_weight(grid: Grid, placed: Placed, limits: Limits) -> Placed:
    columns = make_columns(grid, weigh=True)
    start = None if placed.placement is None else columns.start(placed.placement)
    outcome = maximise(columns.program, limits, start=start)
    found = columns.placement(outcome)
    if outcome.ending is Ending.INFEASIBLE and placed.placement is None:
        return replace(placed, placement=None)
    best = _better(grid, placed.placement, found)
    bound = placed.bound if outcome.bound is None else min(placed.bound, outcome.bound)
    bound = max(bound, 0.0 if best is None else grid.weight(best))
    if best is not None and bound - grid.weight(best) <= PRECISION:
        bound = grid.weight(best)
    return replace(placed, placement=best, bound=bound)


def _better(grid: Grid, one: dict[int, int] | None, other: dict[int, int] | None) -> dict[int, int] | None:
    if one is None or other is None:
        return other if one is None else one
    return other if grid.weight(other) > grid.weight(one) else one


def _most_served(grid: Grid, placed: Placed, limits: Limits) -> Placed:
    """The same weight with as many meetings as can be that somebody needs to reach the floor."""
    if placed.placement is None or grid.served(placed.placement) == placed.served_bound:
        return placed
    if len(placed.placement) == sum(map(bool, grid.allowed)):
        return replace(placed, served_bound=grid.served(placed.placement))
    if limits.is_stopped() or (limits.deadline is not None and time.monotonic() > limits.deadline):
        return placed
    columns = make_columns(grid, weigh=False)
    program, start = columns.program, columns.start(placed.placement)
    weight = [(column, grid.weights[wish]) for column, (wish, _) in columns.where.items()]
    program.add_row(weight, lower=grid.weight(placed.placement) - PRECISION)
    counts = grid.counts(placed.placement)
    for person, own in enumerate(columns.of_person):
        if own and grid.floor[person]:
            served = program.add_column(1.0, upper=grid.floor[person])
            program.add_row([(served, 1.0), *((column, -1.0) for column in own)], upper=0)
            start[served] = min(counts[person], grid.floor[person])
    outcome = maximise(program, limits, start=start)
    found = columns.placement(outcome)
    bound = placed.served_bound if outcome.bound is None else int(outcome.bound + PRECISION)
    if found is None or grid.served(found) < grid.served(placed.placement):
        found = placed.placement
    return replace(placed, placement=found, served_bound=min(placed.served_bound, bound))
