"""Which table each meeting gets: bound tables first, then so that people change tables as seldom as can be.

Position by position an assignment (the Hungarian method) puts as many people as possible where they were before; then
every position is done again, looking both ways, until nothing is gained. That is exact for neighbouring positions and a
good answer for the whole day; the number of changes is said, and no claim that it is the least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np

from matcher.meeting_grid import Grid, Placement

BOUND, KEPT = 1_000_000, 1_000
"""What it is worth to use the bound table, and the one the meeting had in the plan before; staying put is worth 1."""

_MAX_SWEEPS = 20


def assign_tables(
    grid: Grid,
    placement: Placement,
    open_tables: Mapping[int, Iterable[int]],
    *,
    earlier: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Table of each placed meeting. open_tables: of each position. earlier: tables worth keeping."""
    by_position: dict[int, list[int]] = {}
    for wish, position in sorted(placement.items()):
        by_position.setdefault(position, []).append(wish)
    neighbours = _neighbours(grid, placement)
    tables: dict[int, int] = {}
    changes = None
    for _ in range(_MAX_SWEEPS):
        for position, wishes in sorted(by_position.items()):
            worth = {wish: Counter[int | None]() for wish in wishes}
            for wish in wishes:
                worth[wish].update(tables.get(other) for other in neighbours[wish])
                worth[wish][grid.bound_table[wish]] += BOUND
                worth[wish][(earlier or {}).get(wish)] += KEPT
            tables.update(_assign(worth, sorted(open_tables[position])))
        if changes is not None and table_changes(grid, placement, tables) >= changes:
            break
        changes = table_changes(grid, placement, tables)
    return tables


def table_changes(grid: Grid, placement: Placement, tables: Mapping[int, int]) -> int:
    """How often somebody's next meeting is at another table."""
    return sum(tables[one] != tables[other] for one, other in _steps(grid, placement))


def _steps(grid: Grid, placement: Placement) -> Iterable[tuple[int, int]]:
    """Each meeting of a person with the same person's next one."""
    days: list[list[int]] = [[] for _ in range(grid.n_people)]
    for wish in sorted(placement, key=lambda wish: (placement[wish], wish)):
        for person in grid.people(wish):
            days[person].append(wish)
    for day in days:
        yield from pairwise(day)


def _neighbours(grid: Grid, placement: Placement) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {wish: [] for wish in placement}
    for one, other in _steps(grid, placement):
        found[one].append(other)
        found[other].append(one)
    return found


def _assign(worth: Mapping[int, Mapping[int | None, int]], tables: list[int]) -> dict[int, int]:
    """A table for each of these meetings, no two the same, worth the most together."""
    from scipy.optimize import linear_sum_assignment

    wishes = list(worth)
    matrix = np.array([[worth[wish].get(table, 0) for table in tables] for wish in wishes])
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return {wishes[int(row)]: tables[int(column)] for row, column in zip(rows, columns, strict=True)}
